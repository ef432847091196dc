using LeoPS.HelpGenerator.Metadata;

namespace LeoPS.HelpGenerator.Pages;

/// <summary>Makes the machine-made parts of a page say what the cmdlet says: SYNTAX, the yaml blocks, a heading for every parameter.</summary>
public static class PageUpdater
{
    /// <summary>Stands where a person has to write; a page that holds it is not accepted.</summary>
    public const string Todo = "TODO";

    /// <summary>The page with those parts renewed; all that a person wrote stays.</summary>
    /// <param name="page">The page as it is.</param>
    /// <param name="cmdlet">The cmdlet as it is built.</param>
    /// <param name="textOfInherited">The text of a parameter of a base class, from a page that has it; null where none has.</param>
    public static MarkdownDocument Update(MarkdownDocument page, CmdletMetadata cmdlet, Func<ParameterMetadata, IReadOnlyList<string>?> textOfInherited)
    {
        ArgumentNullException.ThrowIfNull(page);
        ArgumentNullException.ThrowIfNull(cmdlet);
        ArgumentNullException.ThrowIfNull(textOfInherited);
        return UpdateParameters(UpdateSyntax(page, cmdlet), cmdlet, textOfInherited);
    }

    /// <summary>The lines that a person wrote under a parameter's heading, without blank ones around them.</summary>
    public static IReadOnlyList<string> WrittenLines(MarkdownSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var kept = new List<string>();
        var fence = new MarkdownFence();
        bool yaml = false;
        foreach (string line in section.Lines)
        {
            fence.Next(line);
            yaml = fence.Inside && (yaml || (fence is { IsFence: true, IsOpen: true, Language: "yaml" }));
            if (!yaml)
            {
                kept.Add(line);
            }

            yaml &= fence.IsOpen;
        }

        int start = kept.FindIndex(line => !string.IsNullOrWhiteSpace(line));
        int end = kept.FindLastIndex(line => !string.IsNullOrWhiteSpace(line));
        return start < 0 ? [] : kept[start..(end + 1)];
    }

    private static MarkdownDocument UpdateSyntax(MarkdownDocument page, CmdletMetadata cmdlet)
    {
        IReadOnlyList<MarkdownSection> syntax = SyntaxText.Sections(cmdlet);
        (int start, int end) = page.RangeOf("SYNTAX");
        if (start < 0)
        {
            (_, start) = page.RangeOf("SYNOPSIS");
            end = start;
        }

        return page.With([.. page.Sections.Take(start), .. syntax, .. page.Sections.Skip(end)]);
    }

    private static MarkdownDocument UpdateParameters(MarkdownDocument page, CmdletMetadata cmdlet, Func<ParameterMetadata, IReadOnlyList<string>?> textOfInherited)
    {
        (int start, int end) = page.RangeOf("PARAMETERS");
        if (start < 0)
        {
            (_, start) = page.RangeOf("EXAMPLES");
            page = page.With([.. page.Sections.Take(start), new MarkdownSection(2, "PARAMETERS", [""]), .. page.Sections.Skip(start)]);
            end = start + 1;
        }

        var sections = page.Sections.Skip(start + 1).Take(end - start - 1).ToList();
        foreach (ParameterMetadata parameter in cmdlet.Parameters)
        {
            string title = $"-{parameter.Name}";
            int index = sections.FindIndex(section => section.Is(3, title));
            if (index < 0)
            {
                IReadOnlyList<string> text = parameter.IsShouldProcess ? [ShouldProcessParameters.Text(parameter.Name)]
                    : parameter.DeclaringType == cmdlet.Type.FullName ? [Todo]
                    : textOfInherited(parameter) ?? [Todo];
                index = PlaceFor(parameter, sections);
                sections.Insert(index, new MarkdownSection(3, title, text));
            }

            string? written = HelpPage.Read(page.With([new MarkdownSection(2, "PARAMETERS", []), sections[index]])).Parameters[0].Default;
            sections[index] = new MarkdownSection(
                3,
                title,
                ["", .. WrittenLines(sections[index]), "", .. YamlBlock.Lines(parameter, cmdlet, written)]);
        }

        return page.With([.. page.Sections.Take(start + 1), .. sections, .. page.Sections.Skip(end)]);
    }

    private static int PlaceFor(ParameterMetadata parameter, List<MarkdownSection> sections)
    {
        int after = sections.FindIndex(section => !HelpPage.IsParameter(section) || ComesAfter(section.Title.TrimStart('-').Trim(), parameter.Name));
        return after < 0 ? sections.Count : after;
    }

    private static bool ComesAfter(string other, string name) =>
        (ShouldProcessParameters.IsOne(other), ShouldProcessParameters.IsOne(name)) switch
        {
            (true, false) => true,
            (false, true) => false,
            _ => string.Compare(other, name, StringComparison.OrdinalIgnoreCase) > 0,
        };
}
