namespace LeoPS;

/// <summary>What one source says about a connection: a URL, a connection string, a service, the environment. Null is unsaid.</summary>
internal sealed class ConnectionParts(string source)
{
    private readonly List<string> _unknownKeys = [];

    public string? Host { get; set; }

    public string? HostAddress { get; set; }

    public string? Port { get; set; }

    public string? Database { get; set; }

    public string? UserName { get; set; }

    public string? Password { get; set; }

    public string? PasswordFile { get; set; }

    public string? Service { get; set; }

    public string? SslMode { get; private set; }

    public string? RootCertificate { get; set; }

    public string? Options { get; set; }

    public string? TargetSession { get; private set; }

    public bool? LoadBalance { get; private set; }

    public string? ServiceFile { get; private set; }

    /// <summary>The user that must own a unix socket.</summary>
    public string? RequirePeer { get; private set; }

    public SecuritySettings Security { get; set; } = new();

    public TimeSpan? ConnectTimeout { get; private set; }

    public TimeSpan? CommandTimeout { get; private set; }

    public PoolerMode? PoolerMode { get; private set; }

    public IReadOnlyList<string> UnknownKeys => _unknownKeys;

    /// <summary>Takes one key in libpq's or Npgsql's spelling; an unknown one is remembered by its name. Empty is unsaid, and the last one counts.</summary>
    /// <exception cref="LeoException">ConnectionFailed where a known key has a value it cannot have.</exception>
    public void Set(string key, string value)
    {
        string? given = value.Length == 0 ? null : value;
        switch (Normalize(key))
        {
            case "host" or "server" or "datasource" or "address" or "addr":
                Host = given;
                break;
            case "hostaddr":
                HostAddress = given;
                break;
            case "port":
                Port = given;
                break;
            case "database" or "db" or "dbname" or "initialcatalog":
                Database = given;
                break;
            case "user" or "username" or "userid" or "uid":
                UserName = given;
                break;
            case "password" or "pwd" or "psw":
                Password = given;
                break;
            case "passfile":
                PasswordFile = given;
                break;
            case "service":
                Service = given;
                break;
            case "sslmode":
                SslMode = given is null ? null : ReadSslMode(given);
                break;
            case "ssl":
                SslMode = given is null ? null : ReadFlag(key, given) ? "require" : "disable";
                break;
            case "sslrootcert" or "rootcertificate":
                RootCertificate = given;
                break;
            case "options":
                Options = given;
                break;
            case "targetsessionattrs" or "targetsessionattributes":
                TargetSession = given is null ? null : ReadTargetSession(given);
                break;
            case "connecttimeout" or "connectiontimeout" or "timeout":
                ConnectTimeout = given is null ? null : ReadSeconds(key, given);
                break;
            case "commandtimeout":
                CommandTimeout = given is null ? null : ReadSeconds(key, given);
                break;
            case "pgbouncer":
                PoolerMode = given is null ? null : ReadFlag(key, given) ? LeoPS.PoolerMode.Transaction : LeoPS.PoolerMode.Session;
                break;
            case "loadbalancehosts":
                LoadBalance = given is null ? null : ReadLoadBalance(given);
                break;
            case "servicefile":
                ServiceFile = given;
                break;
            case "requirepeer":
                RequirePeer = given;
                break;
            case "applicationname" or "fallbackapplicationname" or "clientencoding" or "encoding" or "timezone":
                // LeoPS names itself to the server, speaks UTF-8, and works in UTC.
                break;
            case "sslcompression" or "sslsni" or "gsslib" or "gssdelegation" or "maxprotocolversion":
                // LibpqVariable says why.
                break;
            default:
                if (!SetSecurity(key, given))
                {
                    AddUnknown(key);
                }

                break;
        }
    }

    /// <summary>Takes a key about certificates and logging in; false where it is none.</summary>
    private bool SetSecurity(string key, string? given)
    {
        switch (Normalize(key))
        {
            case "sslcert" or "sslcertificate":
                Security = Security with { Certificate = given };
                return true;
            case "sslkey":
                Security = Security with { CertificateKey = given };
                return true;
            case "sslpassword":
                Security = Security with { CertificateKeyPassword = given };
                return true;
            case "sslcertmode":
                Security = Security with { CertificateMode = ReadWord(key, given, "disable", "allow") };
                return true;
            case "sslnegotiation":
                Security = Security with { Negotiation = ReadWord(key, given, "postgres", "direct") };
                return true;
            case "sslminprotocolversion":
                Security = Security with { MinimumTls = ReadWord(key, given, "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3") };
                return true;
            case "sslmaxprotocolversion":
                Security = Security with { MaximumTls = ReadWord(key, given, "TLSv1.2", "TLSv1.3") };
                return true;
            case "channelbinding":
                Security = Security with { ChannelBinding = ReadWord(key, given, "disable", "prefer", "require") };
                return true;
            case "requireauth":
                Security = Security with { RequireAuth = given is null ? null : LoginMethods.Check(given, source) };
                return true;
            case "krbsrvname" or "kerberosservicename":
                Security = Security with { KerberosService = given };
                return true;
            case "gssencmode" or "gssencryptionmode":
                _ = ReadWord(key, given, "disable", "prefer");
                return true;
            case "minprotocolversion":
                _ = ReadWord(key, given, "3.0");
                return true;
            case "sslcrl" or "sslcrldir":
                return given is null
                    ? true
                    : throw ConnectionErrors.Unreadable(source, $"{key} is not supported: LeoPS cannot check revocation lists. Leave it out");
            default:
                return false;
        }
    }

    /// <summary>True where LeoPS knows the key, in any spelling.</summary>
    public static bool Knows(string key)
    {
        var probe = new ConnectionParts("");
        probe.Set(key, "");
        return probe.UnknownKeys.Count == 0;
    }

    /// <summary>Fills what is unsaid here from a source that counts less, key by key as libpq does.</summary>
    public void FillFrom(ConnectionParts other)
    {
        Host ??= other.Host;
        HostAddress ??= other.HostAddress;
        Port ??= other.Port;
        Database ??= other.Database;
        UserName ??= other.UserName;
        Password ??= other.Password;
        PasswordFile ??= other.PasswordFile;
        SslMode ??= other.SslMode;
        RootCertificate ??= other.RootCertificate;
        Options ??= other.Options;
        TargetSession ??= other.TargetSession;
        LoadBalance ??= other.LoadBalance;
        ServiceFile ??= other.ServiceFile;
        RequirePeer ??= other.RequirePeer;
        Security = Security.FilledFrom(other.Security);
        ConnectTimeout ??= other.ConnectTimeout;
        CommandTimeout ??= other.CommandTimeout;
        PoolerMode ??= other.PoolerMode;
        _unknownKeys.AddRange(other._unknownKeys.Except(_unknownKeys));
    }

    /// <summary>The settings, with defaults for what is unsaid.</summary>
    /// <exception cref="LeoException">ConnectionFailed where hosts and ports do not fit together.</exception>
    public ConnectionSettings ToSettings()
    {
        IReadOnlyList<ConnectionHost> hosts = ConnectionHosts.Read(Host, HostAddress, Port, source);
        RefuseRequiredPeer(hosts);
        (string host, int port) = ConnectionHosts.Write(hosts);
        var defaults = new ConnectionSettings();
        bool pooled = hosts.Any(h => ConnectionSettings.DefaultPoolerMode(h.Port) == LeoPS.PoolerMode.Transaction);
        return defaults with
        {
            Host = host,
            HostAddress = HostAddress,
            Port = port,
            Database = Database,
            UserName = UserName,
            Password = Password,
            PasswordFile = PasswordFile,
            SslMode = SslMode,
            RootCertificate = RootCertificate,
            Options = Options,
            TargetSession = TargetSession,
            LoadBalance = LoadBalance ?? false,
            Security = Security,
            ConnectTimeout = ConnectTimeout ?? defaults.ConnectTimeout,
            CommandTimeout = CommandTimeout ?? defaults.CommandTimeout,
            PoolerMode = PoolerMode ?? (pooled ? LeoPS.PoolerMode.Transaction : LeoPS.PoolerMode.Session),
            Source = source,
            UnknownKeys = [.. _unknownKeys],
        };
    }

    /// <summary>Refuses a user who must own the unix socket: that cannot be checked. Over TCP libpq ignores it too.</summary>
    /// <exception cref="LeoException">ConnectionFailed.</exception>
    public void RefuseRequiredPeer(IReadOnlyList<ConnectionHost> hosts)
    {
        if (RequirePeer is not null && hosts.Any(host => host.IsSocket))
        {
            throw ConnectionErrors.Unreadable(
                source, "requirepeer (PGREQUIREPEER) is not supported: LeoPS cannot check who owns a unix socket. Leave it out");
        }
    }

    /// <summary>A key without what its spellings differ in.</summary>
    internal static string Normalize(string key)
        => new(key.Where(c => c is not (' ' or '_' or '-')).Select(char.ToLowerInvariant).ToArray());

    private void AddUnknown(string key)
    {
        // A key that is no word may be a piece of a badly quoted password.
        bool word = key.Length is > 0 and <= 40 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '_' or '-' or '.');
        string name = word ? key : "(a key that is not a word)";
        if (!_unknownKeys.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            _unknownKeys.Add(name);
        }
    }

    private string ReadSslMode(string value)
    {
        string wanted = Normalize(value);
        return TlsPolicy.Modes.FirstOrDefault(mode => Normalize(mode) == wanted)
            ?? throw ConnectionErrors.Unreadable(source, $"sslmode is none of {string.Join(", ", TlsPolicy.Modes)}");
    }

    private string ReadTargetSession(string value)
    {
        string wanted = Normalize(value);
        return LeoPS.TargetSession.Words.FirstOrDefault(word => Normalize(word) == wanted)
            ?? throw ConnectionErrors.Unreadable(source, $"target_session_attrs is none of {string.Join(", ", LeoPS.TargetSession.Words)}");
    }

    /// <summary>One of the words, in any case and spelling of its hyphens.</summary>
    private string? ReadWord(string key, string? value, params string[] words) => value is null
        ? null
        : Array.Find(words, word => Normalize(word) == Normalize(value))
            ?? throw ConnectionErrors.Unreadable(source, $"{key} takes {string.Join(", ", words)} only");

    /// <summary>libpq's words, and Npgsql's.</summary>
    private bool ReadLoadBalance(string value) => ReadWord("load_balance_hosts", value, "disable", "random", "true", "false") is "random" or "true";

    private bool ReadFlag(string key, string value) => value.ToLowerInvariant() switch
    {
        "true" or "1" or "yes" or "on" => true,
        "false" or "0" or "no" or "off" => false,
        _ => throw ConnectionErrors.Unreadable(source, $"{key} is neither true nor false"),
    };

    /// <summary>Whole seconds; zero and less mean for ever, as libpq has it.</summary>
    private TimeSpan ReadSeconds(string key, string value)
        => int.TryParse(value.Trim(), System.Globalization.NumberStyles.AllowLeadingSign, null, out int seconds)
            ? TimeSpan.FromSeconds(Math.Max(0, seconds))
            : throw ConnectionErrors.Unreadable(source, $"{key} is not a whole number of seconds");
}
