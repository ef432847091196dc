using LeoPS.Reading;

namespace LeoPS.Handoffs;

/// <summary>Which handoffs to read, in which order, and how many.</summary>
public sealed record HandoffQuery : RowQuery<HandoffFilter, HandoffOrder>;
