namespace LeoPS;

/// <summary>
/// Where to connect by what the process was started with: URLs in variables, libpq's PG* variables, its service file and its password file.
/// </summary>
public sealed class ConnectionEnvironment
{
    private static readonly string[] PlaceVariables = ["PGSERVICE", "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER"];

    private readonly Func<string, string?> _variable;
    private readonly IConnectionFiles _files;
    private readonly string _systemUser;

    /// <summary>Creates the environment from its pieces.</summary>
    /// <param name="variable">The value of an environment variable; null where it is not set.</param>
    /// <param name="files">Where the service file and the password file are read from.</param>
    /// <param name="systemUser">The operating-system user, who is the login role where nothing names one.</param>
    public ConnectionEnvironment(Func<string, string?> variable, IConnectionFiles files, string systemUser)
    {
        _variable = variable;
        _files = files;
        _systemUser = systemUser;
    }

    /// <summary>The variables that may hold a URL or a connection string; the first that is set counts.</summary>
    public static IReadOnlyList<string> UrlVariables { get; } = ["LEOPS_DATABASE_URL", "SUPABASE_POOLER_URL", "DATABASE_URL", "POSTGRES_URL"];

    /// <summary>The environment of this process.</summary>
    public static ConnectionEnvironment OfProcess()
        => new(Environment.GetEnvironmentVariable, new ConnectionFiles(), Environment.UserName);

    /// <summary>
    /// The settings that the environment gives: one of <see cref="UrlVariables"/>, or else the PG* variables. Null where none of them names a place;
    /// PGPASSWORD or PGSSLMODE alone do not.
    /// </summary>
    /// <exception cref="LeoException">ConnectionFailed; names the variable and what is wrong, never its value.</exception>
    public ConnectionSettings? Find()
    {
        foreach (string name in UrlVariables)
        {
            if (Variable(name) is { } text)
            {
                return Parse(Unquote(text), name);
            }
        }

        string[] set = PlaceVariables.Where(name => Variable(name) is not null).ToArray();
        if (set.Length == 0)
        {
            return null;
        }

        string source = string.Join(", ", set);
        return Finish(new ConnectionParts(source), source);
    }

    /// <summary>Reads a URL or a connection string, and fills what it leaves unsaid from its service, the PG* variables and the password file, as libpq does.</summary>
    /// <param name="text">A URL or a connection string of either form.</param>
    /// <param name="source">Where it came from, for messages.</param>
    /// <exception cref="LeoException">ConnectionFailed; never repeats the text.</exception>
    public ConnectionSettings Parse(string text, string source)
    {
        ArgumentNullException.ThrowIfNull(text);

        // Other schemes go to the URL's reader too: its refusal is the clearer one.
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        bool url = scheme >= 0 && text.AsSpan(0, scheme).IndexOfAny('=', ';') < 0;
        return Finish(url ? ConnectionUrl.Read(text, source) : ConnectionKeywords.Read(text, source), source);
    }

    /// <summary>The names of the user's profiles; none where there is no file of them, or it cannot be used.</summary>
    public IReadOnlyList<string> ProfileNames() => new ConnectionProfiles(_variable, _files).Names();

    /// <summary>The settings of a profile, and what they leave unsaid from the same places as for a URL.</summary>
    /// <param name="name">The profile's name, in any case.</param>
    /// <exception cref="LeoException">ConnectionFailed where there is no such profile, its file cannot be used, or a secret is in it.</exception>
    public ProfileSettings ReadProfile(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        ConnectionProfile profile = new ConnectionProfiles(_variable, _files).Get(name);
        ConnectionSettings settings = Finish(profile.Parts, $"profile {Redaction.Redact(profile.Name)}");
        settings = settings with
        {
            ReadOnly = profile.ReadOnly,
            Role = profile.Role,
            PoolerMode = profile.PoolerMode ?? settings.PoolerMode,
        };
        return new ProfileSettings(settings, profile.SecretName, profile.Vault);
    }

    /// <summary>Fills what settings from parameters leave unsaid (user, password, database, TLS, options) from the PG* variables and the password file.</summary>
    /// <exception cref="LeoException">ConnectionFailed where a variable or the host cannot be read.</exception>
    public ConnectionSettings Complete(ConnectionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ConnectionParts variables = ReadVariables(settings.Source);
        IReadOnlyList<ConnectionHost> hosts = settings.Hosts;
        variables.RefuseRequiredPeer(hosts);
        (string host, int port) = ConnectionHosts.Write(hosts);
        return WithFiles(settings with
        {
            Host = host,
            Port = port,
            Database = settings.Database ?? variables.Database,
            UserName = settings.UserName ?? variables.UserName ?? _systemUser,
            Password = settings.Password ?? variables.Password,
            PasswordFile = settings.PasswordFile ?? variables.PasswordFile,
            SslMode = settings.SslMode ?? variables.SslMode,
            RootCertificate = settings.RootCertificate ?? variables.RootCertificate,
            Options = settings.Options ?? variables.Options,
            TargetSession = settings.TargetSession ?? variables.TargetSession,
            LoadBalance = settings.LoadBalance || variables.LoadBalance == true,
            ConnectTimeout = settings.ConnectTimeout == new ConnectionSettings().ConnectTimeout
                ? variables.ConnectTimeout ?? settings.ConnectTimeout
                : settings.ConnectTimeout,
            Security = settings.Security.FilledFrom(variables.Security),
        }, hosts);
    }

    private ConnectionSettings Finish(ConnectionParts parts, string source)
    {
        string? service = parts.Service ?? Variable("PGSERVICE");
        if (service is not null)
        {
            parts.FillFrom(ReadService(service, parts.ServiceFile, source));
        }

        parts.FillFrom(ReadVariables(source));
        parts.UserName ??= _systemUser;
        ConnectionSettings settings = parts.ToSettings();
        return WithFiles(settings, settings.Hosts);
    }

    /// <summary>With the password of the password file and the certificate of the user's folder, where none was given.</summary>
    private ConnectionSettings WithFiles(ConnectionSettings settings, IReadOnlyList<ConnectionHost> hosts)
        => WithPassword(WithCertificate(settings), hosts);

    private ConnectionSettings WithCertificate(ConnectionSettings settings)
    {
        SecuritySettings security = settings.Security;
        string? certificate = security.Certificate ?? IfThere(InHome("postgresql.crt", ".postgresql/postgresql.crt"));
        string? key = security.CertificateKey
            ?? (certificate is null ? null : IfThere(InHome("postgresql.key", ".postgresql/postgresql.key")));
        return settings with { Security = security with { Certificate = certificate, CertificateKey = key } };
    }

    private ConnectionSettings WithPassword(ConnectionSettings settings, IReadOnlyList<ConnectionHost> hosts)
    {
        string? path = settings.PasswordFile ?? InHome("pgpass.conf", ".pgpass");
        if (settings.Password is not null || path is null)
        {
            return settings;
        }

        string user = settings.UserName ?? _systemUser;
        PasswordLookup lookup = PasswordFile.Find(path, _files, hosts, settings.Database ?? user, user);
        return settings with
        {
            Password = lookup.Password,
            Notes = lookup.Note is null ? settings.Notes : [.. settings.Notes, lookup.Note],
        };
    }

    private ConnectionParts ReadVariables(string source)
    {
        var parts = new ConnectionParts(source);
        foreach (LibpqVariable variable in LibpqVariable.All)
        {
            if (variable is { Key: { } key, Use: not LibpqUse.Ignored })
            {
                SetFrom(parts, key, variable.Name);
            }
        }

        parts.Security = parts.Security with { RequiresTls = Variable("PGREQUIRESSL")?.StartsWith('1') == true };

        // A path or, in containers, the certificate itself.
        parts.RootCertificate ??= Variable("SUPABASE_SSL_CA");
        return parts;
    }

    private void SetFrom(ConnectionParts parts, string key, string name)
    {
        if (Variable(name) is not { } value)
        {
            return;
        }

        try
        {
            parts.Set(key, value);
        }
        catch (LeoException unreadable)
        {
            throw new LeoException(unreadable.ErrorId, $"The environment variable {name} cannot be used. {unreadable.Message}");
        }
    }

    /// <summary>The service's section in the user's file, or else in the system's.</summary>
    private ConnectionParts ReadService(string service, string? file, string source)
    {
        string? own = file ?? Variable("PGSERVICEFILE") ?? InHome(".pg_service.conf", ".pg_service.conf");
        string? system = Variable("PGSYSCONFDIR") is { } folder ? Path.Combine(folder, "pg_service.conf") : null;
        foreach (string path in new[] { own, system }.OfType<string>())
        {
            if (ReadServiceFile(path, source) is { } text && ServiceFile.Read(text, service, source) is { } section)
            {
                return section;
            }
        }

        throw ConnectionErrors.Unreadable(
            source,
            $"the service \"{Redaction.Redact(service)}\" is in no service file (PGSERVICEFILE or .pg_service.conf in the home folder, PGSYSCONFDIR)");
    }

    private string? ReadServiceFile(string path, string source)
    {
        try
        {
            return _files.ReadText(path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw ConnectionErrors.Unreadable(source, $"the service file {Redaction.Redact(path)} cannot be read: check its permissions, and that it is a file");
        }
    }

    /// <summary>A path, where a file is there; null otherwise. One that cannot be read is refused when TLS needs it.</summary>
    private string? IfThere(string? path)
    {
        try
        {
            return path is not null && _files.ReadText(path) is not null ? path : null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return path;
        }
    }

    private string? InHome(string windowsName, string unixName)
    {
        if (OperatingSystem.IsWindows())
        {
            return Variable("APPDATA") is { } data ? Path.Combine(data, "postgresql", windowsName) : null;
        }

        return Variable("HOME") is { } home ? Path.Combine(home, unixName) : null;
    }

    private string? Variable(string name) => _variable(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;

    /// <summary>Files of variables (docker's --env-file) leave the quotes on.</summary>
    private static string Unquote(string text)
    {
        string trimmed = text.Trim();
        return trimmed.Length > 1 && trimmed[0] is '"' or '\'' && trimmed[^1] == trimmed[0] ? trimmed[1..^1] : trimmed;
    }
}
