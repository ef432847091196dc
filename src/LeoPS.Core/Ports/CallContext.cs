namespace LeoPS.Ports;

/// <summary>What every statement of one cmdlet call carries along.</summary>
/// <param name="Caller">The cmdlet's name, shown to DBAs in application_name.</param>
/// <param name="LockTimeout">How long to wait for a row that another transaction holds.</param>
/// <param name="CommandTimeout">How long one statement may take; null means the connection's own, zero means for ever.</param>
/// <param name="Log">Receives one line per statement: shape, rows, milliseconds. Called from worker threads; null is silence.</param>
public sealed record CallContext(string Caller, TimeSpan LockTimeout, TimeSpan? CommandTimeout, Action<string>? Log)
{
    /// <summary>What is used where the user says nothing.</summary>
    public static readonly TimeSpan DefaultLockTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Why the call changes what it changes, for the history; null where nothing was said.</summary>
    public string? Reason { get; init; }

    /// <summary>The identity of the call: what is looked up once per call is kept by it. A copy made by "with" belongs to the same call.</summary>
    internal object Call { get; private init; } = new();

    /// <summary>The context of a program that calls the library directly.</summary>
    public static CallContext For(string caller) => new(caller, DefaultLockTimeout, null, null);

    /// <summary>A context with the same settings for another call, which looks up for itself what a call looks up once, such as a table's columns.</summary>
    public CallContext ForAnotherCall() => this with { Call = new object() };
}
