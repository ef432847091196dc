namespace LeoPS.Schema;

/// <summary>One item of a table as somebody defines it: the contract, or a live database.</summary>
/// <param name="Table">The table it belongs to.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name; for a table the table's own, for a default its column's.</param>
/// <param name="Text">Its definition, as the server prints it.</param>
/// <param name="Ours">True where LeoPS itself added it beside the contract, such as a trigger of the history.</param>
internal sealed record SchemaDefinition(string Table, SchemaItemKind Kind, string Name, string Text, bool Ours = false);
