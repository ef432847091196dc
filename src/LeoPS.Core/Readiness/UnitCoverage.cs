namespace LeoPS.Readiness;

/// <summary>The unit coverage as quality_metrics and test_results give it.</summary>
/// <param name="Percent">0 to 100; null where none could be read.</param>
/// <param name="Place">Column and keys, as they were looked for; empty where there is nothing at all.</param>
/// <param name="Trouble">Why the value at the place is none, as the end of a sentence; null where it is one or nothing is there.</param>
internal sealed record UnitCoverage(decimal? Percent, string Place, string? Trouble)
{
    private const int MaxDepth = 4;

    // What says unit comes before what only says coverage, in whichever column.
    private static readonly string[][] _unit =
    [
        ["unitcoverage"], ["unittestcoverage"], ["unittestscoverage"], ["coverageunit"], ["unit", "coverage"], ["unittests", "coverage"], ["unittest", "coverage"],
        ["coverage", "unit"], ["coverage", "unittests"], ["tests", "unit", "coverage"],
    ];

    private static readonly string[][] _any =
        [["coverage"], ["testcoverage"], ["testscoverage"], ["codecoverage"], ["linecoverage"], ["coverageline"], ["coveragelines"], ["tests", "coverage"]];

    // Where coverage is an object. "total" comes last: beside other keys it may be a number of lines.
    private static readonly string[] _inside = ["pct", "percent", "percentage", "lines", "line", "statements", "overall", "value", "total"];

    // What is covered by tests, and not how much code the tests run.
    private static readonly string[] _otherThings =
        [" user story ", " user stories ", " story ", " stories ", " requirement", " acceptance criteri", " scenario", " risk", " target ", " e2e ", " end to end "];

    /// <summary>The first value that is a percentage, of the places in order; where there is none, the first place that has a value.</summary>
    public static UnitCoverage Find(JsonEvidence metrics, JsonEvidence tests)
    {
        UnitCoverage? failed = null;
        (string Column, Member[] Members)[] columns =
            [.. new[] { metrics, tests }.Where(column => column.Map is not null).Select(column => (column.Column, MembersOf(column.Map!)))];
        foreach (string[] path in _unit.Concat(_any))
        {
            foreach ((string column, Member[] members) in columns)
            {
                if (At(members, path, column) is { } found)
                {
                    if (found.Trouble is null)
                    {
                        return found;
                    }

                    failed ??= found;
                }
            }
        }

        return failed ?? new UnitCoverage(null, "", null);
    }

    private static UnitCoverage? At(Member[] members, ReadOnlySpan<string> path, string place)
    {
        if (Find(members, path[0]) is not { } member)
        {
            return null;
        }

        string here = $"{place}.{member.Name}";
        return path.Length == 1
            ? Read(member.Value, here, 0)
            : member.Value is JsonMap inner ? At(MembersOf(inner), path[1..], here) : null;
    }

    /// <returns>Null where the value is the coverage of something else than code.</returns>
    private static UnitCoverage? Read(object? value, string place, int depth)
    {
        if (value is string text && IsOfSomethingElse(text))
        {
            return null;
        }

        if (value is not JsonMap map)
        {
            string? trouble = Percentage.Read(value, out decimal percent);
            return new UnitCoverage(trouble is null ? percent : null, place, trouble);
        }

        UnitCoverage? failed = null;
        Member[] members = MembersOf(map);
        foreach (string key in depth < MaxDepth ? _inside : [])
        {
            if (key == "total" && Share(map) is { } share)
            {
                return new UnitCoverage(share, place, null);
            }

            if (Find(members, key) is { } member && Read(member.Value, $"{place}.{member.Name}", depth + 1) is { } found)
            {
                if (found.Trouble is null)
                {
                    return found;
                }

                failed ??= found;
            }
        }

        return failed ?? new UnitCoverage(null, place, "is an object without a percentage");
    }

    /// <summary>"100% user story coverage", "6/6 user stories (100%)".</summary>
    private static bool IsOfSomethingElse(string text)
    {
        string words = $" {Prose.Words(text)} ";
        return Array.Exists(_otherThings, thing => words.Contains(thing, StringComparison.Ordinal));
    }

    /// <summary>Covered of total, where an object counts lines; null where it does not.</summary>
    private static decimal? Share(JsonMap map) =>
        map["covered"] is long covered && map["total"] is long total && covered >= 0 && total > 0 && covered <= total ? covered * 100m / total : null;

    private static Member[] MembersOf(JsonMap map) => [.. JsonEvidence.Members(map).Select(member => new Member(member.Key, member.Name, member.Value))];

    private static Member? Find(Member[] members, string key) => Array.Find(members, member => member.Key == key);

    private sealed record Member(string Key, string Name, object? Value);
}
