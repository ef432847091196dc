using LeoPS.Changes;
using LeoPS.Ports;
using LeoPS.PostgresTests.Directives;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Sessions;
using Npgsql;

namespace LeoPS.PostgresTests.Sessions;

[Trait("Category", "Core")]
public sealed class SessionCreateTests(PostgresServer server) : DirectiveDatabaseTest(server)
{
    private static readonly NewSession _plain = new() { Sd = "SD-1", ImplementationType = ImplementationType.DATABASE_CHANGE };

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await AddAsync("SD-1", "KEY-1");
    }

    [PostgresTheory]
    [InlineData("SD-1")]
    [InlineData("KEY-1")]
    public async Task What_is_made_is_in_the_table_and_comes_back_as_it_is_there(string name)
    {
        NewSession wanted = _plain with { Sd = name };
        ImplementationSession made = Made(await CreateAsync(wanted));
        Assert.Equal((wanted.Id, "SD-1", "KEY-1", "Title of KEY-1"), (made.Id, made.SdId, made.SdKey, made.SdTitle));
        Assert.Equal((SessionStatus.Active, ImplementationType.DATABASE_CHANGE, null), (made.Status, made.ImplementationType, made.CompletedAt));
        Assert.True(await Database.ScalarAsync<bool>($"select started_at = created_at and started_at > now() - interval '1 minute' from exec_implementation_sessions where id = '{made.Id}'"));
        ImplementationSession read = Assert.Single(await ReadAsync(new SessionQuery { Filter = new() { Ids = [made.Id] } }));
        Assert.Equal(SessionJson.Line(made), SessionJson.Line(read));
    }

    [PostgresFact]
    public async Task An_id_wins_over_another_directives_key()
    {
        await AddAsync("other", "SD-1");
        Assert.Equal("SD-1", Made(await CreateAsync(_plain)).SdId);
    }

    [PostgresFact]
    public async Task A_second_active_session_is_refused_and_the_first_is_named_and_others_can_be_made()
    {
        ImplementationSession first = Made(await CreateAsync(_plain));
        Failed(await CreateAsync(_plain with { Id = Guid.NewGuid(), Sd = "KEY-1" }), LeoErrorId.StatusConflict, first.Id.ToString(), "directive KEY-1", "DATABASE_CHANGE");
        Assert.Equal(SessionStatus.Paused, Made(await CreateAsync(_plain with { Id = Guid.NewGuid(), Status = SessionStatus.Paused })).Status);
        Assert.Equal(2, await CountAsync());
    }

    [PostgresFact]
    public async Task A_table_without_the_index_gets_no_second_active_session_either()
    {
        await Database.RunAsync("drop index idx_exec_sessions_sd_active");
        Made(await CreateAsync(_plain));
        Failed(await CreateAsync(_plain with { Id = Guid.NewGuid() }), LeoErrorId.StatusConflict);
    }

    [PostgresTheory]
    [InlineData(SessionStatus.Completed)]
    [InlineData(SessionStatus.Failed)]
    [InlineData(SessionStatus.Cancelled)]
    public async Task One_that_is_over_has_its_end_by_the_servers_clock(SessionStatus status)
    {
        ImplementationSession made = Made(await CreateAsync(_plain with { Status = status }));
        Assert.Equal(made.StartedAt, made.CompletedAt);
        Assert.NotNull(made.CompletedAt);
    }

    [PostgresFact]
    public async Task A_time_that_was_given_stays()
    {
        ImplementationSession made = Made(await CreateAsync(_plain with { Status = SessionStatus.Completed, AdditionalColumns = new AdditionalColumns { Given = """{"started_at": "2020-01-01Z"}""" } }));
        Assert.Equal(DateTimeOffset.Parse("2020-01-01T00:00:00Z"), made.StartedAt);
        Assert.True(made.CompletedAt > made.StartedAt);
    }

    [PostgresFact]
    public async Task An_unknown_directive_is_ReferenceNotFound_and_another_cannot_be_put_in_beside()
    {
        Failed(await CreateAsync(_plain with { Sd = "nobody" }), LeoErrorId.ReferenceNotFound, "id or key nobody", "hidden from role");
        Failed(await CreateAsync(_plain with { AdditionalColumns = new AdditionalColumns { Given = """{"sd_id": "SD-BASE-001"}""" } }), LeoErrorId.ValueOutOfRange, "sd_id");
        Assert.Equal(0, await CountAsync());
    }

    [PostgresFact]
    public async Task Two_at_the_same_time_make_one_and_the_other_is_told_which()
    {
        await using NpgsqlConnection other = await Database.ConnectAsync();
        await using NpgsqlTransaction transaction = await other.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("insert into exec_implementation_sessions (sd_id, implementation_type) values ('SD-1', 'UI_COMPONENT') returning id", other);
        var id = (Guid)(await command.ExecuteScalarAsync())!;
        Task<ChangeOutcome<ImplementationSession>> waiting = CreateAsync(_plain);
        await Database.WaitUntilRunningAsync(1);
        await transaction.CommitAsync();
        Failed(await waiting, LeoErrorId.StatusConflict, id.ToString(), "UI_COMPONENT");
    }

    [PostgresFact]
    public async Task Row_level_security_forbids_it_by_name()
    {
        await using (ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated"))
        {
            Failed(await CreateAsync(_plain, member), LeoErrorId.Forbidden, "authenticated_login", "row-level security");
        }

        await using (ILeoDatabase anon = await Database.OpenAsMemberAsync("anon"))
        {
            // It does not even see the directive.
            Failed(await CreateAsync(_plain, anon), LeoErrorId.ReferenceNotFound, "hidden from role anon_login");
        }

        await using ILeoDatabase service = await Database.OpenAsMemberAsync("service_role");
        Made(await CreateAsync(_plain, service));
    }

    [PostgresFact]
    public async Task An_active_session_that_is_hidden_is_told_as_that()
    {
        ImplementationSession first = Made(await CreateAsync(_plain));
        await Database.RunAsync($"""
            create policy adding on exec_implementation_sessions for insert to authenticated with check (true);
            drop policy exec_sessions_select on exec_implementation_sessions;
            create policy seeing on exec_implementation_sessions for select to authenticated using (id <> '{first.Id}')
            """);
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated");
        Made(await CreateAsync(_plain with { Id = Guid.NewGuid(), Status = SessionStatus.Paused }, member));
        Assert.Equal(1, await CountAsync("status = 'active'"));
        Failed(await CreateAsync(_plain with { Id = Guid.NewGuid() }, member), LeoErrorId.ValueOutOfRange, "idx_exec_sessions_sd_active", "hidden from role authenticated_login");
        Assert.Equal(1, await CountAsync("status = 'active'"));
    }

    [PostgresFact]
    public async Task A_table_with_more_columns_and_without_times_takes_it()
    {
        await Database.RunAsync("""
            alter table exec_implementation_sessions drop column started_at, drop column completed_at, add column prd_id text;
            update exec_implementation_sessions set prd_id = '';
            alter table exec_implementation_sessions alter column prd_id set not null
            """);
        Failed(await CreateAsync(_plain), LeoErrorId.ValueOutOfRange, "prd_id");
        ImplementationSession made = Made(await CreateAsync(_plain with { Status = SessionStatus.Completed, AdditionalColumns = new AdditionalColumns { Given = """{"prd_id": "PRD-1"}""" } }));
        Assert.Equal((null, null, """{"prd_id":"PRD-1"}"""), (made.StartedAt, made.CompletedAt, made.RawAdditionalColumns));
    }

    [PostgresFact]
    public async Task In_a_transaction_a_failure_leaves_the_others()
    {
        await using ILeoTransaction transaction = await Database.Database.BeginAsync(CancellationToken.None);
        Made(await CreateAsync(_plain, transaction.Database));
        Failed(await CreateAsync(_plain with { Id = Guid.NewGuid() }, transaction.Database), LeoErrorId.StatusConflict);
        Failed(await CreateAsync(_plain with { Id = Guid.NewGuid(), Status = SessionStatus.Paused, AdditionalColumns = new AdditionalColumns { Given = """{"started_at": "never"}""" } }, transaction.Database), LeoErrorId.ValueOutOfRange);
        await transaction.CommitAsync();
        Assert.Equal(1, await CountAsync());
    }

    private Task<long> CountAsync(string condition = "true") => Database.ScalarAsync<long>($"select count(*) from exec_implementation_sessions where sd_id = 'SD-1' and {condition}");
}
