using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Binding;
using LeoPS.Composition;
using LeoPS.Json;
using LeoPS.Ports;

namespace LeoPS.Commands;

/// <summary>Connect-LeoDatabase: opens a connection and makes it the runspace's default.</summary>
[Cmdlet(VerbsCommunications.Connect, "LeoDatabase", DefaultParameterSetName = UriSet)]
[OutputType(typeof(LeoConnection))]
public sealed class ConnectLeoDatabaseCommand : LeoCmdlet
{
    private const string UriSet = "Uri";
    private const string StringSet = "ConnectionString";
    private const string PartsSet = "Parameters";
    private const string ProfileSet = "Profile";

    /// <summary>A postgresql:// URL. Without any parameter the environment is read.</summary>
    [Parameter(Position = 0, ParameterSetName = UriSet)]
    public string? Uri { get; set; }

    /// <summary>A connection string, Npgsql's or libpq's.</summary>
    [Parameter(Mandatory = true, ParameterSetName = StringSet)]
    public string ConnectionString { get; set; } = "";

    /// <summary>The server.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PartsSet)]
    public string HostName { get; set; } = "";

    /// <summary>TCP port.</summary>
    [Parameter(ParameterSetName = PartsSet)]
    [ValidateRange(1, 65535)]
    [WholeNumberTransformation]
    public int Port { get; set; } = 5432;

    /// <summary>Database; the user's name without it.</summary>
    [Parameter(ParameterSetName = PartsSet)]
    [ValidateNotNullOrEmpty]
    public string? Database { get; set; }

    /// <summary>A profile of the user's file of them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ProfileSet)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProfileNameCompleter))]
    public string Profile { get; set; } = "";

    /// <summary>User name and password; they count more than those of a URL, a profile or the environment.</summary>
    [Parameter]
    [Credential]
    [NoSecretTransformation]
    public PSCredential? Credential { get; set; }

    /// <summary>The name of a secret: the password, a credential, or a whole URL.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SecretName { get; set; }

    /// <summary>The vault of the secret; the default one without it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Vault { get; set; }

    /// <summary>The name of the connection in this process. One that has it already is closed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The role to assume inside each transaction; the login role without it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Role { get; set; }

    /// <summary>The user on whose behalf each transaction runs.</summary>
    [Parameter]
    [ValidateNotNull]
    [NoSecretTransformation]
    public Guid? UserId { get; set; }

    /// <summary>The claims of that user's token: a hashtable, an object, or JSON text.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? Claims { get; set; }

    /// <summary>libpq's sslmode.</summary>
    [Parameter]
    [ValidateSet("disable", "allow", "prefer", "require", "verify-ca", "verify-full")]
    [NoSecretTransformation]
    public string? SslMode { get; set; }

    /// <summary>File of the certificate authority to trust.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RootCertificate { get; set; }

    /// <summary>Whether the server end is shared per session or per transaction.</summary>
    [Parameter]
    [NoSecretTransformation]
    public PoolerMode? PoolerMode { get; set; }

    /// <summary>How long a statement may take; for ever without it.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan? CommandTimeout { get; set; }

    /// <summary>No statement may write.</summary>
    [Parameter]
    public SwitchParameter ReadOnly { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        ConnectionSettings settings = Guard(Complete);
        Guard(() => WriteNotes(settings));
        ILeoDatabase database = Await(token => StorageLoader.Storage.ConnectAsync(settings, token), Redaction.Redact(settings.Host));
        LeoConnection connection = ConnectionRegistry.Add(Name, settings, database, explicitly: true);
        WriteVerbose($"connected to {connection.HostName}:{connection.Port}, database {connection.Database}, user {connection.UserName}, role {connection.Role}, server {connection.ServerVersion}");
        if (connection.UserId is not null && settings.Role is null && database.Server.BypassesRowSecurity)
        {
            WriteWarning($"Row level security does not bind role {connection.Role}, so everything can be read and changed, whoever the user is. -Role authenticated limits it to what that user may.");
        }

        WriteObject(connection);
    }

    private ConnectionSettings Complete()
    {
        ConnectionSettings settings = Read();
        SessionClaims? claims = SessionClaims.Of(new JsonArgument("-Claims", Claims).For(null), UserId, Role ?? settings.Role);
        return settings with
        {
            Role = claims?.Role,
            Claims = claims,
            SslMode = SslMode ?? settings.SslMode,
            RootCertificate = RootCertificate is null ? settings.RootCertificate : GetUnresolvedProviderPathFromPSPath(RootCertificate),
            PoolerMode = PoolerMode ?? settings.PoolerMode,
            CommandTimeout = CommandTimeout ?? settings.CommandTimeout,
            ReadOnly = ReadOnly || settings.ReadOnly,
        };
    }

    /// <summary>Where to connect to, and as whom.</summary>
    /// <exception cref="LeoException">ConnectionFailed.</exception>
    private ConnectionSettings Read()
    {
        if (Name is not null && Redaction.Redact(Name) != Name)
        {
            throw new LeoException(LeoErrorId.ConnectionFailed, "The text for -Name holds a password, and a connection's name is shown everywhere. A whole URL goes to -Uri.");
        }

        // Most likely a variable that is not set, and the environment may name another database than the one that was meant.
        if (IsBound(nameof(Uri)) && string.IsNullOrWhiteSpace(Uri))
        {
            throw new LeoException(LeoErrorId.ConnectionFailed, "-Uri is empty. Check the variable that it comes from; without -Uri the environment is read, which may name another database.");
        }

        if (Credential is not null && SecretName is not null)
        {
            throw new LeoException(LeoErrorId.ConnectionFailed, "-Credential and -SecretName are two places for one password. Give one of them.");
        }

        var environment = ConnectionEnvironment.OfProcess();
        ProfileSettings? profile = ParameterSetName == ProfileSet ? environment.ReadProfile(Profile) : null;
        string? secretName = SecretName ?? (Credential is null ? profile?.SecretName : null);
        CallerSecret? secret = secretName is null ? null : CallerSecret.Fetch(this, secretName, Vault ?? (SecretName is null ? profile?.Vault : null));
        if (secret is not null && ParameterSetName == UriSet && Uri is null && ConnectionUrl.IsUrl(secret.Text))
        {
            return environment.Parse(secret.Text, "-SecretName");
        }

        ConnectionSettings settings = profile?.Settings ?? Place(environment);
        return settings with
        {
            UserName = Credential?.UserName ?? secret?.UserName ?? settings.UserName,
            Password = Credential?.GetNetworkCredential().Password ?? secret?.Text ?? settings.Password,
        };
    }

    private ConnectionSettings Place(ConnectionEnvironment environment) => ParameterSetName switch
    {
        StringSet => environment.Parse(ConnectionString, "-ConnectionString"),
        PartsSet => environment.Complete(new ConnectionSettings
        {
            Host = HostName,
            Port = Port,
            Database = Database,
            UserName = Credential?.UserName,
            Password = Credential?.GetNetworkCredential().Password,
        }),
        _ when Uri is not null => environment.Parse(Uri, "-Uri"),
        _ => environment.Find() ?? throw new LeoException(
            LeoErrorId.ConnectionFailed,
            "There is nothing to connect to: give a URL, or set LEOPS_DATABASE_URL, DATABASE_URL or PGHOST. Start-LeoSandbox makes a private server."),
    };
}
