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
    /// <exception cref="LeoException">InvalidIdentity for a directive's name that is none; ValueOutOfRange without an implementation type.</exception>
    public NewSession Check()
    {
        if (string.IsNullOrWhiteSpace(Sd) || !StoredText.IsStorable(Sd))
        {
            throw LeoErrors.InvalidDirective(string.IsNullOrWhiteSpace(Sd) ? "An empty SD id or key" : "A text with a NUL or half of a character");
        }

        return ImplementationType is not null ? this : throw new LeoException(
            LeoErrorId.ValueOutOfRange,
            $"It is not said what the session for {LeoErrors.Short(Sd)} implements. Give -ImplementationType, or a column of that name: {StatusNames<ImplementationType>.List}.");
    }

    /// <summary>The directive's id or key as somebody typed it, with its backticks resolved.</summary>
    /// <exception cref="LeoException">InvalidIdentity for a pattern.</exception>
    public static string Single(string typed) => Wildcard.IsPattern(typed)
        ? throw new LeoException(
            LeoErrorId.InvalidIdentity, $"'{LeoErrors.Short(typed)}' is a pattern, and one strategic directive is meant. Pipe those that match: Get-StrategicDirective '{LeoErrors.Short(typed)}' | New-ImplementationSession.")
        : Wildcard.Unescape(typed);
}
