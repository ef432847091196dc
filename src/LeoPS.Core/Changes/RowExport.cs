using System.Text;
using LeoPS.Ports;

namespace LeoPS.Changes;

/// <summary>
/// Rows as lines of JSON in a new file. The file is made with the first line; one that is there is never written to, and one in which
/// nothing stays is taken away.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="noun">What a row is called in messages.</param>
/// <param name="line">A row as one line, without its end.</param>
public sealed class RowExport<TRow>(string path, string noun, Func<TRow, string> line) : IRowExport<TRow>, IDisposable
    where TRow : class
{
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly object _lock = new();
    private FileStream? _file;
    private long _kept;
    private bool _closed;

    /// <summary>Fails where the file cannot be a new one; writes nothing.</summary>
    /// <exception cref="LeoException">ExportFailed.</exception>
    public void Check()
    {
        if (File.Exists(path) || Directory.Exists(path))
        {
            throw Failed("it is there already, and nothing is written over. Choose another name, or move it away");
        }

        if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            throw Failed("its folder does not exist. Make it first");
        }
    }

    /// <inheritdoc/>
    public void Write(IEnumerable<TRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        string lines = string.Concat(rows.Select(row => line(row) + '\n'));
        lock (_lock)
        {
            if (lines.Length > 0)
            {
                Append(lines);
            }
        }
    }

    /// <inheritdoc/>
    public void Keep()
    {
        lock (_lock)
        {
            _kept = _file?.Length ?? 0;
        }
    }

    /// <inheritdoc/>
    public void TakeBack()
    {
        lock (_lock)
        {
            try
            {
                if (_file is { } file && file.Length > _kept)
                {
                    file.SetLength(_kept);
                    file.Seek(_kept, SeekOrigin.Begin);
                    file.Flush(flushToDisk: true);
                }
            }
            catch (IOException)
            {
                // A line too many is no loss, and what brought us here is what has to be told.
            }
        }
    }

    /// <summary>Closes the file. Whoever writes afterwards fails, and so deletes nothing.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            if (_file is { } file)
            {
                _file = null;
                bool empty = file.Length == 0;
                file.Dispose();
                if (empty)
                {
                    File.Delete(path);
                }
            }
        }
    }

    private void Append(string lines)
    {
        try
        {
            if (_closed)
            {
                throw Failed("the call was stopped");
            }

            _file ??= new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
            _file.Write(_utf8.GetBytes(lines));
            _file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // Half a line must not stay.
            TakeBack();
            throw Failed(e.Message.TrimEnd('.'));
        }
    }

    private LeoException Failed(string why) => new(
        LeoErrorId.ExportFailed, $"The export file {path} cannot be written: {why}. {LeoErrors.Capital(LeoErrors.WithArticle(noun))} is only deleted once its line is on the disk, so those of this batch were not.");
}
