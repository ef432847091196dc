namespace LeoPS.Changes;

/// <summary>A column that has a parameter of its own in the cmdlet that edits its table.</summary>
/// <param name="Parameter">The parameter, such as "-Phase".</param>
/// <param name="Names">
/// The column under each name that an installation may give it. An edit writes those that the live table has, and fails where it has none.
/// </param>
public sealed record WritableColumn(string Parameter, params string[] Names)
{
    /// <summary>The parameter without its dash, for questions.</summary>
    public override string ToString() => Parameter.TrimStart('-');
}
