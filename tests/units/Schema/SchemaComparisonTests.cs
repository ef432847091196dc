using LeoPS.Schema;
using static LeoPS.Schema.SchemaItemKind;
using static LeoPS.Schema.SchemaItemState;

namespace LeoPS.Units.Schema;

public sealed class SchemaComparisonTests
{
    private static readonly SchemaDefinition[] Contract =
    [
        new("handoffs", Table, "handoffs", "row level security on"),
        new("handoffs", Column, "id", "uuid not null"),
        new("handoffs", Default, "id", "gen_random_uuid()"),
        new("handoffs", SchemaItemKind.Index, "idx_status", "btree (status)"),
        new("flows", Table, "flows", "row level security on"),
    ];

    [Fact]
    public void What_is_there_and_the_same_is_ok()
    {
        IReadOnlyList<SchemaItem> items = Compare(Contract);

        Assert.Equal(Contract.Select(item => new SchemaItem(item.Table, item.Kind, item.Name, item.Text, item.Text, Ok)), items);
    }

    [Fact]
    public void What_is_not_there_is_missing() =>
        Assert.Equal(
            new SchemaItem("handoffs", SchemaItemKind.Index, "idx_status", "btree (status)", null, Missing),
            Assert.Single(Compare(Contract.Where(item => item.Kind != SchemaItemKind.Index)), item => item.State != Ok));

    [Fact]
    public void An_empty_database_misses_all() => AssertEach.Of(Compare([]), item => Assert.Equal(Missing, item.State));

    [Fact]
    public void What_is_there_and_not_the_same_is_different() =>
        Assert.Equal(
            new SchemaItem("handoffs", Column, "id", "uuid not null", "uuid", Different),
            Assert.Single(Compare(Contract.Select(item => item.Kind == Column ? item with { Text = "uuid" } : item)), item => item.State != Ok));

    [Fact]
    public void Whether_two_are_the_same_is_asked_contract_first_and_by_kind()
    {
        var asked = new List<(SchemaItemKind Kind, string Contract, string Live)>();
        IReadOnlyList<SchemaItem> items = SchemaComparison.Compare(
            Contract,
            [Contract[1] with { Text = "UUID NOT NULL" }],
            (kind, contract, live) =>
            {
                asked.Add((kind, contract, live));
                return true;
            });

        Assert.Equal([(Column, "uuid not null", "UUID NOT NULL")], asked);
        Assert.Equal(("UUID NOT NULL", Ok), (items[1].Actual, items[1].State));
    }

    [Fact]
    public void What_only_the_database_has_comes_after_its_table()
    {
        SchemaDefinition trigger = new("handoffs", Trigger, "audit", "after update");
        SchemaDefinition column = new("handoffs", Column, "owner", "text");

        IReadOnlyList<SchemaItem> items = Compare([trigger, column, .. Contract]);

        Assert.Equal(["handoffs", "id", "id", "idx_status", "owner", "audit", "flows"], items.Select(item => item.Name));
        Assert.Equal(new SchemaItem("handoffs", Column, "owner", null, "text", Extra), items[4]);
        Assert.Equal(new SchemaItem("handoffs", Trigger, "audit", null, "after update", Extra), items[5]);
    }

    [Fact]
    public void What_LeoPS_added_itself_is_ok() =>
        Assert.Equal(
            new SchemaItem("flows", Trigger, "leops_history", "after update", "after update", Ok),
            Compare([.. Contract, new("flows", Trigger, "leops_history", "after update", Ours: true)])[^1]);

    [Fact]
    public void One_name_may_stand_for_things_of_several_kinds_and_tables()
    {
        SchemaDefinition[] contract = [new("a", Column, "id", "uuid"), new("a", Default, "id", "uuid"), new("b", Column, "id", "uuid")];

        Assert.Equal([Ok, Missing, Missing], SchemaComparison.Compare(contract, contract[..1], (_, x, y) => x == y).Select(item => item.State));
    }

    [Property]
    public bool Each_item_of_the_contract_has_one_line_in_its_order(bool[] there, bool[] same)
    {
        SchemaDefinition[] contract = [.. Enumerable.Range(0, there.Length).Select(i => new SchemaDefinition($"t{i / 5}", Column, $"c{i}", "text"))];
        SchemaDefinition[] live = [.. contract.Where((_, i) => there[i]).Select((item, i) => item with { Text = i < same.Length && same[i] ? "text" : "int" })];
        IReadOnlyList<SchemaItem> items = SchemaComparison.Compare(contract, live, (_, x, y) => x == y);
        return items.Select(item => item.Name).SequenceEqual(contract.Select(item => item.Name))
            && items.Count(item => item.State == Missing) == there.Count(isThere => !isThere)
            && items.All(item => item.State == Ok == (item.Actual == item.Expected));
    }

    [Fact]
    public void An_installation_reports_what_it_made()
    {
        var report = new SchemaInstallReport(["table handoffs"], ["role anon"]);

        Assert.Equal(["table handoffs"], report.Created);
        Assert.Equal(["role anon"], report.Warnings);
    }

    private static IReadOnlyList<SchemaItem> Compare(IEnumerable<SchemaDefinition> live) =>
        SchemaComparison.Compare(Contract, [.. live], (_, contract, actual) => contract == actual);
}
