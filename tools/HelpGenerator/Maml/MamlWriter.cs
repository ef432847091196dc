using System.Text;
using System.Xml;
using System.Xml.Linq;
using LeoPS.HelpGenerator.Metadata;
using LeoPS.HelpGenerator.Pages;

namespace LeoPS.HelpGenerator.Maml;

/// <summary>Writes pages in the form that Get-Help reads.</summary>
public static class MamlWriter
{
    private static readonly XNamespace Msh = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>The whole help file, with \n, the same for the same pages.</summary>
    public static string Write(IEnumerable<(CmdletMetadata Cmdlet, HelpPage Page)> commands)
    {
        ArgumentNullException.ThrowIfNull(commands);
        var root = new XElement(Msh + "helpItems", new XAttribute("schema", "maml"), commands.Select(item => CommandOf(item.Cmdlet, item.Page)));
        var settings = new XmlWriterSettings { Indent = true, NewLineChars = "\n", Encoding = new UTF8Encoding(false) };
        using var stream = new MemoryStream();
        using (var writer = XmlWriter.Create(stream, settings))
        {
            new XDocument(root).Save(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static XElement CommandOf(CmdletMetadata cmdlet, HelpPage page) => new(
        Command + "command",
        new XAttribute(XNamespace.Xmlns + "maml", Maml),
        new XAttribute(XNamespace.Xmlns + "command", Command),
        new XAttribute(XNamespace.Xmlns + "dev", Dev),
        new XElement(
            Command + "details",
            new XElement(Command + "name", cmdlet.Name),
            new XElement(Command + "verb", cmdlet.Verb),
            new XElement(Command + "noun", cmdlet.Noun),
            Described(page.Synopsis)),
        Described(page.Description),
        new XElement(Command + "syntax", cmdlet.Sets.Select(set => SyntaxItem(cmdlet, page, set))),
        new XElement(Command + "parameters", cmdlet.Parameters.Select(parameter => ParameterOf(parameter, page, FirstUse(cmdlet, parameter), inSyntax: false))),
        new XElement(Command + "inputTypes", page.Inputs.Select(type => TypeOf("inputType", type))),
        new XElement(Command + "returnValues", page.Outputs.Select(type => TypeOf("returnValue", type))),
        Alerts(page),
        new XElement(Command + "examples", page.Examples.Select(ExampleOf)),
        new XElement(Command + "relatedLinks", Links(page)));

    private static XElement SyntaxItem(CmdletMetadata cmdlet, HelpPage page, string set) => new(
        Command + "syntaxItem",
        new XElement(Maml + "name", cmdlet.Name),
        cmdlet.ParametersOf(set).Select(parameter => ParameterOf(parameter, page, parameter.UseIn(set)!, inSyntax: true)));

    // Get-Help shows one use under PARAMETERS; the default set's is the one people meet first.
    private static ParameterUse FirstUse(CmdletMetadata cmdlet, ParameterMetadata parameter) =>
        cmdlet.Sets.Select(parameter.UseIn).OfType<ParameterUse>().First();

    private static XElement ParameterOf(ParameterMetadata parameter, HelpPage page, ParameterUse use, bool inSyntax)
    {
        HelpParameter? written = page.Parameter(parameter.Name);
        bool showsValue = !parameter.IsSwitch;
        return new XElement(
            Command + "parameter",
            new XAttribute("required", Lower(use.Mandatory)),
            new XAttribute("variableLength", Lower(parameter.Type.IsArray)),
            new XAttribute("globbing", Lower(parameter.Wildcards)),
            new XAttribute("pipelineInput", use.PipelineInput),
            new XAttribute("position", use.Position?.ToString() ?? "named"),
            new XAttribute("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)),
            new XElement(Maml + "name", parameter.Name),
            Described(inSyntax ? [] : TextOf(parameter, written)),
            showsValue
                ? new XElement(
                    Command + "parameterValue",
                    new XAttribute("required", "true"),
                    new XAttribute("variableLength", Lower(parameter.Type.IsArray)),
                    parameter.TypeName)
                : null,
            new XElement(Dev + "type", new XElement(Maml + "name", parameter.TypeName), new XElement(Maml + "uri")),
            new XElement(Dev + "defaultValue", written?.Default ?? YamlBlock.StandardDefault(parameter)));
    }

    private static IReadOnlyList<MarkdownBlock> TextOf(ParameterMetadata parameter, HelpParameter? written)
    {
        IReadOnlyList<MarkdownBlock> text = written?.Text ?? [];
        return parameter.AcceptedValues.Count == 0
            ? text
            : [.. text, new MarkdownBlock($"Accepted values: {string.Join(", ", parameter.AcceptedValues)}.")];
    }

    private static XElement TypeOf(string element, HelpType type) => new(
        Command + element,
        new XElement(Dev + "type", new XElement(Maml + "name", type.Name), new XElement(Maml + "uri")),
        Described(type.Text));

    private static XElement? Alerts(HelpPage page)
    {
        IEnumerable<MarkdownBlock> errors = page.Errors.Count == 0 ? [] : page.Errors.Prepend(new MarkdownBlock("Errors:"));
        var blocks = page.Notes.Concat(errors).ToList();
        return blocks.Count == 0 ? null : new XElement(Maml + "alertSet", new XElement(Maml + "alert", Paragraphs(blocks)));
    }

    private static XElement ExampleOf(HelpExample example) => new(
        Command + "example",
        new XElement(Maml + "title", $"---------- {example.Title} ----------"),
        new XElement(Dev + "code", example.Code),
        // The empty paragraph keeps the next example's title off this one's last line.
        new XElement(Dev + "remarks", Paragraphs(example.Remarks), new XElement(Maml + "para")));

    private static IEnumerable<XElement> Links(HelpPage page)
    {
        IEnumerable<HelpLink> online = page.OnlineVersion.Length == 0 ? [] : [new HelpLink("Online Version:", page.OnlineVersion)];
        return online.Concat(page.Links).Select(link => new XElement(
            Maml + "navigationLink",
            new XElement(Maml + "linkText", link.Text),
            new XElement(Maml + "uri", link.Address)));
    }

    private static XElement Described(IEnumerable<MarkdownBlock> blocks) => new(Maml + "description", Paragraphs(blocks));

    private static IEnumerable<XElement> Paragraphs(IEnumerable<MarkdownBlock> blocks) =>
        blocks.Select(block => new XElement(Maml + "para", block.Text));

    private static string Lower(bool value) => value ? "true" : "false";
}
