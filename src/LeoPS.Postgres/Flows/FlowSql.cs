using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;

namespace LeoPS.Postgres.Flows;

/// <summary>Every statement over crewai_flows beside those that all tables have.</summary>
internal sealed class FlowSql(RelationShape shape) : TableSql(shape, FlowColumns.Definition)
{
    private const string Executions = "public.crewai_flow_executions";

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
            where {FreeKey("flow_key", "i.flow_key")}
            order by i.flow_key
            {OnTakenKey("flow_key")}
            returning {WrittenColumns}
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
            returning i.at, {WrittenColumns}
        )
        {ChangedRows("at")}
        """;

    /// <summary>Takes the locks of flows that are to be deleted: no execution of them can start from here on. Gives the ids of those that are there.</summary>
    public static string Lock(string ids, LockMode mode) => $"""
        select f.id
        from public.crewai_flows f
        where f.id = any({ids})
        order by f.id
        for update{(mode == LockMode.SkipHeld ? " skip locked" : "")}
        """;

    /// <summary>The flows of a batch that may be deleted.</summary>
    /// <param name="input">The definition of input: columns and relation.</param>
    /// <param name="condition">What has to hold beside the guard; see <see cref="HasNone"/>.</param>
    public string Deletable(string input, string condition) => $"""
        with {input}
        select f.id
        from input i
        join public.crewai_flows f on f.id = i.id
        where f.id = any(array(select x.id from input x)) and {Unchanged}{condition}
        """;

    /// <summary>Deletes the flows of a batch that are still the ones that are known, and with them their executions; gives each as it was, with its place.</summary>
    /// <param name="input">The definition of input: columns and relation.</param>
    /// <param name="condition">What has to hold beside the guard; see <see cref="HasNone"/>.</param>
    public string Delete(string input, string condition) => $"""
        with {input}, changed as (
            delete from public.crewai_flows f
            using input i
            where f.id = i.id and f.id = any(array(select x.id from input x)) and {Unchanged}{condition}
            returning i.at, {OwnColumns}
        )
        {ChangedRows("at")}
        """;

    /// <summary>The flow has no execution, or none that has not ended, and none can be hidden.</summary>
    /// <param name="ended">Statuses of executions that do not count; null where each counts.</param>
    public static string HasNone(string? ended) => $"""

              and not row_security_active('{Executions}') and not exists (
                  select from {Executions} e where e.flow_id = f.id{(ended is null ? "" : $" and (e.status is null or e.status <> all({ended}))")})
            """;

    /// <summary>Where a copy of each execution is wanted, none may be hidden.</summary>
    public const string HidesNone = $" and not row_security_active('{Executions}')";

    /// <summary>How many executions each flow has, how many of them have not ended, and whether the role may see fewer than there are.</summary>
    public static string CountExecutions(string ids, string ended) => $"""
        select i.id, count(e.id), count(e.id) filter (where e.status is null or e.status <> all({ended})), row_security_active('{Executions}')
        from unnest({ids}) i(id)
        left join {Executions} e on e.flow_id = i.id
        group by i.id
        """;

    /// <summary>
    /// Nothing known; or the same version; or, since each run that starts counts itself on this row and so gives it a new version, the same
    /// row but for the counters. Without the last, nobody could edit a flow that is in use; with the counters alone left out, no edit is lost.
    /// </summary>
    private string Unchanged =>
        $"((i.row_version is null and i.content_hash is null){(HasRowVersion ? " or f.xmin = i.row_version" : "")} or {ContentHash} = i.content_hash)";
}
