using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Cmdlets;

/// <summary>The cmdlets in this process on a real server: base cmdlets, transformations and binding, without the packaged module.</summary>
public sealed class CmdletTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private CmdletSession Session { get; } = new();

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Session.Connect(Database.Settings, await Database.OpenAsync(s => s));
    }

    public override async Task DisposeAsync()
    {
        Session.Dispose();
        await base.DisposeAsync();
    }

    [PostgresFact]
    public async Task A_piped_update_returns_the_rows_in_order_and_one_error_per_refused_row()
    {
        List<Guid> ids = await Database.InsertAsync(2500);
        await Database.RunAsync($"update exec_handoff_preparations set handoff_status = 'accepted' where id in ('{ids[7]}', '{ids[1800]}')");

        CmdletResult result = Session.Run("Get-HandoffPreparation | Set-HandoffStatus Sent");

        Assert.Equal(ids.Where(id => id != ids[7] && id != ids[1800]), result.As<HandoffPreparation>().Select(h => h.Id));
        Assert.Equal(["InvalidTransition", "InvalidTransition"], result.ErrorIds);
        Assert.Equal([ids[7], ids[1800]], result.Errors.Select(e => ((HandoffPreparation)e.TargetObject).Id));
    }

    [PostgresFact]
    public async Task Identities_bind_from_guids_texts_json_and_objects_and_each_bad_one_is_an_error_of_its_own()
    {
        List<Guid> ids = await Database.InsertAsync(4);
        Session.Set("ids", ids.ToArray());

        CmdletResult result = Session.Run("""
            $ids[0], "$($ids[1])", (Get-HandoffPreparation -Id $ids[2] -AsJson | ConvertFrom-Json), 'no id', $null, (Get-HandoffPreparation -Id $ids[3]), 42 |
                Set-HandoffStatus Sent
            """);

        Assert.Equal(ids, result.As<HandoffPreparation>().Select(h => h.Id));
        Assert.Equal(["InvalidIdentity", "InvalidIdentity", "InvalidIdentity"], result.ErrorIds);
    }

    [PostgresFact]
    public async Task WhatIf_writes_nothing_and_Stop_ends_the_pipeline_at_the_first_refused_row()
    {
        List<Guid> ids = await Database.InsertAsync(3);
        await Database.RunAsync($"update exec_handoff_preparations set handoff_status = 'accepted' where id = '{ids[0]}'");

        Assert.Empty(Session.Run("Get-HandoffPreparation -Status Ready | Set-HandoffStatus Sent -WhatIf").Output);
        Assert.Equal(2, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations where handoff_status = 'ready'"));

        CmdletResult stopped = Session.Run("Get-HandoffPreparation | Set-HandoffStatus Sent -BatchSize 1 -ErrorAction Stop");
        Assert.Equal("InvalidTransition", Assert.Single(stopped.ErrorIds));
    }

    [PostgresFact]
    public async Task An_atomic_update_changes_nothing_when_one_row_is_refused()
    {
        List<Guid> ids = await Database.InsertAsync(5);
        await Database.RunAsync($"update exec_handoff_preparations set handoff_status = 'accepted' where id = '{ids[4]}'");

        CmdletResult result = Session.Run("Get-HandoffPreparation | Set-HandoffStatus Sent -Atomic");

        Assert.Empty(result.Output);
        Assert.Equal(["InvalidTransition", "BatchRolledBack"], result.ErrorIds);
        Assert.Equal(4, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations where handoff_status = 'ready'"));
    }

    [PostgresFact]
    public async Task A_transaction_rolls_back_what_its_block_wrote_before_the_failure()
    {
        List<Guid> ids = await Database.InsertAsync(2);
        Session.Set("ids", ids.ToArray());

        CmdletResult result = Session.Run("Invoke-LeoTransaction { $null = Set-HandoffStatus Sent -Id $ids[0]; Set-HandoffStatus Accepted -Id $ids[1] }");

        Assert.Contains("BatchRolledBack", result.ErrorIds);
        Assert.Equal(2, await Database.ScalarAsync<long>("select count(*) from exec_handoff_preparations where handoff_status = 'ready'"));
    }

    [PostgresFact]
    public async Task A_block_of_an_execution_is_completed_with_its_output()
    {
        await Database.RunAsync("insert into crewai_flows (flow_key, flow_name, flow_definition, status) values ('weekly', 'Weekly', '{}', 'active')");

        CmdletResult result = Session.Run("Invoke-FlowExecution weekly { param($run) $run.TokenCount = 7; 'one'; 'two' }; (Get-FlowExecution).Status");

        Assert.Equal(["one", "two", "Completed"], result.Output.Select(o => o.ToString()));
        Assert.Equal("[\"one\", \"two\"]|7", await Database.ScalarAsync<string>("select output_state::text || '|' || token_count from crewai_flow_executions"));
    }

    [PostgresFact]
    public async Task A_rehearsal_does_not_announce_an_execution_that_a_check_forbids()
    {
        await Database.RunAsync(
            "insert into crewai_flows (flow_key, flow_name, flow_definition, status) values ('weekly', 'Weekly', '{}', 'active'); "
            + "alter table crewai_flow_executions add constraint only_queued check (status <> 'running')");

        CmdletResult result = Session.Run("Invoke-FlowExecution weekly { 'never' } -WhatIf");

        Assert.Equal(["ValueOutOfRange"], result.ErrorIds);
        Assert.Empty(result.Output);
    }

    [PostgresTheory]
    [InlineData("Set-ImplementationSession", "exec_implementation_sessions", "branch_name")]
    [InlineData("Set-StrategicDirective", "strategic_directives_v2", "lane")]
    public async Task All_or_none_refused_by_its_COMMIT_names_the_constraint_and_its_columns_and_writes_no_row(string cmdlet, string table, string column)
    {
        await Database.RunAsync($"""
            insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
            select s, s, 't', 'active', 'c', 'high', 'd', 'r', 's' from unnest(array['SD-X', 'SD-Y', 'SD-Z']) s;
            insert into exec_implementation_sessions (sd_id, status, implementation_type) select 'SD-X', 'completed', 'UI_COMPONENT' from generate_series(1, 2);
            alter table {table} add {column} text, add constraint one_each unique ({column}) deferrable initially deferred
            """);
        string get = cmdlet.Replace("Set-", "Get-", StringComparison.Ordinal);

        foreach (int size in new[] { 1, 1000 })
        {
            CmdletResult result = Session.Run($"{get} | {cmdlet} -AdditionalColumns @{{ {column} = 'same' }} -Atomic -BatchSize {size}");

            Assert.Empty(result.Output);
            Assert.Equal("BatchRolledBack", result.ErrorIds.Last());
            AssertEach.Of(
                result.Errors.SkipLast(1),
                error => Assert.Contains($"constraint one_each of public.{table} on ({column}): UNIQUE ({column}) DEFERRABLE", error.Exception.Message, StringComparison.Ordinal));
            Assert.Equal(0, await Database.ScalarAsync<long>($"select count({column}) from {table}"));
        }
    }
}
