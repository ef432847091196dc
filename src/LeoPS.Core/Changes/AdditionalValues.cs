namespace LeoPS.Changes;

/// <summary>Additional columns of one row that the live table takes.</summary>
/// <param name="Columns">Their names, in the order of the object.</param>
/// <param name="Json">A JSON object with a member per column.</param>
public sealed record AdditionalValues(IReadOnlyList<string> Columns, string Json)
{
    /// <summary>Nothing.</summary>
    public static AdditionalValues None { get; } = new([], "{}");
}
