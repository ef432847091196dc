using System.Management.Automation;
using LeoPS.Changes;
using Microsoft.PowerShell.Commands;

namespace LeoPS.Abstractions;

/// <summary>The file that takes rows before they are gone.</summary>
internal static class ExportFile
{
    /// <summary>A new file of the file system; nothing is written yet.</summary>
    /// <param name="session">Knows the current location.</param>
    /// <param name="path">The path as given; wildcards mean themselves.</param>
    /// <param name="noun">What a row is called in messages.</param>
    /// <param name="line">A row as one line, without its end.</param>
    /// <exception cref="LeoException">ExportFailed.</exception>
    public static RowExport<TRow> New<TRow>(SessionState session, string path, string noun, Func<TRow, string> line)
        where TRow : class
    {
        string file = session.Path.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        if (provider.Name != FileSystemProvider.ProviderName)
        {
            throw new LeoException(LeoErrorId.ExportFailed, $"{path} is a place of the provider {provider.Name}, and rows are exported to files. Give a path of the file system.");
        }

        var export = new RowExport<TRow>(file, noun, line);
        export.Check();
        return export;
    }
}
