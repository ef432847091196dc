using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Units.Handoffs;

namespace LeoPS.Units.Changes;

public sealed class RowExportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("leops-export-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "rows.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Lines_are_there_when_writing_returns_and_can_be_read_back()
    {
        using var export = Export(Path);
        export.Check();
        Assert.False(File.Exists(Path));
        export.Write([]);
        Assert.False(File.Exists(Path));
        export.Write([SampleHandoff.Full(), SampleHandoff.Bare()]);

        string[] lines = Read().Split('\n');
        Assert.Equal([HandoffJson.Line(SampleHandoff.Full()), HandoffJson.Line(SampleHandoff.Bare()), ""], lines);
        Assert.Equal(SampleHandoff.Full().Id, HandoffLine.Parse(lines[0]).Id);
        Assert.NotEqual(0xEF, File.ReadAllBytes(Path)[0]);
    }

    [Fact]
    public void What_was_kept_stays_and_the_rest_can_be_taken_back()
    {
        using (var export = Export(Path))
        {
            export.TakeBack();
            export.Write([SampleHandoff.Bare()]);
            export.Keep();
            string kept = Read();
            export.Write([SampleHandoff.Full(), SampleHandoff.Full()]);
            export.TakeBack();
            Assert.Equal(kept, Read());
            export.Write([SampleHandoff.Full()]);
            export.Keep();
            export.TakeBack();
        }

        Assert.Equal(2, File.ReadAllLines(Path).Length);
    }

    [Fact]
    public void A_file_in_which_nothing_stays_is_taken_away()
    {
        using (var export = Export(Path))
        {
            export.Write([SampleHandoff.Bare()]);
            export.TakeBack();
        }

        Assert.False(File.Exists(Path));
    }

    [Fact]
    public void What_is_there_is_never_written_to()
    {
        File.WriteAllText(Path, "mine");
        using var export = Export(Path);
        Refused(export.Check, "is there already");
        // It may have come after the check.
        Refused(() => export.Write([SampleHandoff.Bare()]), "");
        using var folder = Export(_folder);
        Refused(folder.Check, "is there already");

        Assert.Equal("mine", File.ReadAllText(Path));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_told_before_anything_is_done()
    {
        using var export = Export(System.IO.Path.Combine(_folder, "none", "rows.jsonl"));
        Refused(export.Check, "folder does not exist");
    }

    [Fact]
    public void Once_closed_nothing_is_written()
    {
        var export = Export(Path);
        export.Write([SampleHandoff.Bare()]);
        export.Dispose();
        export.Dispose();
        Refused(() => export.Write([SampleHandoff.Bare()]), "stopped");
        Assert.Single(File.ReadAllLines(Path));
    }

    private static RowExport<HandoffPreparation> Export(string path) => new(path, "handoff", HandoffJson.Line);

    private string Read()
    {
        using var reader = new StreamReader(new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    private static void Refused(Action write, string says)
    {
        LeoException error = Assert.Throws<LeoException>(write);
        Assert.Equal(LeoErrorId.ExportFailed, error.ErrorId);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }
}
