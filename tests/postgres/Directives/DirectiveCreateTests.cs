using LeoPS.Changes;
using LeoPS.Directives;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using Npgsql;

namespace LeoPS.PostgresTests.Directives;

[Trait("Category", "Core")]
public sealed class DirectiveCreateTests(PostgresServer server) : DirectiveDatabaseTest(server)
{
    private static readonly NewDirective _plain = new() { SdKey = "SD-1", Title = "A title" };

    [PostgresFact]
    public async Task What_is_made_is_in_the_table_and_comes_back_as_it_is_there()
    {
        StrategicDirective made = Made(await CreateAsync(_plain with { Description = "it's \"x\" \\ 🚀\n", Priority = "high" }));
        Assert.Equal(("SD-1", "SD-1", "A title", "draft", "general", "high", "it's \"x\" \\ 🚀\n", "", ""), (
            made.Id, made.SdKey, made.Title, made.Status, made.Category, made.Priority, made.Description, made.Rationale, made.Scope));
        Assert.NotNull(made.CreatedAt);
        StrategicDirective read = Assert.Single(await ReadAsync(new DirectiveQuery { Filter = All with { Names = ["SD-1"] } }));
        Assert.Equal(DirectiveJson.Line(made), DirectiveJson.Line(read));
    }

    [PostgresTheory]
    [InlineData("other", "BASE-KEY", "key BASE-KEY is taken by strategic directive BASE-KEY (SD-BASE-001), 'The base', active")]
    [InlineData("SD-BASE-001", "other", "id SD-BASE-001 is taken by")]
    [InlineData("other", "SD-BASE-001", "key SD-BASE-001 is the id of")]
    [InlineData("BASE-KEY", "other", "id BASE-KEY is the key of")]
    public async Task A_name_that_somebody_has_is_refused_and_he_is_named(string id, string key, string says)
    {
        Failed(await CreateAsync(_plain with { Id = id, SdKey = key }), LeoErrorId.ValueOutOfRange, says);
        Assert.Equal(1, await CountAsync());
    }

    [PostgresFact]
    public async Task Two_at_the_same_time_make_one_and_the_other_is_told_whose_it_is()
    {
        await using NpgsqlConnection other = await Database.ConnectAsync();
        await using NpgsqlTransaction transaction = await other.BeginTransactionAsync();
        await InsertFirstAsync(other);
        Task<ChangeOutcome<StrategicDirective>> waiting = CreateAsync(_plain);
        await Database.WaitUntilRunningAsync(1);
        await transaction.CommitAsync();
        Failed(await waiting, LeoErrorId.ValueOutOfRange, "SD-1 (o), 'First'");
    }

    [PostgresFact]
    public async Task One_that_is_just_being_made_is_waited_for_no_longer_than_the_lock_timeout()
    {
        await using NpgsqlConnection other = await Database.ConnectAsync();
        await using NpgsqlTransaction transaction = await other.BeginTransactionAsync();
        await InsertFirstAsync(other);
        Failed(await CreateAsync(_plain, context: Waiting(TimeSpan.FromMilliseconds(200))), LeoErrorId.RowLocked, "SD-1", "0.2 s");
    }

    [PostgresFact]
    public async Task A_table_with_more_columns_takes_them_and_names_the_one_that_is_missing()
    {
        await Database.RunAsync("""
            create type kind as enum ('feature', 'fix');
            alter table strategic_directives_v2 add column sd_type kind not null default 'fix', add column tags text[], add column "Rank in %" numeric(4,1);
            alter table strategic_directives_v2 alter column sd_type drop default
            """);
        Failed(await CreateAsync(_plain), LeoErrorId.ValueOutOfRange, "sd_type");
        Failed(await CreateAsync(_plain with { AdditionalColumns = new AdditionalColumns { Given = """{"sd_type": "nothing"}""" } }), LeoErrorId.ValueOutOfRange, "nothing");
        Failed(await CreateAsync(_plain with { AdditionalColumns = new AdditionalColumns { Given = """{"SD_TYPE": "fix"}""" } }), LeoErrorId.ValueOutOfRange, "'SD_TYPE'");
        StrategicDirective made = Made(await CreateAsync(_plain with { AdditionalColumns = new AdditionalColumns { Given = """{"sd_type": "fix", "tags": ["a", null], "Rank in %": 12.34}""" } }));
        Assert.Equal("""{"sd_type":"fix","tags":["a",null],"Rank in %":12.3}""", made.RawAdditionalColumns);
    }

    [PostgresFact]
    public async Task A_table_of_other_types_and_fewer_columns_takes_what_it_can()
    {
        await Database.RunAsync("""
            create type state as enum ('active', 'draft');
            alter table strategic_directives_v2
              drop column rationale, drop column created_at,
              alter column status type state using status::state, alter column priority type integer using 7
            """);
        Failed(await CreateAsync(_plain), LeoErrorId.ValueOutOfRange, "integer");
        StrategicDirective made = Made(await CreateAsync(_plain with { Priority = "3" }));
        Assert.Equal(("3", "draft", null), (made.Priority, made.Status, made.Rationale));
        // What was given is not left out without a word.
        LeoException error = await Assert.ThrowsAsync<LeoException>(() => CreateAsync(_plain with { SdKey = "SD-2", Priority = "3", Rationale = "given" }));
        Assert.Equal(LeoErrorId.SchemaMissing, error.ErrorId);
        Assert.Contains("rationale", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_constraint_that_LeoPS_does_not_know_is_named()
    {
        await Database.RunAsync("create unique index one_title on strategic_directives_v2 (title); alter table strategic_directives_v2 add constraint no_low check (priority <> 'low')");
        Failed(await CreateAsync(_plain with { Title = "The base" }), LeoErrorId.ValueOutOfRange, "one_title");
        Failed(await CreateAsync(_plain with { Priority = "low" }), LeoErrorId.ValueOutOfRange, "no_low");
    }

    [PostgresFact]
    public async Task One_that_a_trigger_leaves_out_is_no_success()
    {
        await Database.RunAsync("""
            create function nothing() returns trigger language plpgsql as 'begin return null; end';
            create trigger nothing before insert on strategic_directives_v2 for each row execute function nothing()
            """);
        Failed(await CreateAsync(_plain), LeoErrorId.Forbidden, "strategic directive SD-1", "left it out");
    }

    [PostgresFact]
    public async Task Row_level_security_forbids_it_by_name()
    {
        await using (ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated"))
        {
            Failed(await CreateAsync(_plain, member), LeoErrorId.Forbidden, "authenticated_login", "row-level security", "service_role");
        }

        await using (ILeoDatabase anon = await Database.OpenAsMemberAsync("anon"))
        {
            Failed(await CreateAsync(_plain, anon), LeoErrorId.Forbidden, "anon_login");
        }

        await using ILeoDatabase service = await Database.OpenAsMemberAsync("service_role");
        Made(await CreateAsync(_plain, service));
        Assert.Equal(2, await CountAsync());
    }

    [PostgresFact]
    public async Task A_name_that_a_hidden_directive_has_is_told_as_that()
    {
        await Database.RunAsync("""
            create policy adding on strategic_directives_v2 for insert to authenticated with check (true);
            drop policy strategic_directives_v2_select on strategic_directives_v2;
            create policy seeing on strategic_directives_v2 for select to authenticated using (status = 'draft')
            """);
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated");
        Failed(await CreateAsync(_plain with { SdKey = HandoffDatabase.SdKey }, member), LeoErrorId.ValueOutOfRange, "hidden from role authenticated_login", "strategic_directives_v2_sd_key_key");
        Made(await CreateAsync(_plain, member));
    }

    [PostgresFact]
    public async Task What_concerns_the_whole_call_is_thrown()
    {
        await using (ILeoDatabase readOnly = await Database.OpenAsync(s => s with { ReadOnly = true }))
        {
            Assert.Equal(LeoErrorId.ReadOnlyConnection, (await Assert.ThrowsAsync<LeoException>(() => CreateAsync(_plain, readOnly))).ErrorId);
        }

        await Database.RunAsync("revoke insert on strategic_directives_v2 from service_role");
        await using (ILeoDatabase member = await Database.OpenAsMemberAsync("service_role"))
        {
            Assert.Equal(LeoErrorId.Forbidden, (await Assert.ThrowsAsync<LeoException>(() => CreateAsync(_plain, member))).ErrorId);
        }
    }

    [PostgresFact]
    public async Task In_a_transaction_a_failure_leaves_the_others()
    {
        await using ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None);
        Made(await CreateAsync(_plain, transaction.Database));
        Failed(await CreateAsync(_plain, transaction.Database), LeoErrorId.ValueOutOfRange, "SD-1");
        Failed(await CreateAsync(_plain with { SdKey = "SD-3", AdditionalColumns = new AdditionalColumns { Given = """{"created_at": "never"}""" } }, transaction.Database), LeoErrorId.ValueOutOfRange);
        Made(await CreateAsync(_plain with { SdKey = "SD-2" }, transaction.Database));
        Assert.Equal(1, await CountAsync());
        await transaction.CommitAsync();
        Assert.Equal(3, await CountAsync());
    }

    private static async Task InsertFirstAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            "insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope) values ('o', 'SD-1', 'First', 'x', '', '', '', '', '')", connection);
        await command.ExecuteNonQueryAsync();
    }

    private Task<long> CountAsync() => Database.ScalarAsync<long>("select count(*) from strategic_directives_v2");
}
