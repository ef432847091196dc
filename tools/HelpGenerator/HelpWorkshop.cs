using LeoPS.HelpGenerator.Maml;
using LeoPS.HelpGenerator.Metadata;
using LeoPS.HelpGenerator.Pages;

namespace LeoPS.HelpGenerator;

/// <summary>The pages of a repository, the cmdlets they describe, and the help file made of both.</summary>
public sealed class HelpWorkshop
{
    private readonly IReadOnlyList<CmdletMetadata> _cmdlets;
    private readonly string _moduleName;
    private readonly string _pages;

    /// <summary>Creates a workshop.</summary>
    /// <param name="root">The repository's folder; docs/en-US and module/en-US are under it.</param>
    /// <param name="moduleName">The module's name, which names the help file too.</param>
    /// <param name="cmdlets">The cmdlets as they are built.</param>
    public HelpWorkshop(string root, string moduleName, IReadOnlyList<CmdletMetadata> cmdlets)
    {
        _pages = Path.Combine(root, "docs", "en-US");
        _moduleName = moduleName;
        _cmdlets = cmdlets;
        HelpFile = Path.Combine(root, "module", "en-US", $"{moduleName}.dll-Help.xml");
    }

    /// <summary>The file that Get-Help reads.</summary>
    public string HelpFile { get; }

    /// <summary>Renews the machine-made parts of every page and adds pages for cmdlets that have none. Returns the files it changed.</summary>
    public IReadOnlyList<string> UpdatePages()
    {
        Directory.CreateDirectory(_pages);
        var changed = new List<string>();
        var pages = _cmdlets.ToDictionary(cmdlet => cmdlet.Name, Load);
        foreach (CmdletMetadata cmdlet in _cmdlets)
        {
            MarkdownDocument updated = Updated(cmdlet, pages);
            pages[cmdlet.Name] = updated;
            if (!SameText(PathOf(cmdlet), updated.ToString()))
            {
                File.WriteAllText(PathOf(cmdlet), updated.ToString());
                changed.Add(PathOf(cmdlet));
            }
        }

        return changed;
    }

    /// <summary>Writes the help file. Returns what the pages still lack; the file is written all the same, so that what is there can be read.</summary>
    public IReadOnlyList<string> WriteHelp()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(HelpFile)!);
        string text = Render();
        if (!SameText(HelpFile, text))
        {
            File.WriteAllText(HelpFile, text);
        }

        return PageComplaints();
    }

    /// <summary>Everything that is missing or out of date, one sentence each; empty where the help is in order.</summary>
    public IReadOnlyList<string> Check()
    {
        var complaints = new List<string>(PageComplaints());
        var pages = _cmdlets.ToDictionary(cmdlet => cmdlet.Name, Load);
        complaints.AddRange(_cmdlets
            .Where(cmdlet => File.Exists(PathOf(cmdlet)) && !SameText(PathOf(cmdlet), Updated(cmdlet, pages).ToString()))
            .Select(cmdlet => $"{cmdlet.Name}: SYNTAX or a yaml block is not what the cmdlet says; run the help task of build.ps1."));
        if (!SameText(HelpFile, Render()))
        {
            complaints.Add($"{Path.GetFileName(HelpFile)} is not what the pages say; run the help task of build.ps1.");
        }

        return complaints;
    }

    private List<string> PageComplaints()
    {
        var complaints = new List<string>();
        foreach (CmdletMetadata cmdlet in _cmdlets)
        {
            if (File.Exists(PathOf(cmdlet)))
            {
                complaints.AddRange(PageReview.Complaints(HelpPage.Read(Load(cmdlet)), cmdlet));
            }
            else
            {
                complaints.Add($"{cmdlet.Name}: no page docs/en-US/{cmdlet.Name}.md.");
            }
        }

        if (Directory.Exists(_pages))
        {
            complaints.AddRange(Directory.EnumerateFiles(_pages, "*-*.md")
                .Select(file => Path.GetFileNameWithoutExtension(file))
                .Where(name => _cmdlets.All(cmdlet => cmdlet.Name != name))
                .Order(StringComparer.Ordinal)
                .Select(name => $"{name}: a page, and no cmdlet of this name."));
        }

        return complaints;
    }

    private string Render() => MamlWriter.Write(_cmdlets
        .Where(cmdlet => File.Exists(PathOf(cmdlet)))
        .Select(cmdlet => (cmdlet, HelpPage.Read(Load(cmdlet)))));

    private static MarkdownDocument Updated(CmdletMetadata cmdlet, Dictionary<string, MarkdownDocument> pages) =>
        PageUpdater.Update(pages[cmdlet.Name], cmdlet, parameter => pages
            .Where(page => page.Key != cmdlet.Name)
            .OrderBy(page => page.Key, StringComparer.Ordinal)
            .SelectMany(page => page.Value.ChildrenOf("PARAMETERS"))
            .Where(section => section.Is(3, $"-{parameter.Name}"))
            .Select(PageUpdater.WrittenLines)
            .FirstOrDefault(lines => lines.Count > 0 && lines[0] != PageUpdater.Todo));

    private MarkdownDocument Load(CmdletMetadata cmdlet) => File.Exists(PathOf(cmdlet))
        ? MarkdownDocument.Parse(File.ReadAllText(PathOf(cmdlet)))
        : PageTemplate.Create(cmdlet, _moduleName);

    private string PathOf(CmdletMetadata cmdlet) => Path.Combine(_pages, $"{cmdlet.Name}.md");

    // A checkout may have turned line endings; that is no difference.
    private static bool SameText(string file, string text) =>
        File.Exists(file) && File.ReadAllText(file).TrimStart('\uFEFF').ReplaceLineEndings("\n") == text;
}
