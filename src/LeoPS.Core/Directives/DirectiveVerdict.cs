using LeoPS.Changes;

namespace LeoPS.Directives;

/// <summary>Why a strategic directive was not made, decided from what a later look shows; or, before anything is written, what would come of it.</summary>
public static class DirectiveVerdict
{
    /// <summary>What a directive is called in messages.</summary>
    public const string Noun = "strategic directive";

    /// <summary>What stands in the way; null where nothing can be seen that does.</summary>
    /// <param name="directive">What was to be made.</param>
    /// <param name="holders">The directives that have its id or its key, as id or as key.</param>
    public static LeoException? Obstacle(NewDirective directive, IReadOnlyList<StrategicDirective> holders) =>
        Find(holders, h => h.SdKey == directive.SdKey, $"key {LeoErrors.Short(directive.SdKey)} is taken by", "Choose another key.")
        ?? Find(holders, h => h.Id == directive.Id, $"id {directive.Id} is taken by", "Give another one with -Id.")
        // Whoever says a name means an id before a key: a second directive of the name would hide the first, or be hidden by it.
        ?? Find(holders, h => h.Id == directive.SdKey, $"key {directive.SdKey} is the id of", "Whoever says it means that one: choose another key.")
        ?? Find(holders, h => h.SdKey == directive.Id, $"id {directive.Id} is the key of", "Whoever says it would mean the new one then: give another id with -Id.");

    /// <summary>Decides about an edit that wrote nothing.</summary>
    /// <param name="edit">What was to be written.</param>
    /// <param name="seen">The directive as a new snapshot shows it; null where it is not visible.</param>
    /// <param name="held">True where the row was passed over because another transaction holds it.</param>
    /// <param name="role">The role in force, for messages.</param>
    /// <param name="waited">The lock timeout, for messages.</param>
    public static LeoException OfEdit(RowEdit<string> edit, StrategicDirective? seen, bool held, string role, TimeSpan waited) =>
        Preview(edit, seen, role) ?? (held ? LeoErrors.RowLocked(Noun, Label(seen!), waited) : LeoErrors.Forbidden(Noun, Label(seen!), role));

    /// <summary>Decides, before anything is written, what stands in the way of an edit; null where nothing can be seen that does.</summary>
    public static LeoException? Preview(RowEdit<string> edit, StrategicDirective? seen, string role)
    {
        ArgumentNullException.ThrowIfNull(edit);
        return seen is null ? LeoErrors.NotFound(Noun, edit.Id, role)
            : edit.Guard is not { } guard || guard.Holds(seen.RowVersion, seen.Status, seen.UpdatedAt) ? null
            : LeoErrors.EditConflict(Noun, Label(seen), seen.UpdatedAt);
    }

    private static LeoException? Find(IReadOnlyList<StrategicDirective> holders, Func<StrategicDirective, bool> isIt, string what, string advice) =>
        holders.FirstOrDefault(isIt) is { } holder
            ? new LeoException(LeoErrorId.ValueOutOfRange, $"The {what} strategic directive {Label(holder)}, '{LeoErrors.Short(holder.Title ?? "")}', {holder.Status ?? "without a status"}. {advice}")
            : null;

    /// <summary>How messages name a directive.</summary>
    public static string Label(StrategicDirective row) => row.SdKey is null || row.SdKey == row.Id ? row.Id : $"{row.SdKey} ({row.Id})";
}
