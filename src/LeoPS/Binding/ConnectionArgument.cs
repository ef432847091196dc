using LeoPS.Composition;

namespace LeoPS.Binding;

/// <summary>What -Connection takes: a LeoConnection or the name of one. Carries what it is not, so that the cmdlet can say so.</summary>
public sealed class ConnectionArgument
{
    private readonly LeoConnection? _connection;
    private readonly string? _name;
    private readonly LeoException? _error;

    private ConnectionArgument(LeoConnection? connection, string? name, LeoException? error)
    {
        _connection = connection;
        _name = name;
        _error = error;
    }

    /// <summary>The connection itself.</summary>
    public static ConnectionArgument Of(LeoConnection connection) => new(connection, null, null);

    /// <summary>Its name.</summary>
    public static ConnectionArgument Named(string name) => new(null, name, null);

    /// <summary>Something else.</summary>
    public static ConnectionArgument Unusable(string what) => new(null, null, new LeoException(
        LeoErrorId.NotConnected,
        $"{what} is not a connection of this process. Hand in the connection itself with $using: (threads), or its name with -Connection <name>; in another process run Connect-LeoDatabase."));

    /// <exception cref="LeoException">NotConnected.</exception>
    internal LeoConnection Resolve()
    {
        if (_error is not null)
        {
            throw _error;
        }

        return _connection ?? ConnectionRegistry.Find(_name!) ?? throw new LeoException(
            LeoErrorId.NotConnected, $"No connection of this process is named '{Redaction.Redact(_name!)}'. Get-LeoConnection lists them.");
    }
}
