using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.History;

/// <summary>Who may read the history, and that nobody may write it.</summary>
[Trait("Category", "Core")]
public sealed class HistorySecurityTests(PostgresServer server) : HistoryTest(server)
{
    private const string Insufficient = PostgresErrorCodes.InsufficientPrivilege;
    private static readonly string[] Roles = ["anon", "authenticated", "service_role"];

    [PostgresFact]
    public async Task Whoever_may_read_a_handoff_may_read_its_history()
    {
        List<Guid> ids = await AddAsync(4);
        await Database.RunAsync($"""
            drop policy exec_handoff_preparations_select on exec_handoff_preparations;
            create policy by_id on exec_handoff_preparations for select to authenticated using (id < '{ids[2]}');
            delete from exec_handoff_preparations where id = '{ids[0]}';
            """);

        Assert.Equal(5, (await ReadAsync()).Count);
        Assert.Equal([ids[1]], (await ReadAsAsync("authenticated")).Select(e => e.Id));
        Assert.Empty(await ReadAsAsync("anon"));
        Assert.Equal(5, (await ReadAsAsync("service_role")).Count);
    }

    [PostgresFact]
    public async Task The_service_role_reads_everything_even_where_row_level_security_binds_it()
    {
        List<Guid> ids = await AddAsync(2);
        await Database.RunAsync($"delete from exec_handoff_preparations where id = '{ids[0]}'");
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("service_role");

        Assert.Equal(3, (await ReadAsync(database: member)).Count);
    }

    [PostgresFact]
    public async Task Of_executions_a_user_reads_the_history_of_his_own()
    {
        await Database.RunAsync("""
            insert into crewai_flows (id, flow_key, flow_name, flow_definition, status) values (gen_random_uuid(), 'f', 'F', '{}', 'active');
            insert into crewai_flow_executions (flow_id, execution_key, executed_by)
            select id, k, u::uuid from crewai_flows, (values ('MINE', '00000000-0000-0000-0000-000000000001'), ('THEIRS', '00000000-0000-0000-0000-000000000002')) v(k, u);
            """);

        await using NpgsqlConnection connection = await Database.ConnectAsync();
        await using var command = new NpgsqlCommand(
            """
            begin; set local role authenticated; set local request.jwt.claims = '{"sub": "00000000-0000-0000-0000-000000000001"}';
            select string_agg(execution_key, ',') from leops.execution_history;
            """,
            connection);
        Assert.Equal("MINE", await command.ExecuteScalarAsync());
    }

    [PostgresFact]
    public async Task Another_user_needs_the_right_to_read_the_table_itself()
    {
        await AddAsync(1);
        await Database.RunAsync($"create role reader_{Database.Name} login password '{HandoffDatabase.LoginPassword}'");
        await using ILeoDatabase reader = await Database.OpenAsync(s => s with { UserName = $"reader_{Database.Name}", Password = HandoffDatabase.LoginPassword });

        LeoException error = await Assert.ThrowsAsync<LeoException>(() => ReadAsync(database: reader));
        Assert.Equal(LeoErrorId.Forbidden, error.ErrorId);

        await Database.RunAsync($"""
            grant usage on schema public to reader_{Database.Name};
            grant select on exec_handoff_preparations, strategic_directives_v2 to reader_{Database.Name};
            create policy reads on exec_handoff_preparations for select to reader_{Database.Name} using (true);
            """);
        Assert.Single(await ReadAsync(database: reader));
    }

    [PostgresFact]
    public async Task No_role_may_add_change_delete_or_truncate()
    {
        await AddAsync(1);
        foreach (string role in Roles)
        {
            await using NpgsqlConnection connection = await AsAsync(role);
            foreach (string table in (string[])["leops.handoff_history", "leops.execution_history"])
            {
                Assert.Equal(Insufficient, await RefusedAsync(connection, $"insert into {table} (row_id, changed_at, changed_by, role, transaction_id) values (gen_random_uuid(), now(), 'x', 'x', '1')"));
                Assert.Equal(Insufficient, await RefusedAsync(connection, $"update {table} set reason = 'forged'"));
                Assert.Equal(Insufficient, await RefusedAsync(connection, $"delete from {table}"));
                Assert.Equal(Insufficient, await RefusedAsync(connection, $"truncate {table}"));
                Assert.Equal(Insufficient, await RefusedAsync(connection, $"select nextval(pg_get_serial_sequence('{table}', 'id'))"));
            }
        }

        Assert.Single(await ReadAsync());
    }

    [PostgresFact]
    public async Task Not_even_the_owner_changes_it_by_mistake()
    {
        await AddAsync(1);
        await using NpgsqlConnection owner = await Database.ConnectAsync();

        foreach (string statement in (string[])["update leops.handoff_history set reason = 'x'", "delete from leops.handoff_history", "truncate leops.handoff_history", "truncate leops.execution_history"])
        {
            Assert.Equal(Insufficient, await RefusedAsync(owner, statement));
        }

        await Database.RunAsync("alter table leops.handoff_history disable trigger append_only; delete from leops.handoff_history");
        Assert.Empty(await ReadAsync());
    }

    [PostgresFact]
    public async Task Nobody_forges_an_entry_with_the_functions_that_write_them()
    {
        await Database.RunAsync("grant create on schema public to authenticated");
        foreach (string role in Roles)
        {
            await using NpgsqlConnection connection = await AsAsync(role);
            await using (var table = new NpgsqlCommand("create temp table mine (id uuid, handoff_status text, sd_id text)", connection))
            {
                await table.ExecuteNonQueryAsync();
            }

            Assert.Equal(Insufficient, await RefusedAsync(connection, "create trigger mine after insert on mine referencing new table as new_rows for each statement execute function leops.record_handoff_history()"));
            Assert.Equal(Insufficient, await RefusedAsync(connection, "select leops.record_handoff_history()"));
        }

        // The owner can make such a trigger, and still it writes nothing.
        await Database.RunAsync("""
            create table exec_handoff_preparations_2 (id uuid, handoff_status text, sd_id text);
            create trigger mine after insert on exec_handoff_preparations_2 referencing new table as new_rows for each statement execute function leops.record_handoff_history();
            insert into exec_handoff_preparations_2 values (gen_random_uuid(), 'accepted', 'SD-FORGED');
            """);
        Assert.Empty(await ReadAsync());
    }

    [PostgresFact]
    public async Task A_reader_who_brings_his_own_operators_sees_no_more()
    {
        List<Guid> ids = await AddAsync(2);
        await Database.RunAsync($"delete from exec_handoff_preparations where id = '{ids[0]}'");
        await Database.RunAsync("""
            create schema mine authorization authenticated;
            set role authenticated;
            create function mine.yes(uuid, uuid) returns boolean language sql as 'select true';
            create operator mine.= (function = mine.yes, leftarg = uuid, rightarg = uuid);
            """);

        await using NpgsqlConnection connection = await AsAsync("authenticated");
        await using var command = new NpgsqlCommand("set search_path = mine, pg_catalog, public; select count(*) from leops.handoff_history", connection);
        Assert.Equal(1L, await command.ExecuteScalarAsync());
    }

    [PostgresFact]
    public async Task What_default_privileges_give_away_is_taken_back()
    {
        await using HandoffDatabase other = await HandoffDatabase.CreateAsync(Database.Server);
        await other.RunAsync("""
            alter default privileges grant all on tables to authenticated, service_role, public;
            alter default privileges grant all on sequences to authenticated;
            alter default privileges grant all on functions to authenticated;
            """);

        await other.Database.Schema.InstallWithHistoryAsync(Context, CancellationToken.None);

        Assert.Equal(["SELECT"], await other.ColumnAsync<string>(
            "select distinct a.privilege_type from pg_class c, aclexplode(c.relacl) a where c.oid = 'leops.handoff_history'::regclass and a.grantee <> c.relowner"));
        Assert.False(await other.ScalarAsync<bool>("select has_function_privilege('authenticated', 'leops.record_handoff_history()', 'execute')"));
        Assert.False(await other.ScalarAsync<bool>("select has_sequence_privilege('authenticated', 'leops.handoff_history_id_seq', 'usage')"));
    }

    [PostgresFact]
    public async Task The_writing_functions_look_names_up_in_their_own_schemas_only()
    {
        Guid id = (await Database.InsertAsync(1))[0];

        await Database.RunAsync($"""
            create schema evil;
            create function evil.pg_notify(text, text) returns void language plpgsql as $$ begin raise exception 'called'; end $$;
            create function evil.nullif(text, text) returns text language sql as $$ select 'evil' $$;
            create function evil.clock_timestamp() returns timestamptz language sql as $$ select 'epoch'::timestamptz $$;
            set search_path = evil, pg_catalog, public;
            update public.exec_handoff_preparations set handoff_status = 'sent' where id = '{id}';
            """);

        Assert.NotEqual(DateTimeOffset.UnixEpoch, Assert.Single(await ReadAsync()).ChangedAt);
    }

    private async Task<List<HandoffHistoryEntry>> ReadAsAsync(string role)
    {
        await using ILeoDatabase database = await Database.OpenAsync(s => s with { Role = role });
        return await ReadAsync(database: database);
    }

    private async Task<NpgsqlConnection> AsAsync(string role)
    {
        NpgsqlConnection connection = await Database.ConnectAsync();
        await using var command = new NpgsqlCommand($"set role {role}", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }
}
