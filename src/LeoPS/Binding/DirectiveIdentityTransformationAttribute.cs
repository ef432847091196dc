using LeoPS.Changes;
using LeoPS.Text;

namespace LeoPS.Binding;

/// <summary>Binds strategic directives from whatever names them; see <see cref="DirectiveIdentity"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DirectiveIdentityTransformationAttribute : IdentityTransformationAttribute
{
    private static readonly string[] _referrers = [nameof(HandoffPreparation), nameof(ImplementationSession)];

    /// <summary>True where a handoff or a session stands for its directive; false where it is refused.</summary>
    public bool AcceptsReferrers { get; init; }

    /// <inheritdoc/>
    private protected override object Pack(IEnumerable<object?> inputs) => inputs.Select(One).ToArray();

    private DirectiveIdentity One(object? input) => Bare(input) switch
    {
        StrategicDirective row => new DirectiveIdentity(row.Id, row, row, guard: new RowGuard(row.RowVersion, row.Status, row.UpdatedAt)),
        DirectiveIdentity identity => identity,
        Guid id when id != Guid.Empty => new DirectiveIdentity(id.ToString(), null, input),
        string text when IsName(text.Trim()) => new DirectiveIdentity(text.Trim(), null, input),
        _ => Read(PipedRow.Of(input), input),
    };

    /// <summary>Neither empty nor JSON.</summary>
    private static bool IsName(string text) => text.Length > 0 && !IsJson(text);

    private DirectiveIdentity Read(PipedRow row, object? input)
    {
        if (row.ForeignKind([nameof(StrategicDirective), .. AcceptsReferrers ? _referrers : []]) is { } kind)
        {
            return new DirectiveIdentity(LeoErrors.InvalidDirective(LeoErrors.Capital(LeoErrors.WithArticle(kind))), input);
        }

        // Behind a key an Id says less: it may be of a row that only refers to the directive.
        string? sd = ColumnValue.Text(row[nameof(StrategicDirective.SdId)])
            ?? ColumnValue.Text(row[nameof(StrategicDirective.SdKey)])
            ?? (_referrers.Any(row.StemsFrom) ? null : ColumnValue.Text(row[nameof(StrategicDirective.Id)]));
        if (sd is null)
        {
            return new DirectiveIdentity(LeoErrors.InvalidDirective(row.Description), input);
        }

        RowGuard? guard = GuardOf(row, () => null, nameof(StrategicDirective.UpdatedAt), out LeoException? unreadable);
        PipedRow? columns = row.IsOfType(nameof(StrategicDirective)) ? null : row;
        return new DirectiveIdentity(sd.Trim(), null, input, columns, guard) { GuardError = unreadable };
    }
}
