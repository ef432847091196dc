using LeoPS.Changes;
using LeoPS.Flows;

namespace LeoPS.Abstractions;

/// <summary>A cmdlet that makes or edits flows.</summary>
public abstract class FlowChangeCmdlet<TChange> : BulkChangeCmdlet<TChange, Flow>
    where TChange : class, IRowChange
{
    /// <inheritdoc/>
    private protected override string Noun => "flow";

    /// <inheritdoc/>
    private protected override Flow? LookUp(Guid id) => Find(new FlowFilter { Ids = [id] });

    /// <summary>The flow of a key as it is now; null where it is not visible.</summary>
    private protected Flow? LookUp(string key) => Find(new FlowFilter { OrKeys = [key] });

    /// <inheritdoc/>
    private protected override string Describe(Flow row) => $"flow {FlowVerdict.Label(row)}";

    private Flow? Find(FlowFilter filter) => ReadOne(token => Database.Flows.ReadAsync(new FlowQuery { Filter = filter }, Context, token));
}
