using LeoPS.Changes;
using LeoPS.Directives;
using LeoPS.Ports;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.PostgresTests.Handoffs;

namespace LeoPS.PostgresTests.Access;

/// <summary>What fails inside a trigger's function is the row's error, names the function, and is not taken for a fault of ours or of our tables.</summary>
public sealed class FunctionFailureTests(PostgresServer server) : ContentTest(server)
{
    private const string Table = "exec_handoff_preparations";
    private const string Bad = "bad";
    private const string Failed = "A trigger or function of the database failed: ";
    private const string Broken = "its maintainer has to correct it";

    private static readonly (string Kind, string Body, LeoErrorId ErrorId, string[] Named)[] All =
    [
        ("column of a query", $"perform no_such from {Table} limit 1", LeoErrorId.DatabaseError, [Failed, "no_such", "42703", Broken]),
        ("field of the row", "new.demo_url := new.no_such", LeoErrorId.DatabaseError, [Failed, "no_such", "42703", Broken]),
        ("table", "perform 1 from no_such", LeoErrorId.DatabaseError, [Failed, "no_such", "42P01", Broken]),
        ("schema", "create table no_such.one (id int)", LeoErrorId.DatabaseError, [Failed, "no_such", "3F000"]),
        ("operator", "perform new.id >= 70", LeoErrorId.DatabaseError, [Failed, "42883", Broken]),
        ("check of another table", "insert into others values (-1)", LeoErrorId.ValueOutOfRange, [Failed, "constraint positive of public.others on (number): CHECK", "23514"]),
        ("key of another table", "insert into others values (1), (1)", LeoErrorId.ValueOutOfRange, [Failed, "constraint others_pkey of public.others on (number): PRIMARY KEY", "23505"]),
        ("more than one row", "perform (select number from others)", LeoErrorId.DatabaseError, [Failed, "21000"]),
        ("arithmetic", "perform 1 / 0", LeoErrorId.ValueOutOfRange, ["22012"]),
        ("a code of ours", "raise undefined_table using message = 'no such phase'", LeoErrorId.Forbidden, ["A trigger or function of the database refused it: no such phase", "42P01"]),
    ];

    public static TheoryData<string> Kinds => [.. All.Select(a => a.Kind)];

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task Of_a_batch_the_row_alone_fails_and_the_function_is_named(string kind)
    {
        (string _, string body, LeoErrorId errorId, string[] named) = Array.Find(All, a => a.Kind == kind);
        await FailOnBadAsync(body);
        ChangeOutcome<HandoffPreparation> failed = SingleFailure(await CreateAsync([Draft(summary: "a"), Draft(summary: Bad), Draft(summary: "c")]), errorId);
        Assert.Equal(Bad, failed.Source);
        Names(failed.Error!, [.. named, "PL/pgSQL function fail() line"]);
        Assert.DoesNotContain("Install-LeoSchema", failed.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(2, await Database.ScalarAsync<long>($"select count(*) from {Table}"));
    }

    [PostgresTheory]
    [MemberData(nameof(Kinds))]
    public async Task The_only_row_of_a_statement_fails_alike(string kind)
    {
        (string _, string body, LeoErrorId errorId, string[] named) = Array.Find(All, a => a.Kind == kind);
        await FailOnBadAsync(body.Replace("new.id >= 70", "new.sd_key >= 70", StringComparison.Ordinal).Replace("demo_url", "title", StringComparison.Ordinal), "strategic_directives_v2", "title");
        ChangeOutcome<StrategicDirective> outcome = await Database.Database.Directives.CreateAsync(
            new NewDirective { SdKey = "SD-1", Title = Bad }.Check(), HandoffDatabase.Context, CancellationToken.None);
        Assert.Equal((OutcomeKind.Failed, errorId), (outcome.Kind, outcome.Error?.ErrorId));
        Names(outcome.Error!, [.. named, "PL/pgSQL function fail() line"]);
        Assert.DoesNotContain("SD-1 cannot be made", outcome.Error!.Message, StringComparison.Ordinal);
    }

    [PostgresTheory]
    [InlineData("grant insert on others to authenticated; alter table others enable row level security")]
    [InlineData("revoke all on others from public, authenticated")]
    public async Task A_right_that_a_function_lacks_is_the_functions_and_its_table_is_named(string ddl)
    {
        await FailOnBadAsync("insert into others values (1)");
        await Database.RunAsync($"{ddl}; create policy anyone on {Table} for insert to authenticated with check (true)");
        await using ILeoDatabase member = await Database.OpenAsync(s => s with { Role = "authenticated" });
        IReadOnlyList<ChangeOutcome<HandoffPreparation>> outcomes = await CreateAsync([Draft(summary: "a"), Draft(summary: Bad)], store: member.Handoffs);
        LeoException error = SingleFailure(outcomes, LeoErrorId.Forbidden).Error!;
        Assert.Equal("42501", error.SqlState);
        Names(error, [Failed, "others", "PL/pgSQL function fail() line", "rights of role authenticated", "SECURITY DEFINER"]);
        Assert.DoesNotContain(Table, error.Message, StringComparison.Ordinal);
    }

    private static void Names(LeoException error, string[] named) =>
        AssertEach.Of(named, text => Assert.Contains(text, error.Message, StringComparison.Ordinal));

    private Task FailOnBadAsync(string body, string table = Table, string column = "implementation_summary") => Database.RunAsync($"""
        create table others (number int primary key constraint positive check (number > 0)); insert into others values (2), (3);
        create function fail() returns trigger language plpgsql as $$ begin
          if new.{column} = 'bad' then {body}; end if; return new;
        end $$;
        create trigger fail before insert or update on {table} for each row execute function fail()
        """);
}
