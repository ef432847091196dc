using LeoPS.Changes;
using LeoPS.Sessions;

namespace LeoPS.Binding;

/// <summary>Names one implementation session, or a strategic directive whose sessions are meant.</summary>
public sealed class SessionIdentity : RowIdentity<ImplementationSession>
{
    internal SessionIdentity(Guid id, RowGuard? guard, ImplementationSession? row, object? source)
        : base(id, guard, row, source)
    {
    }

    internal SessionIdentity(string sd, object? source)
        : base(Guid.Empty, null, null, source) => Sd = sd;

    internal SessionIdentity(LeoException error, object? source)
        : base(error, source)
    {
    }

    /// <summary>What a null of the pipe names.</summary>
    internal static SessionIdentity Nothing => new(LeoErrors.InvalidIdentity(SessionVerdict.Noun, "An empty value"), null);

    /// <summary>The directive's id or key, literally; null for a session.</summary>
    public string? Sd { get; }

    /// <inheritdoc/>
    public override string ToString() => Sd ?? base.ToString();
}
