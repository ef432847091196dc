using LeoPS.PostgresTests.Fixtures;

namespace LeoPS.PostgresTests.Tables;

/// <summary>Additional columns of type json, which keeps text that jsonb refuses: escapes of U+0000 and of half characters, and line breaks.</summary>
public sealed class JsonColumnTests(PostgresServer server) : HandoffDatabaseTest(server)
{
    public static TheoryData<string, string> Reads => new()
    {
        { "exec_handoff_preparations", "Get-HandoffPreparation" },
        { "crewai_flow_executions", "Get-FlowExecution" },
        { "crewai_flows", "Get-Flow" },
        { "strategic_directives_v2", "Get-StrategicDirective" },
        { "exec_implementation_sessions", "Get-ImplementationSession" },
    };

    [PostgresTheory]
    [MemberData(nameof(Reads))]
    public async Task A_row_is_read_with_the_character_NUL_and_one_with_half_a_character_fails_alone(string table, string cmdlet)
    {
        await FillAsync();
        await Database.RunAsync($$"""
            alter table {{table}} add raw json;
            update {{table}} t set raw = (array['{"a":
             "x\u0000y"}', '{"a": "\ud83d"}', '{"a": "\ud83d\ude00"}'])[r.at]::json from (select id, row_number() over (order by id) as at from {{table}}) r where r.id = t.id
            """);
        using var session = new CmdletSession();
        session.Connect(Database.Settings, await Database.OpenAsync(s => s));

        CmdletResult read = session.Run($"{cmdlet} | Sort-Object {{ $_.Id.ToString() }} | ForEach-Object {{ $_.AdditionalColumns.raw.a }}");

        Assert.Equal(["x\0y", "😀"], read.Output.Select(o => (string)o.BaseObject));
        Assert.Equal(["UnreadableRow"], read.ErrorIds);
        Assert.Contains("AdditionalColumns has a value that cannot be read", read.Errors[0].Exception.Message, StringComparison.Ordinal);
        // An export has one row a line.
        CmdletResult lines = session.Run($"{cmdlet} -AsJson");
        AssertEach.Of(lines.As<string>(), line => Assert.DoesNotContain('\n', line));
        Assert.Equal(2, lines.Output.Count);
    }

    /// <summary>Three rows in each table.</summary>
    private async Task FillAsync()
    {
        await Database.InsertAsync(3);
        await Database.RunAsync($"""
            insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
            select s, s, 't', 'active', 'c', 'high', 'd', 'r', 's' from unnest(array['SD-X', 'SD-Y']) s;
            insert into exec_implementation_sessions (sd_id, status, implementation_type) select '{HandoffDatabase.SdId}', 'completed', 'UI_COMPONENT' from generate_series(1, 2);
            insert into crewai_flows (flow_key, flow_name, flow_definition) select s, s, '{"{}"}' from unnest(array['a', 'b', 'c']) s;
            insert into crewai_flow_executions (flow_id, execution_key) select id, flow_key from crewai_flows
            """);
    }
}
