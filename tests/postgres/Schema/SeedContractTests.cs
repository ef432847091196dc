using LeoPS.Postgres.Schema;
using LeoPS.Schema;

namespace LeoPS.PostgresTests.Schema;

public sealed class SeedContractTests
{
    public static TheoryData<string> Tables => [.. SeedDocument.All.Select(document => document.Table)];

    [Theory]
    [MemberData(nameof(Tables))]
    public void The_contract_is_the_seed_document_item_for_item(string table)
    {
        var document = SeedDocument.All.Single(seed => seed.Table == table).Definitions.ToHashSet();
        var contract = SeedContract.Items.Where(item => item.Table == table).ToHashSet();

        Assert.Equal([], document.Except(contract));
        Assert.Equal([], contract.Except(document));
    }

    [Theory]
    [InlineData("exec_handoff_preparations", 21, 10, 4, 3, 2, 0)]
    [InlineData("crewai_flow_executions", 18, 4, 5, 8, 2, 2)]
    public void The_parser_finds_every_item_of_the_document(string table, int columns, int defaults, int constraints, int indexes, int policies, int triggers)
    {
        var document = SeedDocument.All.Single(seed => seed.Table == table);

        Assert.Equal(
            [1, columns, defaults, constraints, indexes, policies, triggers],
            Enum.GetValues<SchemaItemKind>().Select(kind => document.Definitions.Count(item => item.Kind == kind)));
        Assert.Equal(columns, document.ColumnTotal);
        Assert.Equal(policies, document.PolicyTotal);
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Columns_stand_in_the_order_of_the_document(string table)
    {
        var document = SeedDocument.All.Single(seed => seed.Table == table);

        Assert.Equal(
            document.Columns.Select(column => column.Name),
            SeedContract.Items.Where(item => item.Table == table && item.Kind == SchemaItemKind.Column).Select(item => item.Name));
    }

    [Fact]
    public void Every_statement_of_the_files_is_understood()
    {
        var statements = SchemaFiles.Statements(SchemaFiles.Installation);

        Assert.Equal(5, statements.Count(statement => statement.Kind == SchemaStatementKind.Table));
        Assert.Equal(3 * 8, statements.Count(statement => statement.Kind == SchemaStatementKind.Grant));
        AssertEach.Of(statements, statement => Assert.NotEqual("", statement.Name + statement.Table));
        Assert.Equal(statements.Count, statements.Select(statement => statement.Description).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("DROP TABLE public.crewai_flows;")]
    [InlineData("CREATE TABLE public.x (\n    id\n);")]
    [InlineData("CREATE SCHEMA auth")]
    public void A_statement_of_another_form_is_refused(string sql) =>
        Assert.Throws<InvalidOperationException>(() => SchemaScript.Parse(sql));

    [Theory]
    [InlineData("CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))", "CHECK (((s)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])))", true)]
    [InlineData("CHECK ((s = ANY (ARRAY['a'::text])))", "CHECK ((s = ANY (ARRAY['b'::text])))", false)]
    [InlineData("CHECK ((s = ')('::text))", "CHECK ((s = '('::text))", false)]
    [InlineData("CHECK (((a OR b) AND c))", "CHECK ((a OR (b AND c)))", false)]
    [InlineData("FOR SELECT TO public USING (auth.uid() = executed_by)", "FOR SELECT TO public USING (true)", false)]
    public void Definitions_are_equal_when_only_text_casts_and_parentheses_differ(string expected, string actual, bool same) =>
        Assert.Equal(same, DefinitionText.Same(SchemaItemKind.Constraint, expected, actual));

    [Fact]
    public void A_default_of_another_type_is_another_default() =>
        Assert.False(DefinitionText.Same(SchemaItemKind.Default, "'pending'::character varying", "'pending'::text"));
}
