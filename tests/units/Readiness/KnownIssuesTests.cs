using static LeoPS.FindingSeverity;
using static LeoPS.ReadinessElement;

namespace LeoPS.Units.Readiness;

public sealed class KnownIssuesTests
{
    [Fact]
    public void A_column_that_nobody_filled_in_blocks() =>
        Assert.Equal("known_issues is not filled in.", Judged.With(handoff => handoff.KnownIssues = null).Only(KnownIssues, Blocking).Message);

    [Fact]
    public void An_empty_list_is_a_warning()
    {
        Assert.Equal("known_issues is empty.", Judge().Only(KnownIssues, Warning).Message);
        Assert.Equal("known_issues is empty.", Judge(null, "", "  ").Only(KnownIssues, Warning).Message);
    }

    [Fact]
    public void Stock_phrases_are_a_warning() =>
        Assert.Equal("known_issues says only 'No issues identified'.", Judge(null, "No issues identified", "n/a").Only(KnownIssues, Warning).Message);

    [Fact]
    public void What_a_template_left_is_a_warning() =>
        Assert.Equal("known_issues still has '[describe impact]' in it.", Judge("Undo stops at the last publication [describe impact]").Only(KnownIssues, Warning).Message);

    [Fact]
    public void One_issue_is_enough_whatever_stands_beside_it() => Assert.Empty(Judge("none", "Undo stops at the last publication", null).Findings);

    private static HandoffReadinessReport Judge(params string?[] issues) => Judged.With(handoff => handoff.KnownIssues = new TextArray(issues));
}
