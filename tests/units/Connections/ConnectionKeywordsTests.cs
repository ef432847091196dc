namespace LeoPS.Units.Connections;

public sealed class ConnectionKeywordsTests
{
    [Theory]
    [InlineData("Host=h;Port=5433;Database=db;Username=u;Password=p")]
    [InlineData("Server=h;Port=5433;Initial Catalog=db;User Id=u;Pwd=p")]
    [InlineData("DATA SOURCE=h:5433 ; DB=db ; UserName=u ; PSW='p' ;")]
    [InlineData("host=h port=5433 dbname=db user=u password=p")]
    [InlineData(" host = h\n port = '5433' dbname=db user=u password='p' ")]
    [InlineData("host=h;port=5433;dbname=db;user=u;password=p")]
    public void Reads_both_forms(string text)
    {
        ConnectionSettings s = ConnectionKeywords.Parse(text);

        Assert.Equal(("h", 5433, "db", "u", "p"), (s.Host, s.Port, s.Database, s.UserName, s.Password));
        Assert.Equal("-ConnectionString", s.Source);
        Assert.Empty(s.UnknownKeys);
    }

    [Theory]
    [InlineData("Host=h;SSL Mode=VerifyFull;Root Certificate=/ca.crt;Timeout=3;Command Timeout=4;Application Name=x")]
    [InlineData("Host=h;SslMode=verify-full;RootCertificate=/ca.crt;Connection Timeout=3;CommandTimeout=4;Application Name=x")]
    [InlineData("host=h sslmode=verify-full sslrootcert=/ca.crt connect_timeout=3 command_timeout=4 application_name=x")]
    public void Reads_tls_and_times(string text)
    {
        ConnectionSettings s = ConnectionKeywords.Parse(text);

        Assert.Equal(("verify-full", "/ca.crt"), (s.SslMode, s.RootCertificate));
        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4)), (s.ConnectTimeout, s.CommandTimeout));
        Assert.Empty(s.UnknownKeys);
    }

    [Theory]
    [InlineData("SSL Mode=Require", "require")]
    [InlineData("sslmode=require", "require")]
    public void A_single_pair_is_enough(string text, string mode) => Assert.Equal(mode, ConnectionKeywords.Parse(text).SslMode);

    [Theory]
    [InlineData(@"host=h password='a b\'c\\d'", @"a b'c\d")]
    [InlineData(@"host=h password=a\ b\'c", "a b'c")]
    [InlineData("host=h password=a;b", "a;b")]
    [InlineData("password=a;b host=h", "a;b")]
    [InlineData("host=h password=a=b", "a=b")]
    [InlineData("host=h password=''", null)]
    [InlineData("Host=h;Password='a;b''c'", "a;b'c")]
    [InlineData("Host=h;Password=\"a;b'c\"", "a;b'c")]
    [InlineData("Host=h;Password=a b", "a b")]
    [InlineData("Host=h;Password=a==b;", "a==b")]
    [InlineData("Host=h;Password=;", null)]
    [InlineData("host=h password=a;b=c", "a;b=c")]
    [InlineData("host=h password=a;port=1", "a;port=1")]
    [InlineData("Host=h password=Secret1;Port=5432", "Secret1;Port=5432")]
    [InlineData("password=a;Host=x;b=c host=h", "a;Host=x;b=c")]
    [InlineData("password='a;Host=x' host=h", "a;Host=x")]
    [InlineData("Password=a host=x;Host=h", "a host=x")]
    [InlineData("Password=\"a host=x;\";Host=h", "a host=x;")]
    [InlineData("Host=h;Password=a host=x;Foo=1", "a host=x")]
    public void Passwords_keep_their_quotes_and_signs(string text, string? password)
    {
        ConnectionSettings s = ConnectionKeywords.Parse(text);

        Assert.Equal(("h", password), (s.Host, s.Password));
    }

    [Fact]
    public void Several_hosts_have_their_ports()
    {
        Assert.Equal("a:1|b:2", string.Join('|', ConnectionKeywords.Parse("Host=a:1,b:2;Username=u").Hosts));
        Assert.Equal("a:1|b:2", string.Join('|', ConnectionKeywords.Parse("host=a,b port=1,2").Hosts));
        Assert.Equal("a:3|b:3", string.Join('|', ConnectionKeywords.Parse("host=a,b port=3").Hosts));
    }

    [Fact]
    public void Unknown_keys_are_named()
        => Assert.Equal(["Pooling", "Search Path"], ConnectionKeywords.Parse("Host=h;Pooling=false;Search Path=x").UnknownKeys);

    [Theory]
    [InlineData("Host=h;Username=u;Pooling=false", "Pooling")]
    [InlineData("Host=h;Keepalive=30;Username=u;Password=p", "Keepalive")]
    [InlineData("Host=h;Username=u;Password=p;MaxPoolSize=5", "MaxPoolSize")]
    [InlineData("Host=h;Enlist=true;MaxPoolSize=5;Username=u", "Enlist,MaxPoolSize")]
    [InlineData("Password=p;Foo=1;Host=h;Username=u", "Foo")]
    [InlineData("Foo=1;Host=h;Username=u", "Foo")]
    [InlineData("Host=h; Username=u; Foo=1", "Foo")]
    [InlineData("host=h user=u keepalives=1", "keepalives")]
    [InlineData("keepalives=1 host=h user=u", "keepalives")]
    public void A_key_that_is_not_known_changes_nothing_of_how_the_others_are_read(string text, string unknown)
    {
        ConnectionSettings s = ConnectionKeywords.Parse(text);

        Assert.Equal(("h", "u"), (s.Host, s.UserName));
        Assert.Equal(unknown, string.Join(',', s.UnknownKeys));
    }

    [Theory]
    [InlineData("host=h hostaddr=10.0.0.9 channel_binding=require require_auth=scram-sha-256 sslcert=/c sslkey=/k sslpassword='x y'")]
    [InlineData("Host=h;hostaddr=10.0.0.9;Channel Binding=Require;Require Auth=ScramSHA256;SSL Certificate=/c;SSL Key=/k;SSL Password=x y")]
    public void Reads_how_both_ends_prove_who_they_are(string text)
    {
        ConnectionSettings s = ConnectionKeywords.Parse(text);

        Assert.Equal(("h", "10.0.0.9"), (s.Hosts[0].Name, s.Hosts[0].Target));
        Assert.Equal(("/c", "/k", "x y"), (s.Security.Certificate, s.Security.CertificateKey, s.Security.CertificateKeyPassword));
        Assert.Equal(["scram-sha-256"], LoginMethods.AcceptedBy(s));
        Assert.Equal("require", s.Security.ChannelBinding);
        Assert.Empty(s.UnknownKeys);
        Assert.DoesNotContain("x y", s.ToString() + s.Security, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("Secret1")]
    [InlineData("host Secret1=x password")]
    [InlineData("host=h password='Secret1")]
    [InlineData("Host=h;Password=\"Secret1")]
    [InlineData("Host=h;Password=Secret1;Port=x")]
    [InlineData("Host=h;Password=Secret1;SSL Mode=x")]
    [InlineData("Host=h;Password=Secret1;Timeout=1.5")]
    [InlineData("=Secret1")]
    public void Refusals_tell_the_source_and_no_secret(string text)
    {
        LeoException error = Assert.Throws<LeoException>(() => ConnectionKeywords.Parse(text));

        Assert.Equal(LeoErrorId.ConnectionFailed, error.ErrorId);
        Assert.Contains("-ConnectionString", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Secret1", error.ToString(), StringComparison.Ordinal);
    }

    [Property]
    public bool Any_quoted_password_comes_back_from_libpq_form(string? password)
    {
        string p = password ?? "";
        string quoted = p.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
        return (ConnectionKeywords.Parse($"host=h password='{quoted}' user=u").Password ?? "") == p;
    }

    /// <summary>Passwords made of what decides how a string is read: both separators, quotes, escapes, and keys.</summary>
    [Property(MaxTest = 5000)]
    public bool A_hostile_password_comes_back_from_both_forms(int[] pieces, int place)
    {
        string[] words = [";", "=", " ", "'", "\"", "\\", "host=", "Host=x;", "user=u ", "Port=1", "a", "é", "\n", "password=", "''", "\"\""];
        string password = "s" + string.Concat((pieces ?? []).Select(i => words[(uint)i % words.Length])) + "e";
        string ado = new System.Data.Common.DbConnectionStringBuilder { ["p"] = password }.ConnectionString[2..];
        string libpq = $"'{password.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
        return IsRead(Join(';', place, $"Password={ado}", "Host=h", "Username=me", "Pooling=false"), password)
            && IsRead(Join(';', place, $"Password={ado}", "Host=h", "Username=me"), password)
            && IsRead(Join(' ', place, $"password={libpq}", "host=h", "user=me"), password)
            && IsRead(Join(' ', place, $"password={libpq}", "host=h", "user=me", "keepalives=1"), password);
    }

    /// <summary>What libpq takes without quotes: no blank, no quotation mark at the beginning, escapes for backslashes.</summary>
    [Property(MaxTest = 5000)]
    public bool An_unquoted_password_of_libpqs_form_comes_back(int[] pieces, int place)
    {
        string[] words = [";", "=", "'", "\"", ";b=c", ";port=1", "a", ";Host=x"];
        string password = "s" + string.Concat((pieces ?? []).Select(i => words[(uint)i % words.Length]));
        string escaped = password.Replace("'", "\\'", StringComparison.Ordinal);
        return IsRead(Join(' ', place, $"password={escaped}", "host=h", "user=me"), password);
    }

    /// <summary>Cases that random passwords found: the text can be read in both forms, with as many known keys.</summary>
    [Theory]
    [InlineData(@"password='s\';Host=x;host=;e' host=h user=me keepalives=1", "s';Host=x;host=;e")]
    [InlineData(@"password='s\';password=;Host=x;Host=x;e' host=h user=me keepalives=1", "s';password=;Host=x;Host=x;e")]
    [InlineData("host=h user=me password='s;Host=x;password=;host=;host=e' keepalives=1", "s;Host=x;password=;host=;host=e")]
    public void A_quoted_password_that_looks_like_other_keys_is_one_password(string text, string password) =>
        Assert.True(IsRead(text, password));

    private static string Join(char separator, int place, string password, params string[] others)
    {
        var pairs = others.ToList();
        pairs.Insert((int)((uint)place % (others.Length + 1)), password);
        return string.Join(separator, pairs);
    }

    private static bool IsRead(string text, string password)
    {
        ConnectionSettings s = ConnectionKeywords.Parse(text);
        return (s.Host, s.UserName, s.Password) == ("h", "me", password);
    }

    [Property]
    public bool Anything_is_read_or_refused_with_its_own_error(string? text)
    {
        try
        {
            _ = ConnectionKeywords.Parse("host=h password=" + text);
            return true;
        }
        catch (LeoException error)
        {
            return error.ErrorId == LeoErrorId.ConnectionFailed;
        }
    }
}
