using LeoPS.Reading;

namespace LeoPS.Flows;

/// <summary>Which flows to read, in which order, and how many.</summary>
public sealed record FlowQuery : RowQuery<FlowFilter, FlowOrder>;
