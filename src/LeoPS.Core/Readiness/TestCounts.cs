using System.Globalization;
using System.Text.RegularExpressions;

namespace LeoPS.Readiness;

/// <summary>How many tests ran and failed, as test_results says.</summary>
/// <param name="Total">Tests that ran or were skipped.</param>
/// <param name="Failed">Tests that failed.</param>
internal readonly partial record struct TestCounts(decimal Total, decimal Failed)
{
    private const string Share = @"(?<passed>[0-9]{1,9})\s{0,3}(/|of)\s{0,3}(?<total>[0-9]{1,9})";

    private static readonly HashSet<string> _total = new(StringComparer.Ordinal)
        { "total", "tests", "count", "testcount", "totaltests", "teststotal", "numtotaltests", "totalcount" };

    private static readonly HashSet<string> _passed = new(StringComparer.Ordinal)
        { "passed", "pass", "passing", "passes", "passedtests", "testspassed", "numpassedtests", "succeeded", "success" };

    private static readonly HashSet<string> _failed = new(StringComparer.Ordinal)
        { "failed", "fail", "failing", "failures", "fails", "failedtests", "testsfailed", "numfailedtests" };

    private static readonly HashSet<string> _skipped = new(StringComparer.Ordinal)
        { "skipped", "skip", "skips", "pending", "ignored", "disabled", "skippedtests", "testsskipped", "numpendingtests" };

    /// <summary>
    /// The counts of an object that has a total, passed or failed count, and otherwise the sum over the objects and lists in it;
    /// null where there is none. An object's own counts stand for what is in it, so that nothing counts twice.
    /// </summary>
    public static TestCounts? Find(object? value) => value switch
    {
        JsonMap map => OfOne(map) ?? Sum(JsonEvidence.Members(map)
            .Where(member => !member.Key.Contains("coverage", StringComparison.Ordinal))
            .Select(member => Find(member.Value))),
        JsonList list => Sum(list.Select(Find)),
        string text => OfText(text),
        _ => null,
    };

    private static TestCounts? OfOne(JsonMap map)
    {
        if (OfPlaywright(map) is { } report)
        {
            return report;
        }

        decimal? total = null, passed = null, failed = null, skipped = null;
        foreach ((string key, _, object? value) in JsonEvidence.Members(map))
        {
            total ??= _total.Contains(key) ? Count(value) : null;
            passed ??= _passed.Contains(key) ? Count(value) : null;
            failed ??= _failed.Contains(key) ? Count(value) : null;
            skipped ??= _skipped.Contains(key) ? Count(value) : null;
        }

        if (total is null && passed is null && failed is null)
        {
            return null;
        }

        decimal all = total ?? ((passed ?? 0) + (failed ?? 0) + (skipped ?? 0));
        return new TestCounts(all, failed ?? (passed is null ? 0 : Math.Max(0, all - passed.Value - (skipped ?? 0))));
    }

    /// <summary>The stats of a Playwright report; a flaky test passed when it was run again. Null where the object is something else.</summary>
    private static TestCounts? OfPlaywright(JsonMap map) =>
        Count(map["expected"]) is { } expected && Count(map["unexpected"]) is { } unexpected
            ? new TestCounts(expected + unexpected + (Count(map["flaky"]) ?? 0) + (Count(map["skipped"]) ?? 0), unexpected)
            : null;

    private static TestCounts? Sum(IEnumerable<TestCounts?> parts)
    {
        TestCounts? sum = null;
        foreach (TestCounts part in parts.OfType<TestCounts>())
        {
            sum = sum is { } before ? new TestCounts(before.Total + part.Total, before.Failed + part.Failed) : part;
        }

        return sum;
    }

    /// <summary>45/50, "45 of 50 passed", "✅ 45/50 passed (90%)", "90% passing (45/50)", "45 passed, 5 failed".</summary>
    private static TestCounts? OfText(string text)
    {
        if (PassedOfTotal().Match(text) is { Success: true } share)
        {
            decimal all = Number(share.Groups["total"]);
            return new TestCounts(all, Math.Max(0, all - Number(share.Groups["passed"])));
        }

        if (Listed().Match(text) is not { Success: true } list)
        {
            return null;
        }

        decimal total = list.Groups["number"].Captures.Sum(Number);
        return new TestCounts(total, list.Groups["failed"].Captures.Sum(Number));
    }

    private static decimal Number(Capture digits) => decimal.Parse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>A whole number that is not negative; null for anything else. Larger ones than a long are no counts, and a sum of them would not fit.</summary>
    private static decimal? Count(object? value) => value switch
    {
        long number when number >= 0 => number,
        decimal number when number >= 0 && number <= long.MaxValue && decimal.Truncate(number) == number => number,
        double number when number >= 0 && number <= 1e15 && Math.Truncate(number) == number => (decimal)number,
        string text when long.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long number) => number,
        _ => null,
    };

    /// <summary>
    /// Passed of total, alone or with a share in brackets behind it; with more behind it only where a word says that tests passed, so that
    /// "8/8 defined" and "6/6 user stories" are no counts.
    /// </summary>
    [GeneratedRegex(
        @"^[^\p{L}\p{N}]{0,9}("
        + Share + @"(\s{1,3}([\p{L}\p{N}-]{1,20}\s{1,3}){0,2}tests?)?(\s{1,3}(passed|passing|pass)\b.{0,2000}|\s{0,3}(\([0-9.,\s]{1,9}%\s?\))?[\s.!]{0,9})"
        + @"|[0-9.,]{1,9}\s?%\s{1,3}(passed|passing|pass)\s{0,3}\(" + Share + @"\).{0,2000})$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline,
        -1)]
    private static partial Regex PassedOfTotal();

    /// <summary>"304 files, 4 failed | 3618 passed | 1 skipped".</summary>
    [GeneratedRegex(
        @"^[^\p{L}\p{N}]{0,9}([0-9]{1,9}\s{1,3}files?\b[\s,|]{0,5})?(((?<number>(?<failed>[0-9]{1,9}))\s{1,3}(tests?\s{1,3})?(failed|failing)"
        + @"|(?<number>[0-9]{1,9})\s{1,3}(tests?\s{1,3})?(passed|passing|skipped))\b[\s,|;/.]{0,5}){1,4}(\([^()]{0,60}\))?\s{0,9}$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        -1)]
    private static partial Regex Listed();
}
