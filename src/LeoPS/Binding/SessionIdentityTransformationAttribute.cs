using LeoPS.Changes;
using LeoPS.Sessions;
using LeoPS.Text;

namespace LeoPS.Binding;

/// <summary>Binds implementation sessions, and directives for their sessions, from whatever names them; see <see cref="SessionIdentity"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SessionIdentityTransformationAttribute : IdentityTransformationAttribute
{
    /// <inheritdoc/>
    private protected override object Pack(IEnumerable<object?> inputs) => inputs.Select(One).ToArray();

    private static SessionIdentity One(object? input) => Bare(input) switch
    {
        StrategicDirective directive => new SessionIdentity(directive.Id, directive),
        ImplementationSession row => new SessionIdentity(row.Id, RowGuard.Of(row), row, row),
        SessionIdentity identity => identity,
        Guid id when id != Guid.Empty => new SessionIdentity(id, null, null, input),
        _ => TryRead(PipedRow.Of(input), input),
    };

    private static SessionIdentity TryRead(PipedRow row, object? input)
    {
        try
        {
            return Read(row, input);
        }
        catch (LeoException unreadable)
        {
            return new SessionIdentity(unreadable, input);
        }
    }

    /// <exception cref="LeoException">InvalidIdentity where the SessionId is no GUID.</exception>
    private static SessionIdentity Read(PipedRow row, object? input)
    {
        if (row.ForeignKind(nameof(StrategicDirective), nameof(ImplementationSession)) is { } kind)
        {
            return Refuse(LeoErrors.Capital(LeoErrors.WithArticle(kind)), input);
        }

        string? sdId = ColumnValue.Text(row[nameof(ImplementationSession.SdId)]);
        string? sd = sdId ?? ColumnValue.Text(row[nameof(ImplementationSession.SdKey)]);
        if (row.StemsFrom(nameof(StrategicDirective)))
        {
            sd ??= ColumnValue.Text(row[nameof(StrategicDirective.Id)]);
            return sd is null ? Refuse(row.Description, input) : new SessionIdentity(sd.Trim(), input);
        }

        // The id of a directive may be any text; one that is not its directive's is a session's, and no GUID.
        if (row.HasUnreadableId && sdId is not null && ColumnValue.Text(row[nameof(ImplementationSession.Id)])?.Trim() != sdId.Trim())
        {
            return Refuse(row.Description, input);
        }

        Guid? sessionId = IdOf(row, nameof(ImplementationSession.SessionId));
        if (sessionId is not null && row.Id is not null && sessionId != row.Id)
        {
            return Refuse("A row whose Id is not its SessionId, as in a row of a handoff,", input);
        }

        // A row that has an id of its own beside its directive's is a session, whatever it went through.
        if ((sessionId ?? (row.Id is { } own && own.ToString() != sdId?.Trim().ToLowerInvariant() ? own : null)) is { } id)
        {
            RowGuard? guard = GuardOf<SessionStatus>(
                row, nameof(ImplementationSession.Status), nameof(ImplementationSession.UpdatedAt), out LeoException? unreadable);
            return new SessionIdentity(id, guard, null, input) { GuardError = unreadable };
        }

        return row.StemsFrom(nameof(ImplementationSession)) || sd is null ? Refuse(row.Description, input) : new SessionIdentity(sd.Trim(), input);
    }

    private static SessionIdentity Refuse(string what, object? input) => new(LeoErrors.InvalidIdentity(SessionVerdict.Noun, what), input);
}
