using LeoPS.Executions;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Statuses;

namespace LeoPS.Postgres.Executions;

/// <summary>Every statement over crewai_flow_executions beside those that all tables have.</summary>
internal sealed class ExecutionSql(RelationShape shape) : TableSql(shape, ExecutionColumns.Definition)
{
    /// <summary>The trigger functions of the contract: one sets duration_ms, the other does nothing on an update.</summary>
    private static readonly string[] _knownTriggers = ["public.calculate_execution_duration", "public.update_flow_execution_count"];

    /// <summary>A queued run's started_at is its queue time, which the start of the run would overwrite.</summary>
    private const string QueuedAt = """jsonb_build_object('queuedAt', to_char(e.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))""";

    /// <summary>The time that duration_ms can say, around now; a start outside it would make the trigger fail, and with it the whole statement.</summary>
    private static readonly string _inRange =
        $"(e.started_at is null or (e.started_at > now() - interval '{(long)ExecutionDuration.Longest.TotalSeconds} seconds' and e.started_at < now() + interval '{(long)ExecutionDuration.Longest.TotalSeconds} seconds'))";

    /// <summary>True where an update may return only what it set and what the trigger of the contract computes.</summary>
    public bool AllowsNarrowReturning => HasRowVersion && ReturnsRowVersion && !HasTriggersBeyond(_knownTriggers);

    /// <summary>
    /// Reads executions by id in a new snapshot; behind come whether <see cref="Update"/> leaves the row to <see cref="CloseLong"/>, and its flow's
    /// status.
    /// </summary>
    /// <param name="ends">True where the move gives them an end; others go by <see cref="Update"/>, whenever they began.</param>
    public string LookUp(string ids, bool ends) => LookUp(ids, $", {(ends ? $"not {_inRange}" : "false")} as apart, f.status as flow_status");

    /// <summary>Moves the rows of a batch whose guard holds, and writes their values; closes no run that is too long for duration_ms.</summary>
    /// <param name="values">The columns that the input brings.</param>
    /// <param name="starts">True where queued runs start: their queue time goes to the metadata.</param>
    /// <param name="further">What else has to hold, beginning with " and"; empty for nothing.</param>
    /// <param name="narrow">True to return only what an end sets; for a move to an end.</param>
    public string Update(string input, string moves, LockMode mode, string target, IReadOnlyList<ValueColumn> values, bool starts, bool narrow, string further) => UpdateBatch(
        input,
        moves,
        mode,
        $"""
        status = {target},
                {MoveSql.Stamps(ExecutionTransitions.Table, "e")},
                duration_ms = case m.completed_at when 'now' then round(extract(epoch from now() - e.started_at) * 1000)::integer when 'clear' then null else e.duration_ms end{Values(values, starts)}
        """,
        $"\n  and (m.completed_at <> 'now' or {_inRange}){further}",
        narrow ? $"e.xmin as row_version, e.completed_at, e.duration_ms{string.Concat(values.Select(v => $", e.{v.Column}"))}" : null);

    /// <summary>
    /// The first of two steps that close runs too long for duration_ms: with an end at their beginning the trigger computes no time,
    /// and once an end is there it does not run again. From infinity no time can be computed at all: such a run gets no end, unless it has one.
    /// </summary>
    public string CloseLong(string input, string moves, LockMode mode, string target, IReadOnlyList<ValueColumn> values, string further) => UpdateBatch(
        input, moves, mode, LongAssignments(target, values, "case when isfinite(e.started_at) then e.started_at else e.completed_at end"), $"\n  and not {_inRange}{further}", "e.id");

    /// <summary>The second step: the end as it is.</summary>
    public string FinishLong(string ids) => $"""
        with changed as (
            update public.crewai_flow_executions e
            set completed_at = case when isfinite(e.started_at) or e.completed_at is not null then now() end, duration_ms = null
            where e.id = any({ids})
            returning {WrittenColumns}
        )
        {ChangedRows()}
        """;

    /// <summary>The same in one step that leaves the end empty: for a trigger that computes on every update.</summary>
    public string CloseLongWithoutEnd(string input, string moves, LockMode mode, string target, IReadOnlyList<ValueColumn> values, string further) => UpdateBatch(
        input, moves, mode, LongAssignments(target, values, "null"), $"\n  and not {_inRange}{further}", narrow: null);

    /// <summary>
    /// Makes the runs of a batch, in the order of their flows and keys: the counting trigger locks each flow's row, a key is locked until
    /// its run is committed, and whoever starts the same must lock in the same order. A key that is taken makes no row.
    /// </summary>
    /// <param name="parts">What is written, and for which flows.</param>
    public string Insert(RunInsert parts)
    {
        bool records = parts.Ended is not null;
        string names = string.Concat((records ? ["run_status", "started_at", "completed_at"] : (string[])[]).Concat(parts.Further.Select(f => f.Name)).Select(n => $", {n}"));
        string runnable = parts.Runnable is null ? "true"
            : records ? $"(f.status = any({parts.Runnable}) or i.run_status = any({parts.Ended}))"
            : $"f.status = any({parts.Runnable})";
        // The trigger that computes duration_ms does not run on an insert.
        string state = records
            ? $"""
                coalesce(i.run_status, {parts.Status}), coalesce(i.started_at::timestamptz, now()),
                       i.completed_at::timestamptz, {RecordedDuration},
                """
            : $"{parts.Status}, now(),";
        return $"""
            with input(at, id, flow_id, flow_key, execution_key, input_state, board_meeting_id, executed_by, execution_mode, metadata{parts.Additional.InputNames}{names}) as (select * from {parts.Input}),
            changed as (
                insert into public.crewai_flow_executions as e (
                    id, flow_id, execution_key, input_state, status, started_at,{(records ? " completed_at, duration_ms," : "")} board_meeting_id, executed_by, execution_mode, metadata{string.Concat(parts.Further.Select(f => $", {f.Column}"))}{parts.Additional.Names})
                select i.id, f.id, coalesce(i.execution_key, {GeneratedKey("f.flow_key", "i.id")}), i.input_state::jsonb, {state}
                       i.board_meeting_id, i.executed_by, coalesce(i.execution_mode, 'manual'), {(parts.Owner is null ? "i.metadata::jsonb" : WithMembers("i.metadata::jsonb", parts.Owner))}{string.Concat(parts.Further.Select(f => $", i.{f.Name}{f.Cast}"))}{parts.Additional.Values}
                from input i
                join public.crewai_flows f on f.id = {WantedFlow}{parts.Additional.Join}
                where {runnable} and {FreeKey("execution_key", "i.execution_key")}
                order by f.id, i.execution_key, i.at
                {OnTakenKey("execution_key")}
                returning {WrittenColumns}
            )
            {ChangedRows()}
            """;
    }

    /// <summary>
    /// Puts the runs of a batch back as they were, where their flow is there and their id and key are free; in the order of <see cref="Insert"/>,
    /// since the counting trigger counts them, too. The server makes of each member of a row what its column's type is.
    /// </summary>
    /// <param name="input">The relation of runs.</param>
    /// <param name="additional">The columns of their rows that the contract does not list; others get their default.</param>
    public string Restore(string input, IReadOnlyList<string> additional)
    {
        string[] columns = [.. _restoredColumns.Concat(additional).Except(ComputedColumns)];
        return $"""
            with input(at, id, flow_id, execution_key, input_state, output_state, metadata, row) as (select * from {input}),
            changed as (
                insert into public.crewai_flow_executions as e (
                    id, flow_id, execution_key, input_state, output_state, metadata, {List(columns)})
                overriding system value
                select i.id, f.id, i.execution_key, i.input_state::jsonb, i.output_state::jsonb, i.metadata::jsonb, {List(columns, "r.")}
                from input i
                join public.crewai_flows f on f.id = i.flow_id
                cross join lateral jsonb_populate_record(null::public.crewai_flow_executions, i.row::jsonb) r
                where {FreeKey("execution_key", "i.execution_key")}
                order by f.id, i.execution_key, i.at
                on conflict do nothing
                returning {WrittenColumns}
            )
            {ChangedRows()}
            """;
    }

    /// <summary>What stands in the way of new runs: their flow, and whoever has their key. A row per run, by its place.</summary>
    public string LookAtStarts(string input) => $"""
        with input(at, flow_id, flow_key, execution_key, input_state, restored_id) as (select * from {input})
        select {OwnColumns}{Names}, i.at, w.id as wanted_id, w.flow_key as wanted_key, w.status as wanted_status,
               case when e.id is null then false else e.input_state is not distinct from i.input_state::jsonb end as same_input,
               t.id is not null as id_is_there
        from input i
        left join public.crewai_flows w on w.id = {WantedFlow}
        left join public.crewai_flow_executions e on e.execution_key = i.execution_key{OldestOfKey}
        left join public.crewai_flows f on f.id = e.flow_id
        left join public.crewai_flow_executions t on t.id = i.restored_id
        order by i.at
        """;

    /// <summary>
    /// Restarts the runs of a batch whose guard holds: the old run is told the id of the new one, and the new one is made with the old one's
    /// flow, input, mode, user, meeting and, where the table has them, what its budget is and whose. One statement, so both or neither.
    /// </summary>
    /// <param name="input">The definition of input: columns and relation, new_id among them.</param>
    /// <param name="mode">How locks are taken.</param>
    /// <param name="ended">Statuses that can be left behind.</param>
    /// <param name="status">The status of the new runs.</param>
    /// <param name="runnable">Statuses of flows that start; null for all.</param>
    /// <param name="again">True where a run may be restarted that was before.</param>
    public string Restart(string input, LockMode mode, string ended, string status, string? runnable, bool again) => $$"""
        with {{input}}{{Locked(mode)}},
        old as (
            update public.crewai_flow_executions e
            set metadata = case jsonb_typeof(e.metadata) when 'object' then e.metadata else '{}' end || jsonb_build_object('restartedAs', i.new_id)
            from {{(mode == LockMode.AsMet ? "input" : "locked")}} i, public.crewai_flows f
            where e.id = i.id and e.id = any(array(select x.id from input x)) and f.id = e.flow_id and e.status = any({{ended}})
              and {{Guard}}
              and {{TakesLink}}{{(again ? "" : $"\n      and {RestartedAs} is null")}}{{(runnable is null ? "" : $"\n      and f.status = any({runnable})")}}
            returning i.at, i.new_id, f.flow_key, e.id, e.flow_id, e.input_state, e.board_meeting_id, e.executed_by, e.execution_mode{{Carried("e.")}}
        ),
        changed as (
            insert into public.crewai_flow_executions as e (
                id, flow_id, execution_key, input_state, status, started_at, board_meeting_id, executed_by, execution_mode, metadata{{Carried("")}})
            select o.new_id, o.flow_id, {{GeneratedKey("o.flow_key", "o.new_id")}}, o.input_state, {{status}}, now(),
                   o.board_meeting_id, o.executed_by, coalesce(o.execution_mode, 'manual'), jsonb_build_object('restartedFrom', o.id){{Carried("o.")}}
            from old o
            order by o.flow_id, o.at
            returning {{WrittenColumns}}
        )
        {{ChangedRows()}}
        """;

    /// <summary>True where the table has the columns by which a run can be over its budget.</summary>
    public bool HasBudget => LiveColumns.Contains(Governance.BudgetConsumed) && LiveColumns.Contains(Governance.BudgetLimit);

    /// <summary>
    /// Edits the runs of a batch whose guard holds, and ends those that are over their budget with it. A run that is too long for duration_ms
    /// is ended without an end: the trigger of the contract cannot compute its time, and one such run would make the whole statement fail.
    /// </summary>
    /// <param name="input">The definition of input: columns and relation.</param>
    /// <param name="mode">How locks are taken.</param>
    /// <param name="assignments">What is written.</param>
    /// <param name="merges">True where the input brings members of metadata, which need an object to be added to.</param>
    /// <param name="budget">The budget after the edit; null where the table has none.</param>
    /// <param name="going">Statuses of runs that have not ended.</param>
    /// <param name="force">True where runs that have ended are edited, too.</param>
    public string Edit(
        string input, LockMode mode, IReadOnlyList<(string Column, string Value)> assignments, bool merges, RunBudget? budget, string going, bool force)
    {
        IEnumerable<(string Column, string Value)> all = budget is null ? assignments : assignments.Concat(EndOverBudget(budget, going));
        string ended = budget is null ? "false" : $"e.status = '{OverBudgetStatus}' and e.error_type = '{OverBudgetType}'{(force ? " and e.completed_at = now()" : "")}";
        string conditions = (force ? "" : $"\n      and e.status = any({going})")
            + (merges ? "\n      and (i.added_metadata is null or e.metadata is null or jsonb_typeof(e.metadata) in ('object', 'null'))" : "");
        return $"""
            with {input}{Locked(mode)}, changed as (
                update public.crewai_flow_executions e
                set {string.Join(",\n        ", all.Select(a => $"{a.Column} = {a.Value}"))}
                from {(mode == LockMode.AsMet ? "input" : "locked")} i
                where e.id = i.id and e.id = any(array(select x.id from input x)) and {Guard}{conditions}
                returning i.at, {ended} as ended_here, {OwnColumns}
            )
            {ChangedRows("at", "ended_here")}
            """;
    }

    /// <summary>The metadata of a run after an edit: the owner of the run stays, whatever becomes of the other members.</summary>
    /// <param name="merges">True where the input has added_metadata.</param>
    /// <param name="replaces">True where it has metadata.</param>
    /// <param name="clears">True where it has clears_metadata.</param>
    public static string EditedMetadata(bool merges, bool replaces, bool clears)
    {
        const string Owner = $"case when jsonb_typeof(e.metadata) = 'object' and e.metadata ? '{RunOwner.Key}' then jsonb_build_object('{RunOwner.Key}', e.metadata -> '{RunOwner.Key}') end";
        return "case"
            + (merges ? $" when i.added_metadata is not null then coalesce(nullif(e.metadata, 'null'), '{{}}') || (i.added_metadata::jsonb - '{RunOwner.Key}')" : "")
            + (replaces ? $" when i.metadata is not null then i.metadata::jsonb - '{RunOwner.Key}' || coalesce({Owner}, '{{}}')" : "")
            + (clears ? $" when i.clears_metadata then {Owner}" : "")
            + " else e.metadata end";
    }

    /// <summary>What ends a run that is over its budget.</summary>
    private IEnumerable<(string Column, string Value)> EndOverBudget(RunBudget budget, string going)
    {
        string over = $"{budget.Consumed} > {budget.Limit} and e.status = any({going})";
        string message = $"format('The run consumed %s of a budget of %s.', {budget.Consumed}, {budget.Limit})";
        yield return ("status", $"case when {over} then '{OverBudgetStatus}' else e.status end");
        yield return ("completed_at", $"case when {over} and {_inRange} then now() else e.completed_at end");
        yield return ("duration_ms", $"case when {over} then case when {_inRange} then round(extract(epoch from now() - e.started_at) * 1000)::integer end else e.duration_ms end");
        yield return ("error_message", $"case when {over} then {message} else e.error_message end");
        yield return ("error_type", $"case when {over} then '{OverBudgetType}' else e.error_type end");
        if (LiveColumns.Contains(Governance.KilledByBudget))
        {
            yield return (Governance.KilledByBudget, $"({over}) is true or e.{Governance.KilledByBudget}");
        }
    }

    /// <summary>Deletes the runs of a batch whose guard holds.</summary>
    /// <param name="input">The definition of input: columns and relation.</param>
    /// <param name="mode">How locks are taken.</param>
    /// <param name="ended">Statuses of runs that may go; null for all.</param>
    public string Delete(string input, LockMode mode, string? ended) =>
        DeleteBatch(input, mode, ended is null ? "" : $" and e.status = any({ended})");

    /// <summary>Deletes all executions of some flows, and gives each as it was.</summary>
    public string DeleteOf(string flowIds) => $"""
        with changed as (
            delete from public.crewai_flow_executions e
            where e.flow_id = any({flowIds})
            returning {OwnColumns}
        )
        {ChangedRows()}
        """;

    /// <summary>Ids and guards of the next runs that match, in the order of their ids.</summary>
    public string Find(string where, string limit) => $"""
        select e.id, {(HasRowVersion ? "e.xmin" : "null::xid")} as row_version, e.status
        from public.crewai_flow_executions e
        {where}
        order by e.id
        {limit}
        """;

    /// <summary>What stands in the way of restarts: the runs by id, with their flow's status and what their metadata says of an earlier restart.</summary>
    public string LookAtRestarts(string ids) => LookUp(
        ids, $", f.id is not null as flow_is_there, f.status as flow_status, {RestartedAs} as restarted_as, {TakesLink} as takes_link");

    /// <summary>Of some runs those that have ended, with all their columns, and those that are not there, with none; the id asked for comes last.</summary>
    public string LookForEnds(string ids, string ended) => $"""
        select {OwnColumns}{Names}, w.id as wanted
        from unnest({ids}) with ordinality as w(id, at)
        left join public.crewai_flow_executions e on e.id = w.id and e.id = any({ids})
        left join public.crewai_flows f on f.id = e.flow_id
        where e.id is null or e.status = any({ended})
        order by w.at
        """;

    /// <summary>
    /// Starts the oldest runs of a queue that nobody holds; the oldest comes first. The column behind the names has the id of what was chosen:
    /// where the others are null, the run was chosen and could not be owned.
    /// </summary>
    /// <param name="input">The definition of input, one row: the values that all of them get.</param>
    /// <param name="queue">The condition of the queue; see <see cref="Queue"/>.</param>
    /// <param name="passedOver">Ids that are not to be taken.</param>
    /// <param name="owner">The owner as a member of the metadata; null for none.</param>
    /// <param name="owns">What owns a row of the part called chosen, c, and is true where it did.</param>
    public string Claim(
        string input, string moves, string target, string queue, string passedOver, string count, IReadOnlyList<ValueColumn> values, string? owner, string owns) => $"""
        with {input}, {moves}, chosen as materialized (
            select e.id, e.started_at
            from public.crewai_flow_executions e
            where {queue}
              and e.id <> all({passedOver})
            order by e.started_at, e.id
            limit {count}
            for update of e skip locked
        ), owned as materialized (
            select c.id from chosen c where {owns}
        ), changed as (
            update public.crewai_flow_executions e
            set status = {target},
                {MoveSql.Stamps(ExecutionTransitions.Table, "e")}{Values(values, starts: true, owner)}
            from input i, moves m
            where e.id = any(array(select o.id from owned o)) and m.from_status = e.status
            returning {WrittenColumns}
        )
        select {ChangedColumns}, c.id as chosen_id
        from chosen c
        left join changed e on e.id = c.id
        {ExecutionColumns.Definition.NameJoin}
        order by c.started_at, c.id
        """;

    /// <summary>The id of the oldest run of a queue that no transaction holds.</summary>
    /// <param name="queue">The condition of the queue; see <see cref="Queue"/>.</param>
    /// <param name="passedOver">Ids that do not count.</param>
    public static string OldestQueued(string queue, string passedOver) => $"""
        select e.id
        from public.crewai_flow_executions e
        where {queue}
          and e.id <> all({passedOver})
        order by e.started_at, e.id
        limit 1
        for update of e skip locked
        """;

    /// <summary>Locks a row; it comes back where it may be changed.</summary>
    public static string Hold(string id) => $"""
        select e.id
        from public.crewai_flow_executions e
        where e.id = {id}
        for update
        """;

    /// <summary>The ids of the rows that a filter selects, and whether the server is a standby.</summary>
    public static string Ids(string where) => $"""
        select e.id, pg_is_in_recovery() as standby
        from public.crewai_flow_executions e
        {where}
        order by e.id
        """;

    /// <summary>How many runs of a queue wait, at most as many as are wanted; the oldest that nobody holds; and whether its flows are there.</summary>
    /// <param name="flows">The condition of the flows that are meant, as k.</param>
    public string LookAtQueue(string flows, string queue, string count) => $"""
        with waiting as materialized (
            select e.id, e.execution_key, e.started_at, {(HasRowVersion ? "e.xmax <> '0'::xid" : "true")} as held
            from public.crewai_flow_executions e
            where {queue}
            order by e.started_at, e.id
            limit {count}
        )
        select (select count(*) from public.crewai_flows k where {flows}) as flows,
               (select min(k.status) from public.crewai_flows k where {flows}) as flow_status,
               (select count(*) from waiting) as waiting,
               w.id, w.execution_key
        from (values (1)) one(row)
        left join lateral (select * from waiting q where not q.held order by q.started_at, q.id limit 1) w on true
        """;

    /// <summary>A further condition of an update that starts queued runs: their flow starts. Beginning with " and".</summary>
    public static readonly string OfRunnableFlow =
        $"\n  and e.flow_id in (select k.id from public.crewai_flows k where k.status in ({string.Join(", ", RunStartRules.Runnable.Select(s => $"'{StatusNames<FlowStatus>.ToColumn(s)}'"))}))";

    /// <summary>The condition of queued runs: of flows that are meant and that start.</summary>
    /// <param name="flows">The condition of the flows that are meant, as k.</param>
    /// <param name="runnable">Statuses of flows that start; null for all.</param>
    public static string Queue(string flows, string? runnable) => $"""
        e.status = 'pending'
              and e.flow_id in (select k.id from public.crewai_flows k where {flows}{(runnable is null ? "" : $" and k.status = any({runnable})")})
        """;

    /// <summary>The ids of flows by their keys.</summary>
    public const string FlowIds = """
        select f.flow_key, f.id
        from public.crewai_flows f
        where f.flow_key = any($1)
        """;

    /// <summary>
    /// What a run over its budget becomes. It did not fail of itself, and pending runs may go there too; killed, as the writers of these columns
    /// called it, the table's check refuses.
    /// </summary>
    private const string OverBudgetStatus = "cancelled";

    private const string OverBudgetType = RunUpdate.OverBudgetType;

    /// <summary>The columns of a run that is put back which travel in its row.</summary>
    private static readonly string[] _restoredColumns =
        [.. ExecutionColumns.Definition.Columns.Except(["id", "flow_id", "execution_key", "input_state", "output_state", "metadata"])];

    /// <summary>duration_ms of a run that is recorded with its beginning and its end; null where an integer cannot hold it.</summary>
    private const string RecordedDuration =
        "case when extract(epoch from i.completed_at::timestamptz - i.started_at::timestamptz) * 1000 <= 2147483647 "
        + "then round(extract(epoch from i.completed_at::timestamptz - i.started_at::timestamptz) * 1000)::integer end";

    private const string RestartedAs = "e.metadata ->> 'restartedAs'";

    private const string TakesLink = "(e.metadata is null or jsonb_typeof(e.metadata) in ('object', 'null'))";

    private const string WantedFlow = "coalesce(i.flow_id, (select k.id from public.crewai_flows k where k.flow_key = i.flow_key))";

    /// <summary>FLOW-KEY-TIMESTAMP in at most 100 characters; the digits of the run's own id keep apart what starts in the same millisecond.</summary>
    private static string GeneratedKey(string flowKey, string id) => $"""
        rtrim(left(upper({flowKey}), 67), '-') || '-' || to_char(now() at time zone 'UTC', 'YYYYMMDD"T"HH24MISSMS"Z"')
                   || '-' || upper(left(replace({id}::text, '-', ''), 12))
        """;

    /// <summary>Where nothing keeps keys unique, of several runs of one key the oldest has it: one row per start, whatever is there.</summary>
    private string OldestOfKey => IsUnique("execution_key") ? "" : """

               and e.id = (select x.id from public.crewai_flow_executions x where x.execution_key = i.execution_key order by x.started_at, x.id limit 1)
        """;

    private string Carried(string alias) => string.Concat(Governance.Carried.Where(LiveColumns.Contains).Select(c => $", {alias}{c}"));

    private static string LongAssignments(string target, IReadOnlyList<ValueColumn> values, string end) => $"""
        status = {target},
                completed_at = {end},
                duration_ms = null{Values(values, starts: false)}
        """;

    private static string Values(IReadOnlyList<ValueColumn> values, bool starts, string? owner = null)
    {
        IEnumerable<string> written = values.Where(v => !starts || v != ValueColumn.Metadata).Select(v => $"{v.Column} = {v.OrAsItIs("e")}");
        return string.Concat(written.Concat(starts ? [$"metadata = {StartMetadata(values, owner)}"] : []).Select(a => $",\n        {a}"));
    }

    /// <summary>The metadata of a run that starts: with its queue time and its owner, where it is an object and can hold them.</summary>
    private static string StartMetadata(IReadOnlyList<ValueColumn> values, string? owner)
    {
        const string WasQueued = "e.status = 'pending' and m.started_at = 'now' and isfinite(e.started_at)";
        string metadata = values.Contains(ValueColumn.Metadata) ? ValueColumn.Metadata.OrAsItIs("e") : "e.metadata";
        return owner is null
            ? $"case when {WasQueued} then {WithMembers(metadata, QueuedAt)} else {metadata} end"
            : WithMembers(metadata, $"case when {WasQueued} then {QueuedAt} else '{{}}' end || {owner}");
    }

    private static string WithMembers(string metadata, string members) =>
        $"case when jsonb_typeof(coalesce({metadata}, '{{}}')) = 'object' then coalesce({metadata}, '{{}}') || {members} else {metadata} end";
}
