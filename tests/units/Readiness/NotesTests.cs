using static LeoPS.FindingSeverity;
using static LeoPS.ReadinessElement;

namespace LeoPS.Units.Readiness;

public sealed class NotesTests
{
    private static readonly string Others = $"{GoodHandoff.Resources}\n{GoodHandoff.Actions}\n";

    [Theory]
    [InlineData("Decided: {0}. Used: {1}. Next: {2}.")]
    [InlineData("Decided: {0}; used: {1}; next: {2}")]
    [InlineData("Decisions: {0}\nResources: {1}\nAction items: {2}")]
    [InlineData("DECISION - {0}\r\nUSED - {1}\r\nNEXT STEPS - {2}")]
    [InlineData("## Key decisions\n{0}\n\n## Resource utilization\n{1}\n\n## Action items\n- {2}")]
    [InlineData("## 4. Key Decisions & Rationale\n{0}\n## 6. Resource Utilisation\n{1}\n## 7. Action Items for the receiver\n- [ ] {2}")]
    [InlineData("## Decisions\n### API\n{0}\n## Resources\n### Time\n{1}\n## Next steps\n### PLAN\n{2}")]
    [InlineData("**Decided:** {0}\n**Resources used**: {1}\n**TODO:** {2}")]
    [InlineData("**Critical Decisions Made:**\n\n1. {0}\n\n**Resource Utilization & Context Health:**\n- {1}\n\n**EXEC Action Items**:\n- {2}")]
    [InlineData("### Key Technical Decisions\n- {0}\n## 6. RESOURCE ALLOCATION\n{1}\n## Next Steps for PLAN Agent\n- {2}")]
    [InlineData("## PLAN Key Decisions & Recommendations\n{0}\n## LEAD Phase Resource Utilization\n{1}\n### Next Steps (Post-Acceptance):\n- {2}")]
    [InlineData("## 🎯 Strategic Decisions\n{0}\n## 📊 Resource Utilization Summary\n{1}\n## ✅ Priority Action Items\n- {2}")]
    [InlineData("## Key EXEC Decisions & Rationale\n{0}\n## Resource Usage\n{1}\n## Suggested Next Steps\n- {2}")]
    [InlineData("- Decision: {0}\n- Effort: {1}\n- Follow-up: {2}")]
    [InlineData("* **Decisions made**\n  {0}\n* **Time spent**\n  {1}\n* **Next**\n  {2}")]
    [InlineData("We decided to keep it: {0}. Used 14 hours of EXEC: {1}. Next, PLAN: {2}.")]
    [InlineData("A first line about nothing.\nDecided that {0}\nSpent about 3 days, {1}\nTo do: {2}")]
    public void Decisions_resources_and_actions_are_found(string form)
    {
        string notes = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, "the public API stays", "fourteen hours of EXEC", "verify the acceptance criteria");

        Assert.Empty(Judged.WithNotes(notes).Findings);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \n ")]
    [InlineData("n/a")]
    [InlineData("Decided:\nUsed: TBD\nNext: none")]
    [InlineData("2026-03-01 09:30:00Z Rejected: End-to-end results are missing\n2026-01-10 rejected: 2 unit tests fail")]
    public void Notes_that_say_nothing_block_three_times(string? notes)
    {
        HandoffReadinessReport report = Judged.WithNotes(notes);

        Assert.Equal([KeyDecisions, ResourceUtilization, ActionItems], report.Findings.Select(finding => finding.Element));
        AssertEach.Of(report.Findings, finding => Assert.Equal(Blocking, finding.Severity));
    }

    [Theory]
    [InlineData("")]
    [InlineData("The public API stays as it is.")]
    [InlineData("Nobody decided anything")]
    [InlineData("The decisions: see the board")]
    [InlineData("Undecided: the API")]
    [InlineData("### Decision Matrix\nweights")]
    [InlineData("Decisions of the board were read")]
    [InlineData("## Deployment\nDone by the pipeline")]
    public void Without_a_place_for_it_an_element_is_a_warning(string line) =>
        Assert.Contains("no place for key decisions", Judged.WithNotes(Others + line).Only(KeyDecisions, Warning).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Decided:")]
    [InlineData("Decided: none.")]
    [InlineData("## Decisions\n- N/A\n## Deployment\nDone by the pipeline")]
    [InlineData("Decisions\n# Deployment\nDone by the pipeline")]
    [InlineData("Decided:\n2026-03-01 09:30:00Z Ready: back on the way")]
    public void A_place_where_nothing_is_said_is_a_warning(string lines) =>
        Assert.Contains("says nothing there", Judged.WithNotes(Others + lines).Only(KeyDecisions, Warning).Message, StringComparison.Ordinal);

    [Fact]
    public void One_of_two_places_is_enough() => Assert.Empty(Judged.WithNotes(Others + "Decided: none\nDecisions: the public API stays").Findings);

    [Fact]
    public void What_a_template_left_is_a_warning() => Assert.Equal(
        "post_implementation_notes still has '[describe why]' under key decisions.",
        Judged.WithNotes(Others + "Decided: the public API stays [describe why]").Only(KeyDecisions, Warning).Message);

    [Fact]
    public void A_number_sign_without_a_blank_is_no_heading() => Assert.Empty(Judged.WithNotes(Others + "Decided:\n#123 stays open, the public API as it is").Findings);

    [Fact]
    public void A_todo_at_the_beginning_of_a_line_is_an_action_and_not_what_a_template_left() =>
        Assert.Empty(Judged.WithNotes($"{GoodHandoff.Decisions}\n{GoodHandoff.Resources}\nTODO: verify the acceptance criteria on staging").Findings);
}
