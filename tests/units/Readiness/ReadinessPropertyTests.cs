using LeoPS.Readiness;

namespace LeoPS.Units.Readiness;

public sealed class ReadinessPropertyTests
{
    /// <summary>Per part, what it may hold, from worse to better; the last is good.</summary>
    private static readonly Action<HandoffPreparation>[][] Parts =
    [
        [.. new[] { "", "TBD", "Search works.", "Search across directives and retrospectives", GoodHandoff.Summary + " [describe risks]", GoodHandoff.Summary }
            .Select(text => (Action<HandoffPreparation>)(handoff => handoff.ImplementationSummary = text))],
        [.. new[] { null, "null", "[]", "{}", """{"unit": "green"}""", """{"total": 0}""", """{"total": 9, "failed": 3}""", GoodHandoff.Tests }
            .Select(json => (Action<HandoffPreparation>)(handoff => handoff.RawTestResults = json))],
        [.. new[] { null, "null", "85", "{}", """{"coverage": null}""", """{"coverage": "good"}""", """{"coverage": 79.9}""", GoodHandoff.Metrics }
            .Select(json => (Action<HandoffPreparation>)(handoff => handoff.RawQualityMetrics = json))],
        [.. new string?[]?[] { null, [], ["none"], ["a", "[ ] b"], ["a", "b", "c", "d", "[ ] e"], GoodHandoff.Manifest }
            .Select(entries => (Action<HandoffPreparation>)(handoff => handoff.DeliverablesManifest = entries is null ? null : new TextArray(entries)))],
        [.. new string?[]?[] { null, [], ["n/a"], ["Undo stops [describe where]"], GoodHandoff.Issues }
            .Select(entries => (Action<HandoffPreparation>)(handoff => handoff.KnownIssues = entries is null ? null : new TextArray(entries)))],
        Lines("", "Decided:", "Decided: TBD", "Decided: the API stays, TBD", GoodHandoff.Decisions),
        Lines("", "Used: n/a", "Used: [insert hours] of EXEC", GoodHandoff.Resources),
        Lines("", "Next", "Next: see {{link}} for more", GoodHandoff.Actions),
    ];

    [Property]
    public bool Making_one_part_better_never_lowers_the_score_nor_worsens_the_verdict(int[] choices, int part, int before, int after)
    {
        int[] chosen = [.. Parts.Select((variants, i) => i < choices.Length ? Within(choices[i], variants.Length) : variants.Length - 1)];
        int changed = Within(part, Parts.Length);
        int[] two = [Within(before, Parts[changed].Length), Within(after, Parts[changed].Length)];
        chosen[changed] = two.Min();
        HandoffReadinessReport worse = Judge(chosen);
        chosen[changed] = two.Max();
        HandoffReadinessReport better = Judge(chosen);
        return better.Score >= worse.Score && better.Verdict <= worse.Verdict;
    }

    [Property]
    public bool Verdict_and_score_follow_from_the_findings(int[] choices)
    {
        HandoffReadinessReport report = Judge([.. Parts.Select((variants, i) => i < choices.Length ? Within(choices[i], variants.Length) : variants.Length - 1)]);
        return report.Score is >= 0 and <= 100
            && report.Score == 100 == (report.Findings.Count == 0)
            && report.Verdict == ReadinessVerdict.Pass == (report.Findings.Count == 0)
            && report.Verdict == ReadinessVerdict.Blocked == report.Findings.Any(finding => finding.Severity == FindingSeverity.Blocking);
    }

    [Property]
    public bool Whatever_the_columns_hold_it_is_judged(string? summary, string? metrics, string? tests, string?[]? manifest, string?[]? issues, string? notes, string? title)
    {
        HandoffReadinessReport report = Judged.With(handoff =>
        {
            (handoff.ImplementationSummary, handoff.PostImplementationNotes, handoff.SdTitle) = (summary ?? "", notes, title);
            (handoff.RawQualityMetrics, handoff.RawTestResults) = (metrics, tests);
            (handoff.DeliverablesManifest, handoff.KnownIssues) = (manifest is null ? null : new TextArray(manifest), issues is null ? null : new TextArray(issues));
        });
        return report.Findings.All(finding => finding.Message.Length > 0 && !finding.Message.Contains('\n', StringComparison.Ordinal));
    }

    [Fact]
    public void Json_as_deep_as_it_may_be_is_judged_and_deeper_is_found()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"unit\":", JsonValue.MaxDepth - 1)) + "{}" + new string('}', JsonValue.MaxDepth - 1);

        Assert.Contains("no test counts", Judged.With(handoff => handoff.RawTestResults = deep).Findings[0].Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Judged.With(handoff => handoff.RawTestResults = $"{{\"unit\":{deep}}}").Findings[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_judged_without_a_handoff_or_rules()
    {
        Assert.Throws<ArgumentNullException>(() => HandoffReadiness.Judge(null!, new ReadinessRules()));
        Assert.Throws<ArgumentNullException>(() => HandoffReadiness.Judge(GoodHandoff.Make(), null!));
    }

    private static Action<HandoffPreparation>[] Lines(params string[] lines) =>
        [.. lines.Select(line => (Action<HandoffPreparation>)(handoff => handoff.PostImplementationNotes += line + "\n"))];

    private static HandoffReadinessReport Judge(int[] chosen) => Judged.With(handoff =>
    {
        handoff.PostImplementationNotes = null;
        for (int i = 0; i < chosen.Length; i++)
        {
            Parts[i][chosen[i]](handoff);
        }
    });

    private static int Within(int number, int count) => (int)((uint)number % (uint)count);
}
