using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Flows;

/// <summary>Every statement over crewai_flows beside those that all tables have.</summary>
internal sealed class FlowSql(RelationShape shape) : TableSql(shape, FlowColumns.Definition)
{
    /// <summary>Reads the flows that have one of these keys.</summary>
    public string Holders(string keys) => Select($"where f.flow_key = any({keys})", "", "");

    /// <summary>
    /// Makes the flows of a batch, in the order of their keys: whoever makes flows of the same keys must meet them in the same order. A key that is
    /// taken makes no row. Columns that are not among these get their defaults.
    /// </summary>
    /// <param name="input">The relation of new flows: id, key, and these columns.</param>
    /// <param name="columns">What is written beside id and key.</param>
    /// <param name="additional">Further columns.</param>
    public string Insert(string input, IReadOnlyList<FlowColumn> columns, AdditionalColumnSql additional) => $"""
        with input(id, flow_key{string.Concat(columns.Select(c => $", {c.Name}"))}{additional.InputNames}) as (select * from {input}),
        changed as (
            insert into public.crewai_flows as f (id, flow_key{string.Concat(columns.Select(c => $", {c.Name}"))}{additional.Names})
            select i.id, i.flow_key{string.Concat(columns.Select(c => $", i.{c.Name}{c.Cast}"))}{additional.Values}
            from input i{additional.Join}
            order by i.flow_key
            on conflict (flow_key) do nothing
            returning {OwnColumns}
        )
        {ChangedRows()}
        """;

    /// <summary>Edits the rows of a batch that are still the ones that are known.</summary>
    /// <param name="input">The definition of input: columns and relation.</param>
    /// <param name="mode">How locks are taken.</param>
    /// <param name="assignments">What is written beside updated_at.</param>
    /// <param name="additional">Further columns.</param>
    public string Update(string input, LockMode mode, IEnumerable<string> assignments, AdditionalColumnSql additional) => $"""
        with {input}{Locked(mode)}, changed as (
            update public.crewai_flows f
            set {string.Concat(assignments.Concat(additional.Assignments).Select(a => $"{a},\n        "))}updated_at = now()
            from {(mode == LockMode.AsMet ? "input" : "locked")} i{additional.Join}
            where f.id = i.id and {Unchanged}
            returning i.at, {OwnColumns}
        )
        {ChangedRows("at")}
        """;

    /// <summary>
    /// Nothing known; or the same version; or, since each run that starts counts itself on this row and so gives it a new version, the same
    /// row but for the counters. Without the last, nobody could edit a flow that is in use; with the counters alone left out, no edit is lost.
    /// </summary>
    private string Unchanged =>
        $"((i.row_version is null and i.content_hash is null){(HasRowVersion ? " or f.xmin = i.row_version" : "")} or {ContentHash} = i.content_hash)";
}
