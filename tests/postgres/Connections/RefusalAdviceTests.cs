using LeoPS.Postgres.Connections;
using Npgsql;

namespace LeoPS.PostgresTests.Connections;

/// <summary>Advice by SQLSTATE and settings, whatever language the server speaks.</summary>
public sealed class RefusalAdviceTests
{
    private static readonly string[] Texts = ["sorry, too many clients already", "tut mir leid, schon zu viele Verbindungen", "接続数が多すぎます", "role service_role"];

    [Theory]
    [InlineData("53300", PoolerMode.Session, null, "postgres.x", "6543")]
    [InlineData("53300", PoolerMode.Transaction, null, "postgres.x", "no connection free")]
    [InlineData("08P01", PoolerMode.Session, "-c work_mem=7MB", "u", "-PoolerMode Transaction")]
    [InlineData("08P01", PoolerMode.Session, null, "u", "no connection free")]
    [InlineData("08P01", PoolerMode.Transaction, null, "u", "no connection free")]
    [InlineData("08P01", PoolerMode.Transaction, "-c a=b", "u", "no connection free")]
    [InlineData("08P01", PoolerMode.Transaction, "--x project", "u", "PGOPTIONS")]
    [InlineData("XX000", PoolerMode.Session, null, "postgres.x", "6543")]
    [InlineData("XX000", PoolerMode.Transaction, null, "postgres.x", "postgres.<project>")]
    [InlineData("28P01", PoolerMode.Transaction, null, "postgres", "postgres.<project>")]
    [InlineData("28P01", PoolerMode.Transaction, null, "postgres.x", "Check user name and password")]
    [InlineData("28000", PoolerMode.Session, null, "u", "pg_hba.conf")]
    [InlineData("53300", PoolerMode.Session, null, "u", "CONNECTION LIMIT of the role or database")]
    [InlineData("57P03", PoolerMode.Session, null, "u", "try again in a moment")]
    public void Logging_in(string code, PoolerMode mode, string? options, string user, string advice)
    {
        var settings = new ConnectionSettings { Host = "aws-0-eu.pooler.supabase.com", PoolerMode = mode, Options = options, UserName = user };
        string[] messages = Array.ConvertAll(Texts, text => Connecting(code, text, settings).Replace(text, "", StringComparison.Ordinal));

        Assert.Single(messages.Distinct());
        Assert.Contains(advice, messages[0], StringComparison.Ordinal);
        Assert.True(mode == PoolerMode.Session || !messages[0].Contains("-PoolerMode Transaction", StringComparison.Ordinal), "circular advice");
    }

    [Fact]
    public void Without_encryption_that_is_named_too()
    {
        var settings = new ConnectionSettings { Host = "h", SslMode = "disable", UserName = "u" };
        AssertEach.Of(["28000", "XX000"], code => Assert.Contains("sslmode=disable", Connecting(code, "nein", settings), StringComparison.Ordinal));
        Assert.DoesNotContain("sslmode=disable", Connecting("28P01", "nein", settings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_role_of_the_settings_is_named_only_where_assuming_it_was_refused()
    {
        var settings = new ConnectionSettings { Host = "h", UserName = "u", Role = "service_role" };
        AssertEach.Of(["42501", "22023"], code => Assert.DoesNotContain("-Role", Connecting(code, "\"service_role\"", settings), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("53300", LeoErrorId.ConnectionFailed, "no connection free")]
    [InlineData("08P01", LeoErrorId.ConnectionLost, "no server connection free")]
    [InlineData("57P01", LeoErrorId.ConnectionLost, "read the rows again before you repeat it")]
    [InlineData("57014", LeoErrorId.CommandTimedOut, "pg_cancel_backend")]
    [InlineData("40P01", LeoErrorId.DatabaseError, "run it again")]
    [InlineData("40001", LeoErrorId.DatabaseError, "run it again")]
    public void A_statement(string code, LeoErrorId id, string advice)
    {
        foreach (string text in Texts)
        {
            var error = Assert.IsType<LeoException>(PostgresErrors.Translate(new PostgresException(text, "FATAL", "FATAL", code), "r", CancellationToken.None));
            Assert.Equal((id, code), (error.ErrorId, error.SqlState));
            Assert.Contains(advice, error.Message, StringComparison.Ordinal);
        }
    }

    private static string Connecting(string code, string text, ConnectionSettings settings) =>
        PostgresErrors.TranslateConnecting(new PostgresException(text, "FATAL", "FATAL", code), settings, CancellationToken.None).Message;
}
