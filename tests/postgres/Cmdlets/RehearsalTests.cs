using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Cmdlets;

/// <summary>-WhatIf of every cmdlet that writes refuses, as the write would, what the catalog forbids, and announces it nowhere.</summary>
public sealed class RehearsalTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    private const string Rows = """
        insert into exec_handoff_preparations (id, session_id, sd_id, implementation_summary, handoff_status)
        values (md5('h')::uuid, '11111111-2222-3333-4444-555555555555', 'SD-BASE-001', 's', 'ready');
        insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope) values ('SD-2', 'SD-2', 't', 'active', 'c', 'high', 'd', 'r', 's');
        insert into crewai_flows (id, flow_key, flow_name, flow_definition, status) values (md5('f')::uuid, 'f', 'F', '{}', 'active'), (md5('g')::uuid, 'g', 'G', '{}', 'active');
        insert into crewai_flow_executions (id, flow_id, execution_key, status, started_at, completed_at)
        select md5(s)::uuid, md5('f')::uuid, s, s, now() - interval '2 h', case s when 'failed' then now() - interval '1 h' end from unnest(array['pending', 'running', 'failed']) s;
        """;

    /// <summary>Every row can be read, and no policy is for a write.</summary>
    private const string ReadOnlyPolicies = """
        do $$ declare t text; p record; begin
          foreach t in array array['strategic_directives_v2', 'exec_implementation_sessions', 'exec_handoff_preparations', 'crewai_flows', 'crewai_flow_executions'] loop
            for p in select polname from pg_policy where polrelid = t::regclass loop execute format('drop policy %I on %I', p.polname, t); end loop;
            execute format('alter table %I enable row level security', t);
            execute format('create policy reads on %I for select to authenticated using (true)', t);
          end loop;
        end $$;
        """;

    private const string Columns = """
        alter table strategic_directives_v2 add column level int check (level < 5), add column current_phase text check (current_phase <> 'X'), add column progress int check (progress < 90);
        alter table strategic_directives_v2 add check (title <> 'X'), add check (status <> 'X');
        alter table exec_implementation_sessions add column level int check (level < 5), add column implementation_progress int check (implementation_progress < 90);
        alter table exec_handoff_preparations add column level int check (level < 5);
        alter table crewai_flows add column level int check (level < 5);
        alter table crewai_flow_executions add column level int check (level < 5), add column budget_limit int check (budget_limit < 5);
        alter table crewai_flow_executions add constraint few check (token_count < 5), add constraint scheduled check (execution_mode <> 'triggered');
        """;

    /// <summary>A copy of a failed execution, with another id and key.</summary>
    private const string PutBack =
        "(Get-FlowExecution -Id $failed -AsJson) -replace $failed, [guid]::NewGuid() -replace '(?<=\"ExecutionKey\":)\"failed\"', '\"other\"' | New-FlowExecution -FromJson";

    private static readonly (string Script, string[] Forbidden)[] All =
    [
        ("New-StrategicDirective SD-9 t", ["-AdditionalColumns @{ level = 9 }", "-AdditionalColumns @{ none = 1 }", "-Status X"]),
        ("Set-StrategicDirective SD-2", ["-Title X", "-Status X", "-Phase X", "-Progress 95", "-AdditionalColumns @{ level = 9 }", "-AdditionalColumns @{ none = 1 }"]),
        ("New-ImplementationSession SD-2 GENERAL_FEATURE", ["-AdditionalColumns @{ level = 9 }", "-AdditionalColumns @{ none = 1 }"]),
        ("Set-ImplementationSession 11111111-2222-3333-4444-555555555555", ["-Progress 95", "-AdditionalColumns @{ level = 9 }", "-AdditionalColumns @{ none = 1 }"]),
        ("New-HandoffPreparation BASE-KEY -ImplementationSummary s", ["-AdditionalColumns @{ level = 9 }", "-AdditionalColumns @{ none = 1 }"]),
        ("Set-HandoffPreparation -Id $h", ["-AdditionalColumns @{ level = 9 }", "-AdditionalColumns @{ none = 1 }"]),
        ("Set-HandoffStatus Sent -Id $h", []),
        ("Set-HandoffStatus Sent -CurrentStatus Ready", []),
        ("Remove-HandoffPreparation -Id $h", []),
        ("New-Flow new n '{}'", ["-AdditionalColumns @{ level = 9 }", "-AdditionalColumns @{ none = 1 }"]),
        ("Get-Flow f | New-Flow -FlowKey copy", ["-AdditionalColumns @{ level = 9 }"]),
        ("Set-Flow f", ["-AdditionalColumns @{ level = 9 }", "-AdditionalColumns @{ none = 1 }"]),
        ("Remove-Flow f -IncludeExecutions -Force", []),
        ("New-FlowExecution f", ["-AdditionalColumns @{ level = 9 }", "-AdditionalColumns @{ none = 1 }", "-BudgetLimit 9", "-TokenCount 9 -Status Completed -StartedAt 2026-01-01Z -CompletedAt 2026-01-01Z"]),
        ("Start-FlowExecution f", ["-AdditionalColumns @{ level = 9 }", "-BudgetLimit 9", "-ExecutionMode Triggered"]),
        ("Start-FlowExecution -Id $pending", []),
        ("Start-FlowExecution -Next", []),
        ("Set-FlowExecution -Id $running", ["-TokenCount 9", "-BudgetLimit 9"]),
        ("Complete-FlowExecution -Id $running", ["-TokenCount 9"]),
        ("Stop-FlowExecution -Id $running -Reason r", []),
        ("Stop-FlowExecution -OlderThan 0s -Reason r", []),
        ("Restart-FlowExecution -Id $failed", []),
        ("Remove-FlowExecution -Id $failed", []),
        ("Remove-FlowExecution -OlderThan 1s", []),
        ("Invoke-FlowExecution f { }", ["-AdditionalColumns @{ level = 9 }", "-AdditionalColumns @{ none = 1 }", "-BudgetLimit 9", "-ExecutionMode Triggered"]),
    ];

    /// <summary>A CHECK of one column, and a call that gives the column a value which it refuses.</summary>
    public static TheoryData<string, string, string> Structured => new()
    {
        { "exec_handoff_preparations", "test_results ? 'unit'", "New-HandoffPreparation BASE-KEY -ImplementationSummary s -TestResults @{ other = 1 }" },
        { "exec_handoff_preparations", "test_results ? 'unit'", "Set-HandoffPreparation -Id $h -TestResults @{ other = 1 }" },
        { "exec_handoff_preparations", "cardinality(known_issues) < 2", "New-HandoffPreparation BASE-KEY -ImplementationSummary s -KnownIssues a, b" },
        { "exec_handoff_preparations", "cardinality(known_issues) < 2", "Set-HandoffPreparation -Id $h -KnownIssues a, b" },
        { "crewai_flows", "flow_definition ? 'agents' or flow_key <> 'new'", "New-Flow new n @{ other = 1 }" },
        { "crewai_flows", "not flow_definition ? 'other'", "Set-Flow f -FlowDefinition @{ other = 1 }" },
        { "crewai_flows", "not metadata ? 'other'", "New-Flow new n @{} -Metadata @{ other = 1 }" },
        { "crewai_flows", "not metadata ? 'other'", "Set-Flow f -Metadata @{ other = 1 }" },
        { "crewai_flows", "cardinality(tags) < 2", "New-Flow new n @{} -Tag a, b" },
        { "crewai_flows", "cardinality(tags) < 2", "Set-Flow f -Tag a, b" },
        { "crewai_flows", "version < 5", "New-Flow new n @{} -Version 9" },
        { "crewai_flows", "version < 5", "Set-Flow f -Version 9" },
        { "crewai_flows", "created_by <> '00000000-0000-0000-0000-000000000001'", "New-Flow new n @{} -CreatedBy 00000000-0000-0000-0000-000000000001" },
        { "crewai_flow_executions", "not input_state ? 'other'", "New-FlowExecution f -InputState @{ other = 1 }" },
        { "crewai_flow_executions", "not metadata ? 'other'", "New-FlowExecution f -Metadata @{ other = 1 }" },
        { "crewai_flow_executions", "not output_state ? 'other'", "New-FlowExecution f -Status Completed -StartedAt 2026-01-01Z -CompletedAt 2026-01-01Z -OutputState @{ other = 1 }" },
        { "crewai_flow_executions", "not input_state ? 'other'", "Start-FlowExecution f -InputState @{ other = 1 }" },
        { "crewai_flow_executions", "not input_state ? 'other'", "Invoke-FlowExecution f { } -InputState @{ other = 1 }" },
        { "crewai_flow_executions", "not metadata ? 'other'", "Start-FlowExecution f -Metadata @{ other = 1 }" },
        { "crewai_flow_executions", "not input_state ? 'other'", "Start-FlowExecution -Id $pending -InputState @{ other = 1 }" },
        { "crewai_flow_executions", "not output_state ? 'other'", "Complete-FlowExecution -Id $running -OutputState @{ other = 1 }" },
        { "crewai_flow_executions", "status <> 'failed' or execution_key = 'failed'", PutBack },
        { "crewai_flow_executions", "execution_key <> 'other' or metadata is not null", PutBack },
        { "crewai_flow_executions", "execution_key <> 'other' or completed_at > started_at + interval '1 d'", PutBack },
    };

    /// <summary>What a cmdlet needs to have something to write, where a case does not name it.</summary>
    private static readonly Dictionary<string, string> _values = new(StringComparer.Ordinal)
    {
        ["Set-StrategicDirective SD-2"] = "-Title Y",
        ["Set-ImplementationSession 11111111-2222-3333-4444-555555555555"] = "-Status Paused",
        ["Set-HandoffPreparation -Id $h"] = "-DemoUrl https://x",
        ["Set-Flow f"] = "-Description d",
        ["Set-FlowExecution -Id $running"] = "-TokenCount 3",
    };

    public static TheoryData<string> Scripts => [.. All.Select(a => a.Script)];

    public static TheoryData<string> Values => [.. All.SelectMany(a => a.Forbidden.Select(f => $"{a.Script} {f}"))];

    [PostgresTheory]
    [MemberData(nameof(Scripts))]
    public async Task Where_no_policy_is_for_the_write_it_is_refused(string script)
    {
        await Database.RunAsync(Rows + ReadOnlyPolicies);
        using CmdletSession session = await ConnectAsync(s => s with { Role = "authenticated" });
        string call = $"{script} {_values.GetValueOrDefault(script)}";
        CmdletResult result = session.Run($"{call} -WhatIf");
        LeoException error = Assert.IsType<LeoException>(Assert.Single(result.Errors).Exception);
        Assert.Equal(LeoErrorId.Forbidden, error.ErrorId);
        Assert.Contains(" has no policy for ", error.Message, StringComparison.Ordinal);
        Assert.Contains("that applies to role authenticated", error.Message, StringComparison.Ordinal);
    }

    [PostgresTheory]
    [MemberData(nameof(Values))]
    public async Task A_value_that_the_table_refuses_whatever_the_row_is_is_refused(string call)
    {
        await Database.RunAsync(Rows + Columns);
        using CmdletSession session = await ConnectAsync(s => s);
        CmdletResult rehearsed = session.Run($"{call} -WhatIf");
        LeoException error = Assert.IsType<LeoException>(Assert.Single(rehearsed.Errors).Exception);
        Assert.Equal(LeoErrorId.ValueOutOfRange, error.ErrorId);
        Assert.Contains(call.Contains("none", StringComparison.Ordinal) ? "'none'" : "(23514)", error.Message, StringComparison.Ordinal);
        CmdletResult written = session.Run($"{call} -Confirm:$false");
        Assert.Equal(LeoErrorId.ValueOutOfRange, Assert.IsType<LeoException>(written.Errors[0].Exception).ErrorId);
    }

    [PostgresTheory]
    [MemberData(nameof(Structured))]
    public async Task A_JSON_value_or_an_array_that_a_check_refuses_is_refused(string table, string check, string call)
    {
        await Database.RunAsync($"{Rows} alter table {table} add constraint structured check ({check}) not valid");
        using CmdletSession session = await ConnectAsync(s => s);
        LeoException error = Assert.IsType<LeoException>(Assert.Single(session.Run($"{call} -WhatIf").Errors).Exception);
        Assert.Equal((LeoErrorId.ValueOutOfRange, "23514"), (error.ErrorId, error.SqlState));
        Assert.Contains("constraint structured of public.", error.Message, StringComparison.Ordinal);
        LeoException written = Assert.IsType<LeoException>(session.Run($"{call} -Confirm:$false").Errors[0].Exception);
        Assert.Equal((error.ErrorId, error.SqlState), (written.ErrorId, written.SqlState));
    }

    [PostgresTheory]
    [InlineData("crewai_flows", "jsonb_typeof(metadata) = 'null'", "New-Flow new n '{}' -Metadata 'null'")]
    [InlineData("crewai_flows", "tags = array['a,b', 'c\"d']", "New-Flow new n '{}' -Tag 'a,b', 'c\"d'")]
    [InlineData("exec_handoff_preparations", "jsonb_typeof(test_results) = 'null' and test_results is not null", "New-HandoffPreparation BASE-KEY -ImplementationSummary s -TestResults 'null'")]
    [InlineData("crewai_flow_executions", "metadata ? 'leopsOwner'", "Invoke-FlowExecution f { } -Metadata @{ a = 1 }")]
    public async Task A_value_that_is_otherwise_in_the_row_than_given_is_left_to_the_server(string table, string check, string call)
    {
        await Database.RunAsync($"{Rows} alter table {table} add check ({check}) not valid");
        using CmdletSession session = await ConnectAsync(s => s);
        Assert.Empty(session.Run($"{call} -WhatIf").Errors);
        Assert.Empty(session.Run($"{call} -Confirm:$false").Errors);
    }

    [PostgresTheory]
    [InlineData("Set-HandoffStatus Sent -CurrentStatus Ready")]
    [InlineData("Stop-FlowExecution -OlderThan 0s -Reason r")]
    [InlineData("Start-FlowExecution -Next")]
    [InlineData("Remove-FlowExecution -OlderThan 1s")]
    public async Task A_selection_of_no_row_is_refused_by_no_policy_as_the_write_itself(string call)
    {
        await Database.RunAsync(ReadOnlyPolicies);
        using CmdletSession session = await ConnectAsync(s => s with { Role = "authenticated" });
        Assert.Empty(session.Run($"{call} -WhatIf").Errors);
        Assert.Empty(session.Run($"{call} -Confirm:$false").Errors);
    }

    [PostgresTheory]
    [InlineData("strategic_directives_v2", "New-StrategicDirective SD-9 t")]
    [InlineData("exec_implementation_sessions", "New-ImplementationSession SD-2 GENERAL_FEATURE")]
    [InlineData("exec_handoff_preparations", "New-HandoffPreparation BASE-KEY -ImplementationSummary s")]
    [InlineData("crewai_flows", "New-Flow new n '{}'")]
    [InlineData("crewai_flow_executions", "New-FlowExecution f")]
    [InlineData("crewai_flow_executions", "Start-FlowExecution f")]
    [InlineData("crewai_flow_executions", "Invoke-FlowExecution f { }")]
    [InlineData("crewai_flow_executions", "Restart-FlowExecution -Id $failed")]
    public async Task A_column_that_must_have_a_value_and_gets_none_is_refused_unless_the_database_may_give_it_one(string table, string call)
    {
        await Database.RunAsync($"""
            {Rows} alter table {table} add must text not null default 'x', add numbered int not null generated by default as identity;
            alter table {table} alter must drop default
            """);
        using CmdletSession session = await ConnectAsync(s => s);
        LeoException error = Assert.IsType<LeoException>(Assert.Single(session.Run($"{call} -WhatIf").Errors).Exception);
        Assert.Equal((LeoErrorId.ValueOutOfRange, "23502"), (error.ErrorId, error.SqlState));
        Assert.Contains($"Column must of public.{table} is NOT NULL and gets no value", error.Message, StringComparison.Ordinal);
        LeoException written = Assert.IsType<LeoException>(session.Run($"{call} -Confirm:$false").Errors[0].Exception);
        Assert.Equal((error.ErrorId, error.SqlState), (written.ErrorId, written.SqlState));
        if (!call.StartsWith("Restart", StringComparison.Ordinal))
        {
            Assert.Empty(session.Run($"{call} -AdditionalColumns @{{ must = 'y' }} -WhatIf").Errors);
        }

        await Database.RunAsync($"""
            create function fill() returns trigger language plpgsql as $$ begin new.must := coalesce(new.must, 'z'); return new; end $$;
            create trigger fill before insert on {table} for each row execute function fill()
            """);
        Assert.Empty(session.Run($"{call} -WhatIf").Errors);
    }

    [PostgresFact]
    public async Task A_restart_hands_on_what_a_column_of_governance_must_have_and_a_run_that_is_put_back_has_its_own_columns()
    {
        await Database.RunAsync($"""
            {Rows} alter table crewai_flow_executions add budget_limit int not null default 5, add must text not null default 'x';
            alter table crewai_flow_executions alter budget_limit drop default
            """);
        using CmdletSession session = await ConnectAsync(s => s);
        Assert.Empty(session.Run("Restart-FlowExecution -Id $failed -WhatIf").Errors);
        Assert.Equal("23502", Assert.IsType<LeoException>(Assert.Single(session.Run("Start-FlowExecution f -WhatIf").Errors).Exception).SqlState);
        Assert.Empty(session.Run("Start-FlowExecution f -BudgetLimit 3 -WhatIf").Errors);
        await Database.RunAsync("alter table crewai_flow_executions alter must drop default");
        session.Run("$line = Get-FlowExecution -Id $failed -AsJson");
        await Database.RunAsync("delete from crewai_flow_executions where status = 'failed'");
        Assert.Empty(session.Run("$line | New-FlowExecution -FromJson -WhatIf").Errors);
        Assert.Empty(session.Run("$line | New-FlowExecution -FromJson -Confirm:$false").Errors);
    }

    [PostgresTheory]
    [MemberData(nameof(Scripts))]
    public async Task What_nothing_forbids_is_not_refused(string script)
    {
        await Database.RunAsync(Rows + Columns);
        using CmdletSession session = await ConnectAsync(s => s);
        Assert.Empty(session.Run($"{script} {_values.GetValueOrDefault(script)} -WhatIf").Errors);
    }

    private async Task<CmdletSession> ConnectAsync(Func<ConnectionSettings, ConnectionSettings> change)
    {
        var session = new CmdletSession();
        session.Connect(change(Database.Settings), await Database.OpenAsync(change));
        foreach (string name in new[] { "h", "pending", "running", "failed" })
        {
            session.Set(name, await Database.ScalarAsync<Guid>($"select md5('{name}')::uuid"));
        }

        return session;
    }
}
