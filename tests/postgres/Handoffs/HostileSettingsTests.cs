using LeoPS.Access;
using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.Postgres;
using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Handoffs;

/// <summary>Settings of a role, or of the options, that would change what values mean: nothing that is read or written differs.</summary>
public sealed class HostileSettingsTests(PostgresServer server) : ContentTest(server)
{
    private const string Columns = """
        alter table exec_handoff_preparations
          add column moment timestamptz default '2026-02-03 04:05:06.123456+00', add column day date default '2026-02-03',
          add column span interval default '1 day 02:03:04', add column bits bytea default '\xdeadbeef',
          add column share float8 default 0.1::float8 + 0.2::float8, add column cents money, add column words text[] default '{a,NULL,"NULL"}';
        create schema evil;
        create table evil.exec_handoff_preparations (like public.exec_handoff_preparations);
        create table evil.strategic_directives_v2 (like public.strategic_directives_v2);
        grant usage on schema evil to public; grant select on all tables in schema evil to public;
        create table public.seen (isolation text, zone text, encoding text);
        grant insert on public.seen to public;
        create function public.witness() returns trigger language plpgsql as $$ begin
          insert into public.seen values (current_setting('transaction_isolation'), current_setting('TimeZone'), current_setting('client_encoding'));
          return new;
        end $$;
        create trigger witness before insert or update on exec_handoff_preparations for each row execute function public.witness()
        """;

    private static readonly string[] Hostile =
    [
        "DateStyle = 'German, DMY'", "TimeZone = 'Asia/Kolkata'", "IntervalStyle = 'sql_standard'", "extra_float_digits = -5", "bytea_output = 'escape'",
        "client_encoding = 'LATIN1'", "standard_conforming_strings = off", "array_nulls = off", "quote_all_identifiers = on", "row_security = off",
        "default_transaction_isolation = 'serializable'", "search_path = 'evil'", "statement_timeout = '30s'", "lock_timeout = '20s'",
    ];

    public static TheoryData<string> Ways => new("role", "role, transaction pooler", "role, pooler that drops options", "options", "options, transaction pooler");

    [PostgresTheory]
    [MemberData(nameof(Ways))]
    public async Task Nothing_that_is_read_or_written_differs(string way)
    {
        await Database.RunAsync(Columns);
        Guid id = (await Database.InsertAsync(1)).Single();
        string expected = Text(await Database.ReadAsync(id));
        AssertEach.Of(
            ["2026-02-03T04:05:06.123456+00:00", "\"1 day 02:03:04\"", "\\\\xdeadbeef", "0.30000000000000004", "[\"a\",null,\"NULL\"]"],
            part => Assert.Contains(part, expected, StringComparison.Ordinal));
        await using ILeoDatabase hostile = await OpenHostileAsync(way, "service_role");

        Assert.Equal(expected, Text(Assert.Single(await Database.ReadAsync(new HandoffQuery(), hostile))));

        HandoffPreparation edited = (await EditAsync(
            [Edit(id, (ContentColumn.ImplementationSummary, "é ü 🦁 \\ ' 1.2.2026"))], store: hostile.Handoffs)).Single().Row!;
        Assert.Equal("é ü 🦁 \\ ' 1.2.2026", edited.ImplementationSummary);
        Assert.Equal("é ü 🦁 \\ ' 1.2.2026", await Database.ScalarAsync<string>("select implementation_summary from exec_handoff_preparations"));
        Assert.Equal("read committed UTC UTF8", await Database.ScalarAsync<string>("select string_agg(distinct concat_ws(' ', isolation, zone, encoding), '|') from seen"));

        // In a transaction of several statements, and for a statement that fails in the middle of one.
        await using (ILeoTransaction transaction = await hostile.BeginAsync(CancellationToken.None))
        {
            Assert.Equal(Text(edited), Text(Assert.Single(await Database.ReadAsync(new HandoffQuery(), transaction.Database))));
        }

        IReadOnlyList<ChangeOutcome<HandoffPreparation>> refused = await EditAsync(
            [Edit(id, (ContentColumn.ImplementationSummary, null))], store: hostile.Handoffs);
        Assert.Equal(LeoErrorId.ValueOutOfRange, refused.Single().Error!.ErrorId);
        Assert.Equal(Text(edited), Text(Assert.Single(await Database.ReadAsync(new HandoffQuery(), hostile))));
    }

    [PostgresTheory]
    [MemberData(nameof(Ways))]
    public async Task A_role_that_policies_bind_reads(string way)
    {
        await Database.RunAsync(Columns);
        await Database.InsertAsync(2);
        await using ILeoDatabase hostile = await OpenHostileAsync(way, "authenticated");
        Assert.Equal(2, (await Database.ReadAsync(new HandoffQuery(), hostile)).Count);
    }

    [PostgresFact]
    public async Task A_database_that_is_read_only_by_default_names_the_cause()
    {
        Guid id = (await Database.InsertAsync(1)).Single();
        string login = await AddLoginAsync("read_only", "service_role", ["default_transaction_read_only = on"]);
        string quoted = $"alter role {login} reset default_transaction_read_only";
        await FailsAsync(s => s with { UserName = login, Password = LoginPassword, Role = "service_role" }, quoted);
        await FailsAsync(s => s with { Options = "-c default_transaction_read_only=on" }, "options of the connection");
        await FailsAsync(s => s with { ReadOnly = true }, "-ReadOnly");
        await Database.RunAsync($"alter database \"{Database.Name}\" set default_transaction_read_only = on");
        await FailsAsync(s => s, $"alter database {Database.Name} reset default_transaction_read_only");

        async Task FailsAsync(Func<ConnectionSettings, ConnectionSettings> change, string expected)
        {
            await using ILeoDatabase database = await Database.OpenAsync(change);
            LeoException error = await Assert.ThrowsAsync<LeoException>(
                () => EditAsync([Edit(id, (ContentColumn.ImplementationSummary, "x"))], store: database.Handoffs));
            Assert.Equal((LeoErrorId.ReadOnlyConnection, "25006"), (error.ErrorId, error.SqlState));
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
            var planned = PlannedWrite.Of("handoff", TableCommand.Update, ("demo_url", "x"));
            LeoException? rehearsed = await database.FindObstacleAsync(planned, HandoffDatabase.Context, CancellationToken.None);
            Assert.Equal((error.Message, error.SqlState), (rehearsed?.Message, rehearsed?.SqlState));
        }
    }

    private const string LoginPassword = "of these tests alone";

    private async Task<ILeoDatabase> OpenHostileAsync(string way, string role)
    {
        bool byRole = way.StartsWith("role", StringComparison.Ordinal);
        string login = await AddLoginAsync($"hostile_{way.GetHashCode(StringComparison.Ordinal):x}", role, byRole ? Hostile : []);
        string options = string.Join(' ', Hostile.Select(s => $"-c {s.Replace(" = ", "=", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal).Replace(" ", "\\ ", StringComparison.Ordinal)}"));
        ConnectionSettings settings = Database.Settings with
        {
            UserName = login,
            Password = LoginPassword,
            Role = role,
            Options = byRole ? null : options,
            PoolerMode = way.Contains("transaction", StringComparison.Ordinal) ? PoolerMode.Transaction : PoolerMode.Session,
            LosesStartupOptions = way.Contains("drops", StringComparison.Ordinal),
        };
        return await new PostgresStorage().ConnectAsync(settings, CancellationToken.None);
    }

    private async Task<string> AddLoginAsync(string name, string role, IEnumerable<string> settings)
    {
        string login = $"{name}_{Guid.NewGuid().ToString("N")[..6]}";
        await Database.RunAsync(
            $"create role {login} login inherit password '{LoginPassword}' in role {role};"
            + string.Concat(settings.Select(s => $"alter role {login} set {s};")));
        return login;
    }

    private static string Text(HandoffPreparation row) =>
        $"{row.RowVersion} {row.ImplementationSummary} {row.PreparedAt:O} {row.UpdatedAt:O} {row.RawAdditionalColumns}";
}
