using System.Xml.Linq;
using LeoPS.HelpGenerator.Maml;
using LeoPS.HelpGenerator.Metadata;
using LeoPS.HelpGenerator.Pages;

namespace LeoPS.Units.Help;

public sealed class MamlWriterTests
{
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";
    private static readonly CmdletMetadata Sample = CmdletReader.Read(typeof(SetSampleCommand));
    private static readonly string Text = MamlWriter.Write([(Sample, HelpPage.Parse(SamplePage.Text))]);
    private static readonly XElement Root = XDocument.Parse(Text).Root!.Elements().Single();

    [Fact]
    public void Details_and_description()
    {
        XElement details = Root.Element(Command + "details")!;
        Assert.Equal(["Set-Sample", "Set", "Sample", "Sets a sample."], details.Elements().Select(element => element.Value));
        Assert.Equal(4, Root.Element(Maml + "description")!.Elements(Maml + "para").Count());
    }

    [Fact]
    public void Every_set_has_a_syntax_item_in_its_order()
    {
        var items = Root.Descendants(Command + "syntaxItem").ToList();
        Assert.Equal(2, items.Count);
        Assert.Equal(
            ["Status", "Note", "Id", "Force", "Level", "LockTimeout", "Confirm", "WhatIf"],
            items[1].Elements(Command + "parameter").Select(parameter => parameter.Element(Maml + "name")!.Value));
    }

    [Fact]
    public void Parameters_carry_what_the_cmdlet_and_the_page_say()
    {
        XElement status = Parameter("Status");
        Assert.Equal(("true", "0", "False", "none"), (Attribute(status, "required"), Attribute(status, "position"), Attribute(status, "pipelineInput"), Attribute(status, "aliases")));
        Assert.Equal("Preparing", status.Element(Dev + "defaultValue")!.Value);
        Assert.Equal(
            ["The status to move to.", "A second paragraph.", "Accepted values: Preparing, Ready, Sent, Accepted, Rejected."],
            status.Element(Maml + "description")!.Elements().Select(para => para.Value));
        XElement note = Parameter("Note");
        Assert.Equal(("named", "True (ByPropertyName)", "Text, Memo", "true"), (Attribute(note, "position"), Attribute(note, "pipelineInput"), Attribute(note, "aliases"), Attribute(note, "globbing")));
        Assert.Null(Parameter("Force").Element(Command + "parameterValue"));
    }

    [Fact]
    public void Types_notes_with_errors_examples_and_links()
    {
        Assert.Equal("System.Object", Root.Descendants(Command + "inputType").Single().Element(Dev + "type")!.Element(Maml + "name")!.Value);
        Assert.Equal(3, Root.Descendants(Command + "returnValue").Count());
        Assert.Equal(
            ["A note of its own.", "Errors:", "- NotFound: no visible row has the id.", "- RowLocked: wait, or raise -LockTimeout."],
            Root.Descendants(Maml + "alert").Single().Elements().Select(para => para.Value));
        Assert.Contains("Get-Sample |\n    Set-Sample Ready", Root.Descendants(Dev + "code").First().Value, StringComparison.Ordinal);
        Assert.Equal(
            ["Online Version:", "Get-Sample", "PostgreSQL"],
            Root.Descendants(Maml + "linkText").Select(link => link.Value));
    }

    [Fact]
    public void The_text_is_stable_and_has_unix_line_endings()
    {
        Assert.Equal(Text, MamlWriter.Write([(Sample, HelpPage.Parse(SamplePage.Text.ReplaceLineEndings("\r\n")))]));
        Assert.DoesNotContain('\r', Text);
    }

    private static XElement Parameter(string name) => Root.Element(Command + "parameters")!.Elements().Single(parameter => parameter.Element(Maml + "name")!.Value == name);

    private static string Attribute(XElement element, string name) => element.Attribute(name)!.Value;
}
