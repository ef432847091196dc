using LeoPS.Changes;
using LeoPS.Text;

namespace LeoPS.Flows;

/// <summary>One flow that is to be made. Its id is given here, so that a lost answer can be asked for again.</summary>
public sealed record NewFlow : IRowChange<Guid>
{
    /// <summary>The characters that flow_key holds.</summary>
    public const int MaxKeyLength = 100;

    /// <summary>id of the flow.</summary>
    public Guid Id { get; init; } = Guid.NewGuid();

    /// <summary>flow_key.</summary>
    public string FlowKey { get; init; } = "";

    /// <summary>The other columns.</summary>
    public FlowValues Values { get; init; } = new();

    /// <summary>Further columns of the table.</summary>
    public AdditionalColumns AdditionalColumns { get; init; } = AdditionalColumns.None;

    /// <inheritdoc/>
    public object? Source { get; init; }

    /// <summary>There is no row yet.</summary>
    RowGuard? IRowChange.Guard => null;

    /// <summary>Fails where a column cannot hold its value.</summary>
    /// <returns>This flow.</returns>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public NewFlow Check()
    {
        StoredText.Require("-FlowKey", FlowKey, MaxKeyLength);
        _ = Values.Check();
        return this;
    }
}
