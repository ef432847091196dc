using FsCheck.Xunit;

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
        => Assert.Equal(["pooling", "search path"], ConnectionKeywords.Parse("Host=h;Pooling=false;Search Path=x").UnknownKeys);

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("Secret1")]
    [InlineData("host Secret1=x password")]
    [InlineData("host=h password='Secret1")]
    [InlineData("Host=h;Password=\"Secret1")]
    [InlineData("Host=h password=Secret1;Port=5432")]
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
