namespace LeoPS.Ports;

/// <summary>Where rows are written to before they are deleted. One caller at a time.</summary>
public interface IRowExport<in TRow>
    where TRow : class
{
    /// <summary>Writes rows; when it returns, they are on the disk. A failure leaves nothing of them.</summary>
    /// <exception cref="LeoException">ExportFailed.</exception>
    void Write(IEnumerable<TRow> rows);

    /// <summary>What was written so far stays, whatever is taken back later.</summary>
    void Keep();

    /// <summary>Takes away what was written and not kept.</summary>
    void TakeBack();
}
