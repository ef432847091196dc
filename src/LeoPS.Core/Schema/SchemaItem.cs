namespace LeoPS.Schema;

/// <summary>One item of the contract beside what the database has.</summary>
/// <param name="Table">The table it belongs to.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name in the contract.</param>
/// <param name="Expected">Its definition in the contract; null for an extra one.</param>
/// <param name="Actual">Its definition in the database; null where it is missing.</param>
/// <param name="State">How the two compare.</param>
public sealed record SchemaItem(string Table, SchemaItemKind Kind, string Name, string? Expected, string? Actual, SchemaItemState State);
