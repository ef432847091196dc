using System.Management.Automation;
using LeoPS.Executions;

namespace LeoPS.Errors;

/// <summary>What an error record says of a run's failure.</summary>
internal static class RecordedError
{
    private const string Deserialized = "Deserialized.";

    /// <summary>Message, type of the exception, and the stack: the script's position, the script's stack, then .NET's where it is not only the engine's own.</summary>
    /// <param name="record">The record; null where only the texts are given.</param>
    /// <param name="message">What to say instead of the record's message; null for that.</param>
    /// <param name="type">The same for the type.</param>
    /// <param name="stack">The same for the stack.</param>
    /// <returns>Null where nothing is given.</returns>
    public static RunError? Of(ErrorRecord? record, string? message, string? type, string? stack)
    {
        if (record is null)
        {
            return RunError.Of(message, type, stack);
        }

        Exception cause = Cause(record.Exception);
        return RunError.Of(message ?? record.ToString(), type ?? TypeOf(cause), stack ?? Stack(record, cause));
    }

    /// <summary>What the engine wraps, as catch blocks by type see it: a FormatException and not the MethodInvocationException around it.</summary>
    private static Exception Cause(Exception exception)
    {
        while (exception is RuntimeException { InnerException: { } inner })
        {
            exception = inner;
        }

        return exception;
    }

    /// <summary>The type of the exception; of one from a job or another session the type that it had there.</summary>
    private static string TypeOf(Exception cause)
    {
        PSObject? serialized = (cause as RemoteException)?.SerializedRemoteException;
        while (serialized?.Properties["InnerException"]?.Value is PSObject inner && serialized.TypeNames.Contains(Deserialized + typeof(RuntimeException).FullName) && NameOf(inner) is not null)
        {
            serialized = inner;
        }

        return (serialized is null ? null : NameOf(serialized)) ?? cause.GetType().FullName!;
    }

    private static string? NameOf(PSObject serialized) =>
        serialized.TypeNames.FirstOrDefault() is { } name && name.StartsWith(Deserialized, StringComparison.Ordinal) ? name[Deserialized.Length..] : null;

    private static string? Stack(ErrorRecord record, Exception cause)
    {
        string?[] parts = [record.InvocationInfo?.PositionMessage, record.ScriptStackTrace, cause is RuntimeException ? null : cause.StackTrace];
        string text = string.Join('\n', parts.Where(p => !string.IsNullOrWhiteSpace(p)));
        return text.Length == 0 ? null : text;
    }
}
