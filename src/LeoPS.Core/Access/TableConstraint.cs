namespace LeoPS.Access;

/// <summary>A constraint or unique index that refused a row, as the catalog has it.</summary>
/// <param name="Owner">The table, or the domain, with its schema.</param>
/// <param name="Name">The constraint's name.</param>
/// <param name="Columns">Its columns; empty for a domain and for an index of expressions alone.</param>
/// <param name="Definition">The constraint as SQL, such as "UNIQUE (sd_id, status) DEFERRABLE".</param>
public sealed record TableConstraint(string Owner, string Name, IReadOnlyList<string> Columns, string Definition)
{
    private const int Shown = 1500;

    /// <summary>Name, owner, columns and definition for a message: "constraint c of public.t on (a, b): UNIQUE (a, b)".</summary>
    public string Describe()
    {
        string definition = Definition.Length <= Shown ? Definition : $"{Definition[..(Shown - 1)]}…";
        return $"constraint {Name} of {Owner}{(Columns.Count == 0 ? "" : $" on ({string.Join(", ", Columns)})")}: {definition}";
    }
}
