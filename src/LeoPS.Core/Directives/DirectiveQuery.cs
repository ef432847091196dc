using LeoPS.Reading;

namespace LeoPS.Directives;

/// <summary>Which strategic directives to read, in which order, and how many.</summary>
public sealed record DirectiveQuery : RowQuery<DirectiveFilter, DirectiveOrder>;
