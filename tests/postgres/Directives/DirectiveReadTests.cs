using LeoPS.Directives;
using LeoPS.Ports;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Directives;
using LeoPS.Postgres.Statements;
using LeoPS.PostgresTests.Fixtures;
using LeoPS.Reading;

namespace LeoPS.PostgresTests.Directives;

[Trait("Category", "Core")]
public sealed class DirectiveReadTests(PostgresServer server) : DirectiveDatabaseTest(server)
{
    [PostgresFact]
    public async Task Every_column_is_read()
    {
        await Database.RunAsync($"update strategic_directives_v2 set created_at = '2026-01-02 03:04:05.000006Z', updated_at = null where id = '{HandoffDatabase.SdId}'");
        StrategicDirective row = Assert.Single(await ReadAsync(new DirectiveQuery()));
        Assert.Equal(
            (HandoffDatabase.SdId, HandoffDatabase.SdKey, "The base", "active", "c", "high", "d", "r", "s"),
            (row.Id, row.SdKey, row.Title, row.Status, row.Category, row.Priority, row.Description, row.Rationale, row.Scope));
        Assert.Equal((DateTimeOffset.Parse("2026-01-02T03:04:05.000006Z"), null), (row.CreatedAt, row.UpdatedAt));
        Assert.Equal(await Database.ScalarAsync<uint>("select xmin from strategic_directives_v2"), row.RowVersion);
    }

    [PostgresFact]
    public async Task An_id_wins_over_another_directives_key_of_the_same_text()
    {
        await AddAsync("A", "KEY-A");
        await AddAsync("B", "A");
        await AddAsync("C", "KEY-C");
        Assert.Equal(["A"], await NamedAsync("A"));
        Assert.Equal(["A"], await NamedAsync("KEY-A"));
        Assert.Equal(["B"], await NamedAsync("B"));
        Assert.Equal(["A", "C"], await NamedAsync("A", "KEY-C", "nobody"));
        Assert.Empty(await NamedAsync("a"));
        Assert.Empty(await NamedAsync());
        Assert.Equal(
            "A=A B=B KEY-A=A KEY-C=C",
            string.Join(' ', (await Database.Database.Directives.ResolveAsync(["B", "A", "KEY-A", "KEY-C", "nobody", "A"], HandoffDatabase.Context, CancellationToken.None))
                .OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}")));
    }

    [PostgresTheory]
    [InlineData("x-*", "x-1")]
    [InlineData("X?[12]", "x-1|x_2")]
    [InlineData("*ey-9", "x-1")]
    [InlineData("x_*", "x_2")]
    [InlineData("x`*", "")]
    [InlineData("x-1", "x-1")]
    public async Task Wildcards_are_PowerShells_over_ids_and_keys(string pattern, string expected)
    {
        await AddAsync("x-1", "KEY-9");
        await AddAsync("id-of-2", "x_2");
        Assert.Equal(
            expected.Split('|', StringSplitOptions.RemoveEmptyEntries),
            (await ReadAsync(new DirectiveQuery { Filter = new() { SdIds = [pattern] } })).Select(r => r.SdKey == "x_2" ? "x_2" : r.Id).Order(StringComparer.Ordinal));
    }

    [PostgresFact]
    public async Task Words_match_in_any_case_and_all_conditions_must_hold()
    {
        await AddAsync("A", "A", "Draft", "Feature", "HIGH");
        await AddAsync("B", "B", "draft", "feature x", "low");
        await AddAsync("C", "C", "a.b", "feature", "low");
        Assert.Equal(["A", "B"], await FoundAsync(All with { Statuses = ["DRAFT"] }));
        Assert.Equal(["A", "C"], await FoundAsync(All with { Categories = ["feature"] }));
        Assert.Equal(["A", "B", "C"], await FoundAsync(All with { Categories = ["feature*"] }));
        Assert.Equal(["B"], await FoundAsync(All with { Categories = ["feature*"], Priorities = ["low", "none"], Statuses = ["d*"] }));
        // A dot is a dot.
        Assert.Equal(["C"], await FoundAsync(All with { Statuses = ["a.b"] }));
        Assert.Empty(await FoundAsync(All with { Statuses = ["a?"] }));
        Assert.Empty(await FoundAsync(All with { Statuses = [] }));
        Assert.Equal(["A"], await FoundAsync(All with { Names = ["A", "C"], Statuses = ["draft"] }));
    }

    [PostgresTheory]
    [InlineData(DirectiveOrder.Id)]
    [InlineData(DirectiveOrder.SdKey)]
    [InlineData(DirectiveOrder.Title)]
    [InlineData(DirectiveOrder.Status)]
    [InlineData(DirectiveOrder.Category)]
    [InlineData(DirectiveOrder.Priority)]
    [InlineData(DirectiveOrder.CreatedAt)]
    [InlineData(DirectiveOrder.UpdatedAt)]
    public async Task Pages_and_resuming_by_a_text_id_give_each_row_once_in_every_order(DirectiveOrder order)
    {
        await Database.RunAsync("""
            insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope, created_at, updated_at)
            select (array['b', 'B', 'ä', '10', '9', '-', ' x', 'z'])[1 + n % 8] || n, 'K' || (n * 7919) % 23, 't' || n % 3, 's' || n % 2, 'c', 'p' || n % 4, '', '', '',
                   case when n % 5 = 0 then null else now() - make_interval(hours => n % 6) end, null
            from generate_series(1, 22) n
            """);
        foreach (bool descending in (bool[])[false, true])
        {
            var query = new DirectiveQuery { OrderBy = order, Descending = descending };
            List<string> whole = (await ReadAsync(query)).ConvertAll(r => r.Id);
            Assert.Equal(23, whole.Distinct(StringComparer.Ordinal).Count());
            Assert.Equal(whole, (await ReadAsync(query with { PageSize = 4 })).Select(r => r.Id));
            List<StrategicDirective> first = await ReadAsync(query with { First = 9 });
            Assert.Equal(whole[9..], (await ReadAsync(query with { ResumeAfter = ResumePoint.After(first[^1], order) })).Select(r => r.Id));
            Assert.Equal(whole[9..], (await ReadAsync(query with { ResumeAfter = ResumePoint.After(first[^1].Id) })).Select(r => r.Id));
            Assert.Equal(whole[3..5], (await ReadAsync(query with { Skip = 3, First = 2 })).Select(r => r.Id));
        }
    }

    [PostgresFact]
    public async Task To_go_on_after_nobody_is_NotFound()
    {
        LeoException error = await Assert.ThrowsAsync<LeoException>(
            () => ReadAsync(new DirectiveQuery { OrderBy = DirectiveOrder.Title, ResumeAfter = ResumePoint.After("nobody") }));
        Assert.Equal(LeoErrorId.NotFound, error.ErrorId);
        Assert.Contains("strategic directive nobody", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_table_of_another_shape_is_read_what_it_lacks_as_null_and_what_it_has_more_beside()
    {
        await Database.RunAsync("""
            create type state as enum ('active', 'done');
            alter table strategic_directives_v2
              drop column created_at, drop column updated_at, drop column rationale,
              alter column priority type integer using 7, alter column status type state using status::state, alter column title drop not null,
              add column sequence_rank integer not null default 3, add column "Odd name" text[] default '{a}';
            update strategic_directives_v2 set title = null
            """);
        StrategicDirective row = Assert.Single(await ReadAsync(new DirectiveQuery { Filter = All with { Priorities = ["7"], Statuses = ["ACTIVE"] } }));
        Assert.Equal(("7", "active", null, null), (row.Priority, row.Status, row.Title, row.Rationale));
        Assert.Equal((null, null), (row.CreatedAt, row.UpdatedAt));
        Assert.Equal("""{"sequence_rank":3,"Odd name":["a"]}""", row.RawAdditionalColumns);
        await AddAgainAsync();
        foreach (DirectiveOrder order in Enum.GetValues<DirectiveOrder>())
        {
            Assert.Equal(2, (await ReadAsync(new DirectiveQuery { OrderBy = order, PageSize = 1 })).Select(r => r.Id).Distinct().Count());
        }
    }

    [PostgresTheory]
    [InlineData("drop table strategic_directives_v2 cascade", "strategic_directives_v2")]
    [InlineData("alter table strategic_directives_v2 rename column sd_key to key", "sd_key")]
    public async Task What_cannot_be_missing_is_named(string ddl, string missing)
    {
        await Database.RunAsync(ddl);
        LeoException error = await Assert.ThrowsAsync<LeoException>(() => ReadAsync(new DirectiveQuery()));
        Assert.Equal(LeoErrorId.SchemaMissing, error.ErrorId);
        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_time_that_no_date_is_fails_its_row_alone()
    {
        await AddAsync("A", "A");
        await Database.RunAsync("update strategic_directives_v2 set updated_at = 'infinity' where id = 'A'");
        List<ReadItem<StrategicDirective>> items = await ItemsAsync(Database.Database, new DirectiveQuery { OrderBy = DirectiveOrder.UpdatedAt, PageSize = 1 });
        Assert.Equal(2, items.Count);
        LeoException error = Assert.Single(items, i => i.Error is not null).Error!;
        Assert.Equal(LeoErrorId.UnreadableRow, error.ErrorId);
        Assert.Contains("directive A cannot be read: column updated_at", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Plain_names_are_found_by_the_indexes()
    {
        await Database.RunAsync("""
            insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
            select 'id-' || n, 'key-' || n, 't', 's', 'c', 'p', '', '', '' from generate_series(1, 20000) n;
            analyze strategic_directives_v2
            """);
        var shape = new RelationShape([.. DirectiveColumns.Definition.Columns], HasRowVersion: true, HasRules: false, []);
        Statement statement = new DirectiveReadStatements(new DirectiveSql(shape)).Select(new DirectiveQuery { Filter = All with { SdIds = ["key-7"] } }, null, long.MaxValue, 0);
        string plan = string.Join('\n', await Database.ColumnAsync<string>($"explain {statement.Text.Replace("$1", "array['key-7']", StringComparison.Ordinal)}"));
        Assert.Contains("strategic_directives_v2_sd_key_key", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on strategic_directives_v2 sd", plan, StringComparison.Ordinal);
        Assert.Equal(["id-7"], await NamedAsync("key-7"));
    }

    [PostgresFact]
    public async Task To_anon_no_directive_is_there_and_authenticated_sees_all()
    {
        await using ILeoDatabase anon = await Database.OpenAsMemberAsync("anon");
        Assert.Empty(await ItemsAsync(anon, new DirectiveQuery()));
        Assert.Empty(await anon.Directives.ResolveAsync([HandoffDatabase.SdId], HandoffDatabase.Context, CancellationToken.None));
        await using ILeoDatabase member = await Database.OpenAsMemberAsync("authenticated");
        Assert.Single(await ItemsAsync(member, new DirectiveQuery()));
    }

    private Task AddAgainAsync() => Database.RunAsync("insert into strategic_directives_v2 (id, sd_key, status, category, priority, description, scope) values ('A', 'A', 'done', 'c', 1, '', '')");

    private async Task<IEnumerable<string>> NamedAsync(params string[] names)
    {
        IEnumerable<string> literally = await FoundAsync(All with { Names = names });
        Assert.Equal(literally, await FoundAsync(All with { SdIds = names }));
        return literally;
    }

    private async Task<IEnumerable<string>> FoundAsync(DirectiveFilter filter) => (await ReadAsync(new DirectiveQuery { Filter = filter })).Select(r => r.Id).Order(StringComparer.Ordinal);
}
