using LeoPS.Changes;
using LeoPS.Handoffs;
using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Schema;
using Npgsql;

namespace LeoPS.PostgresTests.Access;

/// <summary>Role and claims: in force in each transaction, and gone behind it.</summary>
[Trait("Category", "Core")]
public sealed class IdentityTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private const string Witness = """
        create table seen (role text, login text, uid uuid, claims jsonb, older_role text, read_only text, memory text);
        grant insert on seen to service_role, authenticated;
        create function witness() returns trigger language plpgsql as $$ begin
          insert into seen values (current_user, session_user, auth.uid(), current_setting('request.jwt.claims')::jsonb, current_setting('request.jwt.claim.role'),
            current_setting('transaction_read_only'), current_setting('work_mem'));
          return coalesce(new, old);
        end $$;
        create trigger witness before insert or update or delete on exec_handoff_preparations for each row execute function witness()
        """;

    private const string Role = "service_role";
    private static readonly Guid User = Guid.Parse("5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c01");

    private static readonly StatusMove<HandoffStatus> Send = HandoffDatabase.MoveTo(HandoffStatus.Sent);

    [PostgresFact]
    public async Task Every_statement_runs_as_role_and_user_and_leaves_neither_behind()
    {
        List<Guid> ids = await Database.InsertAsync(8);
        await Database.RunAsync(Witness);
        ConnectionSettings settings = As(Role, """{"aal": "aal2"}""") with { PoolerMode = PoolerMode.Transaction, Options = "-c work_mem=7MB" };
        // One connection that is not reset when it is returned: whatever a statement left behind would be there.
        NpgsqlConnectionStringBuilder builder = ConnectionStringFactory.Create(settings);
        builder.MaxPoolSize = 1;
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(builder);
        string before = await ShowAsync(source);
        var stores = new Stores(new PooledScopes(ConnectionSource.Over(source), settings), Role, null);
        CallContext context = HandoffDatabase.Context;
        AssertEach.Of(await ChangeAsync(Send, [HandoffDatabase.Of(ids[0])], store: stores.Handoffs), o => Assert.Equal(OutcomeKind.Changed, o.Kind));
        Assert.Equal(before, await ShowAsync(source));
        Assert.True((await stores.Handoffs.ChangeAsync(Send, [HandoffDatabase.Of(ids[1])], new BulkOptions(10, IsAtomic: true), context, CancellationToken.None)).Committed);
        Assert.Equal(before, await ShowAsync(source));
        Assert.Equal(6, (await stores.Handoffs.ChangeSelectionAsync(Send, new HandoffFilter { Statuses = [HandoffStatus.Ready] }, false, true, context, CancellationToken.None)).Changed);
        Assert.Equal(before, await ShowAsync(source));
        var draft = new HandoffDraft { SessionId = HandoffDatabase.SessionId, Values = new HandoffValues { [ContentColumn.ImplementationSummary] = "s" } };
        Assert.Equal(OutcomeKind.Changed, Assert.Single(await stores.Handoffs.CreateAsync(new DraftRules(false, false), [draft], Bulk.Each, context, CancellationToken.None).OutcomesAsync()).Kind);
        Assert.Equal(before, await ShowAsync(source));
        // A statement that fails leaves nothing either.
        await Database.RunAsync("alter table exec_handoff_preparations drop column demo_url");
        await Assert.ThrowsAsync<LeoException>(() => ChangeAsync(HandoffDatabase.MoveTo(HandoffStatus.Accepted), [HandoffDatabase.Of(ids[0])], store: stores.Handoffs));
        Assert.Equal(before, await ShowAsync(source));

        List<string> seen = await Database.ColumnAsync<string>("select distinct concat_ws('|', role, login, uid, claims ->> 'sub', claims ->> 'role', claims ->> 'aal', older_role, memory) from seen");
        Assert.Equal([$"{Role}|{settings.UserName}|{User}|{User}|{Role}|aal2|{Role}|7MB"], seen);
        Assert.Equal(9, await Database.ScalarAsync<long>("select count(*) from seen"));
    }

    [PostgresFact]
    public async Task In_a_transaction_they_hold_from_its_first_statement_and_beyond_one_that_failed()
    {
        List<Guid> ids = await Database.InsertAsync(2);
        await Database.RunAsync(Witness);
        await using ILeoDatabase database = await Database.OpenAsync(_ => As(Role));
        await using (ILeoTransaction transaction = await database.BeginAsync(CancellationToken.None))
        {
            await transaction.Database.Handoffs.ChangeAsync(Send, [HandoffDatabase.Of(ids[0])], Bulk.Each, HandoffDatabase.Context, CancellationToken.None).OutcomesAsync();
            await Assert.ThrowsAsync<LeoException>(() => transaction.Database.Directives.ResolveAsync(["\0"], HandoffDatabase.Context, CancellationToken.None));
            await transaction.Database.Handoffs.ChangeAsync(Send, [HandoffDatabase.Of(ids[1])], Bulk.Each, CallContext.For("Other-Caller"), CancellationToken.None).OutcomesAsync();
            await transaction.CommitAsync();
        }

        Assert.Equal([$"{Role}|{User}", $"{Role}|{User}"], await Database.ColumnAsync<string>("select concat_ws('|', role, uid) from seen"));
    }

    [PostgresFact]
    public async Task In_a_transaction_of_a_read_only_connection_nothing_is_written_however_often_it_is_tried()
    {
        List<Guid> ids = await Database.InsertAsync(1);
        await using ILeoDatabase database = await Database.OpenAsync(_ => As(Role) with { ReadOnly = true });
        await using ILeoTransaction transaction = await database.BeginAsync(CancellationToken.None);
        for (int i = 0; i < 3; i++)
        {
            LeoException error = await Assert.ThrowsAsync<LeoException>(() => ChangeAsync(Send, [HandoffDatabase.Of(ids[0])], store: transaction.Database.Handoffs));
            Assert.Equal(LeoErrorId.ReadOnlyConnection, error.ErrorId);
            Assert.Equal(1, await transaction.Database.Handoffs.CountAsync(new HandoffFilter(), HandoffDatabase.Context, CancellationToken.None));
        }
    }

    [PostgresFact]
    public async Task What_needs_the_rights_of_the_login_role_is_set_before_the_role()
    {
        Guid id = (await Database.InsertAsync(1))[0];
        // Only a superuser may, and service_role is none.
        ConnectionSettings settings = As(Role) with { PoolerMode = PoolerMode.Transaction, Options = "-c log_min_duration_statement=12345" };
        await using ILeoDatabase database = await Database.OpenAsync(_ => settings);
        Assert.Equal(OutcomeKind.Changed, Assert.Single(await ChangeAsync(Send, [HandoffDatabase.Of(id)], store: database.Handoffs)).Kind);
        await using ILeoTransaction transaction = await database.BeginAsync(CancellationToken.None);
        foreach (string caller in new[] { "First", "Second" })
        {
            Assert.Equal(1, await transaction.Database.Handoffs.CountAsync(new HandoffFilter(), CallContext.For(caller), CancellationToken.None));
        }
    }

    [PostgresFact]
    public async Task A_role_without_a_user_is_nobody_even_where_the_session_says_somebody()
    {
        Guid id = (await Database.InsertAsync(1))[0];
        await Database.RunAsync(Witness);
        string claims = "request.jwt.claims={\"sub\":\"" + User + "\"}";
        await using ILeoDatabase database = await Database.OpenAsync(s => s with
        {
            Role = Role,
            Claims = SessionClaims.Of(null, null, Role),
            Options = $"-c {claims.Replace(" ", @"\ ", StringComparison.Ordinal)} -c request.jwt.claim.sub={User}",
        });
        await ChangeAsync(Send, [HandoffDatabase.Of(id)], store: database.Handoffs);
        Assert.Equal(["service_role|service_role|-"], await Database.ColumnAsync<string>("select concat_ws('|', role, claims ->> 'role', coalesce(uid::text, '-')) from seen"));
    }

    [PostgresFact]
    public async Task The_schemas_own_calls_and_the_connections_test_run_as_the_role_too()
    {
        await using ILeoDatabase anon = await Database.OpenAsync(_ => As("anon"));
        Assert.Equal("anon", (await anon.TestAsync(HandoffDatabase.Context, CancellationToken.None)).Role);
        await Database.RunAsync("drop table exec_handoff_preparations");
        LeoException refused = await Assert.ThrowsAsync<LeoException>(() => anon.Schema.InstallAsync(HandoffDatabase.Context, CancellationToken.None));
        Assert.Equal(LeoErrorId.Forbidden, refused.ErrorId);
        Assert.Contains("anon", refused.Message, StringComparison.Ordinal);
        Assert.Contains(await anon.Schema.CompareAsync(HandoffDatabase.Context, CancellationToken.None), i => i.State == SchemaItemState.Missing);
    }

    [PostgresTheory]
    [InlineData("no such role", LeoErrorId.ConnectionFailed, "-Role")]
    [InlineData("pg_monitor", LeoErrorId.Forbidden, "grant \"pg_monitor\" to")]
    public async Task A_role_that_cannot_be_assumed_is_told_on_connecting(string role, LeoErrorId id, string advice)
    {
        string login = await Database.AddLoginAsync("anon");
        LeoException error = await Assert.ThrowsAsync<LeoException>(() => Database.OpenAsync(s => s with { UserName = login, Password = HandoffDatabase.LoginPassword, Role = role }));
        Assert.Equal(id, error.ErrorId);
        AssertEach.Of([role, advice], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [PostgresTheory]
    [InlineData(null, true)]
    [InlineData("service_role", true)]
    [InlineData("authenticated", false)]
    public async Task Whether_row_level_security_binds_the_role_is_known(string? role, bool bypasses)
    {
        await using ILeoDatabase database = await Database.OpenAsync(s => s with { Role = role });
        Assert.Equal(bypasses, database.Server.BypassesRowSecurity);
    }

    private ConnectionSettings As(string role, string? claims = null) => Database.Settings with { Role = role, Claims = SessionClaims.Of(claims, User, role) };

    private static async Task<string> ShowAsync(NpgsqlDataSource source)
    {
        // What was set in an ended transaction is empty in its session, as if it had never been set for whoever reads it with nullif.
        await using NpgsqlCommand command = source.CreateCommand("""
            select concat_ws('|', current_user, current_setting('role'), current_setting('work_mem'), current_setting('transaction_read_only'),
                nullif(current_setting('request.jwt.claims', true), ''), nullif(current_setting('request.jwt.claim.sub', true), ''),
                nullif(current_setting('request.jwt.claim.role', true), ''), auth.uid(), (select count(*) from pg_prepared_statements))
            """);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
