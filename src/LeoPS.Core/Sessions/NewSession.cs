using LeoPS.Changes;
using LeoPS.Statuses;
using LeoPS.Text;

namespace LeoPS.Sessions;

/// <summary>One implementation session that is to be made.</summary>
public sealed record NewSession
{
    /// <summary>id. Given here, so that a lost answer can be asked for again.</summary>
    public Guid Id { get; init; } = Guid.NewGuid();

    /// <summary>The strategic directive, by its id or its key, literally.</summary>
    public string Sd { get; init; } = "";

    /// <summary>implementation_type; null where nobody gave it, which <see cref="Check"/> refuses.</summary>
    public ImplementationType? ImplementationType { get; init; }

    /// <summary>status.</summary>
    public SessionStatus Status { get; init; }

    /// <summary>Further columns of the table.</summary>
    public AdditionalColumns AdditionalColumns { get; init; } = AdditionalColumns.None;

    /// <summary>What the user gave.</summary>
    public object? Source { get; init; }

    /// <summary>True for a session that is over from the beginning, as of one that is entered afterwards: it gets completed_at.</summary>
    public bool IsOver => Status is SessionStatus.Completed or SessionStatus.Failed or SessionStatus.Cancelled;

    /// <summary>The columns that are written, beside the times; for sd_id the statement puts in the id that <see cref="Sd"/> means.</summary>
    public IReadOnlyList<NewColumn> Columns =>
    [
        new("id", Id.ToString(), IsDefault: false),
        new("sd_id", "", IsDefault: false),
        new("status", StatusNames<SessionStatus>.ToColumn(Status), IsDefault: false),
        new("implementation_type", ImplementationType is { } type ? StatusNames<ImplementationType>.ToColumn(type) : "", IsDefault: false),
    ];

    /// <summary>Fails where the session cannot be made whatever the database holds.</summary>
    /// <returns>This session.</returns>
    /// <exception cref="LeoException">InvalidIdentity for an empty directive's name; ReferenceNotFound for one that no column holds; ValueOutOfRange without an implementation type.</exception>
    public NewSession Check()
    {
        if (string.IsNullOrWhiteSpace(Sd))
        {
            throw LeoErrors.InvalidDirective("An empty SD id or key");
        }

        if (!StoredText.IsStorable(Sd))
        {
            throw LeoErrors.NoSuchName(LeoErrorId.ReferenceNotFound, "strategic directive", Sd);
        }

        return ImplementationType is not null ? this : throw new LeoException(
            LeoErrorId.ValueOutOfRange,
            $"It is not said what the session for {LeoErrors.Short(Sd)} implements. Give -ImplementationType, or a column of that name: {StatusNames<ImplementationType>.List}.");
    }

    /// <summary>The directive's id or key as it was typed, with its backticks resolved.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="cmdlet">The cmdlet to pipe several directives to, for the message.</param>
    /// <exception cref="LeoException">InvalidIdentity for a pattern.</exception>
    public static string Single(string typed, string cmdlet = "New-ImplementationSession") => Wildcard.IsPattern(typed)
        ? throw LeoErrors.PatternForOne(
            "strategic directive", typed, $"Pipe those that match: Get-StrategicDirective '{LeoErrors.Short(typed)}' | {cmdlet}.")
        : Wildcard.Unescape(typed);
}
