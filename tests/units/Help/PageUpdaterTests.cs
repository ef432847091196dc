using LeoPS.HelpGenerator.Metadata;
using LeoPS.HelpGenerator.Pages;

namespace LeoPS.Units.Help;

public sealed class PageUpdaterTests
{
    private static readonly CmdletMetadata Sample = CmdletReader.Read(typeof(SetSampleCommand));
    private static readonly MarkdownDocument Updated = Update(MarkdownDocument.Parse(SamplePage.Text));

    [Fact]
    public void Syntax_is_the_cmdlets_own()
    {
        string text = Updated.ToString();
        Assert.DoesNotContain("Set-Sample -Gone", text, StringComparison.Ordinal);
        Assert.Contains(
            """
            ## SYNTAX

            ### InputObject (Default)
            ```
            Set-Sample [-Status] <HandoffStatus> -InputObject <Object[]> [-Force] [-Level <String>]
             [-LockTimeout <TimeSpan>] [-Note <String>] [-Confirm] [-WhatIf] [<CommonParameters>]
            ```

            ### Id
            ```
            Set-Sample [-Status] <HandoffStatus> [[-Note] <String>] -Id <Guid[]> [-Force] [-Level <String>]
             [-LockTimeout <TimeSpan>] [-Confirm] [-WhatIf] [<CommonParameters>]
            ```

            ## DESCRIPTION
            """,
            text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void One_unnamed_set_has_no_heading() =>
        Assert.Contains(
            "## SYNTAX\n\n```\nGet-Sample [[-Name] <String[]>] [-LockTimeout <TimeSpan>] [<CommonParameters>]\n```\n",
            PageUpdater.Update(PageTemplate.Create(Get, "LeoPS"), Get, _ => null).ToString(),
            StringComparison.Ordinal);

    [Fact]
    public void Yaml_is_renewed_and_keeps_the_default_value() =>
        Assert.Contains(
            """
            ### -Status

            The status to move to.

            A second paragraph.

            ```yaml
            Type: HandoffStatus
            Parameter Sets: (All)
            Aliases:
            Accepted values: Preparing, Ready, Sent, Accepted, Rejected

            Required: True
            Position: 0
            Default value: Preparing
            Accept pipeline input: False
            Accept wildcard characters: False
            ```

            """,
            Updated.ToString(),
            StringComparison.Ordinal);

    [Fact]
    public void Uses_that_differ_by_set_get_a_block_each()
    {
        string text = Updated.ToString();
        Assert.Contains("-Note 'kept code'\n```\n\n```yaml\nType: String\nParameter Sets: InputObject\nAliases: Text, Memo\n\nRequired: False\nPosition: Named\n", text, StringComparison.Ordinal);
        Assert.Contains("```yaml\nType: String\nParameter Sets: Id\nAliases: Text, Memo\n\nRequired: False\nPosition: 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_parameters_are_added_in_place()
    {
        HelpPage page = HelpPage.Read(Updated);
        Assert.Equal(["Force", "Id", "InputObject", "Level", "LockTimeout", "Status", "Note", "Confirm", "WhatIf"], page.Parameters.Select(parameter => parameter.Name));
        Assert.Equal("TODO", page.Parameter("Force")!.Text[0].Text);
        Assert.Equal("Inherited text.", page.Parameter("LockTimeout")!.Text[0].Text);
        Assert.StartsWith("Shows what would happen", page.Parameter("WhatIf")!.Text[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_update_changes_nothing() => Assert.Equal(Updated.ToString(), Update(Updated).ToString());

    [Fact]
    public void A_page_without_the_sections_gets_them()
    {
        HelpPage page = HelpPage.Read(Update(MarkdownDocument.Parse("# Set-Sample\n\n## SYNOPSIS\n\nSets.\n\n## NOTES\n\nKept.")));
        Assert.Equal(9, page.Parameters.Count);
        Assert.Equal("Kept.", page.Notes[0].Text);
        Assert.Contains("Set-Sample [-Status]", page.Document.ToString(), StringComparison.Ordinal);
        Assert.Equal(page.Document.ToString(), Update(page.Document).ToString());
    }

    [Fact]
    public void A_new_page_names_its_types_and_is_not_accepted_yet()
    {
        HelpPage page = HelpPage.Read(Update(PageTemplate.Create(Sample, "LeoPS")));
        Assert.Equal(["System.Object"], page.Inputs.Select(type => type.Name));
        Assert.Equal(Sample.OutputTypes, page.Outputs.Select(type => type.Name));
        Assert.Equal(["Set-Sample: the page holds a TODO."], PageReview.Complaints(page, Sample));
    }

    [Fact]
    public void A_finished_page_is_accepted()
    {
        string text = Updated.ToString().Replace("TODO", "Written.", StringComparison.Ordinal);
        Assert.Empty(PageReview.Complaints(HelpPage.Parse(text), Sample));
    }

    [Theory]
    [InlineData("# Set-Sample", "# Set-Other", "the heading is 'Set-Other'")]
    [InlineData("Sets a sample.", "", "SYNOPSIS has no text")]
    [InlineData("### Example 2: Move one", "And so on.", "EXAMPLES has 1 examples")]
    [InlineData("### -Status", "### -State", "-Status has no text")]
    [InlineData("### -Status", "### -State", "-State is described, and the cmdlet has no such parameter")]
    [InlineData("### -Status", "### -Force", "-Force is described twice")]
    [InlineData("### System.Object", "Anything.", "INPUTS has no heading")]
    [InlineData("### System.String", "", "OUTPUTS does not name System.String")]
    [InlineData("The status to move to.", "TODO", "the page holds a TODO")]
    public void What_a_page_lacks_is_told(string old, string now, string complaint)
    {
        string text = Updated.ToString().Replace("TODO", "Written.", StringComparison.Ordinal);
        Assert.Contains(old, text, StringComparison.Ordinal);
        IReadOnlyList<string> complaints = PageReview.Complaints(HelpPage.Parse(text.Replace(old, now, StringComparison.Ordinal)), Sample);
        Assert.Contains(complaints, told => told.Contains(complaint, StringComparison.Ordinal));
    }

    private static CmdletMetadata Get => CmdletReader.Read(typeof(GetSampleCommand));

    private static MarkdownDocument Update(MarkdownDocument page) =>
        PageUpdater.Update(page, Sample, parameter => parameter.Name == "LockTimeout" ? ["Inherited text."] : null);
}
