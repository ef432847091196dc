using LeoPS.HelpGenerator;
using LeoPS.HelpGenerator.Metadata;

namespace LeoPS.Units.Help;

public sealed class HelpWorkshopTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("leops help ").FullName;

    private HelpWorkshop Workshop => new(_root, "LeoPS", [CmdletReader.Read(typeof(GetSampleCommand)), CmdletReader.Read(typeof(SetSampleCommand))]);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_missing_page_and_a_missing_help_file_are_told() =>
        Assert.Equal(
            [
                "Get-Sample: no page docs/en-US/Get-Sample.md.",
                "Set-Sample: no page docs/en-US/Set-Sample.md.",
                "LeoPS.dll-Help.xml is not what the pages say; run the help task of build.ps1.",
            ],
            Workshop.Check());

    [Fact]
    public void New_pages_are_to_be_written_first()
    {
        Assert.Equal(2, Workshop.UpdatePages().Count);
        Assert.Empty(Workshop.UpdatePages());
        Assert.Equal(["Get-Sample: the page holds a TODO.", "Set-Sample: the page holds a TODO."], Workshop.WriteHelp());
    }

    [Fact]
    public void Written_pages_pass_until_they_change()
    {
        Write();
        Assert.Empty(Workshop.Check());

        Replace("Set-Sample", "Required: True", "Required: False");
        Assert.Equal(["Set-Sample: SYNTAX or a yaml block is not what the cmdlet says; run the help task of build.ps1."], Workshop.Check());

        Workshop.UpdatePages();
        Replace("Set-Sample", "Written.", "Rewritten.");
        Assert.Equal(["LeoPS.dll-Help.xml is not what the pages say; run the help task of build.ps1."], Workshop.Check());

        Workshop.WriteHelp();
        Assert.Empty(Workshop.Check());
    }

    [Fact]
    public void Windows_line_endings_are_no_difference()
    {
        Write();
        foreach (string file in Directory.EnumerateFiles(_root, "*.*", SearchOption.AllDirectories))
        {
            File.WriteAllText(file, File.ReadAllText(file).ReplaceLineEndings("\r\n"));
        }

        Assert.Empty(Workshop.Check());
    }

    [Fact]
    public void A_page_of_no_cmdlet_is_told()
    {
        Write();
        File.WriteAllText(PathOf("Remove-Sample"), "# Remove-Sample");
        Assert.Equal(["Remove-Sample: a page, and no cmdlet of this name."], Workshop.Check());
    }

    [Fact]
    public void The_text_of_an_inherited_parameter_is_taken_from_another_page()
    {
        Write();
        Replace("Set-Sample", "### -LockTimeout", "### -Obsolete");
        Replace("Get-Sample", "### -LockTimeout\n\nWritten.", "### -LockTimeout\n\nHow long to wait.");
        Workshop.UpdatePages();
        Assert.Contains("### -LockTimeout\n\nHow long to wait.\n\n```yaml", File.ReadAllText(PathOf("Set-Sample")), StringComparison.Ordinal);
    }

    private void Write()
    {
        Workshop.UpdatePages();
        Replace("Get-Sample", "TODO", "Written.");
        Replace("Set-Sample", "TODO", "Written.");
        Workshop.WriteHelp();
    }

    private void Replace(string page, string old, string now) =>
        File.WriteAllText(PathOf(page), File.ReadAllText(PathOf(page)).Replace(old, now, StringComparison.Ordinal));

    private string PathOf(string page) => Path.Combine(_root, "docs", "en-US", page + ".md");
}
