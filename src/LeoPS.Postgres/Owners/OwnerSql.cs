using LeoPS.Executions;
using LeoPS.Postgres.Statements;
using NpgsqlTypes;

namespace LeoPS.Postgres.Owners;

/// <summary>How the owner of a run stands in its row, and how anybody can tell that it is gone.</summary>
internal static class OwnerSql
{
    /// <summary>Keeps our locks apart from those of others who hash ids; the first letters of our name.</summary>
    private const long Seed = 0x4C656F5053;

    private const string Format = """'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'""";

    private const string LockNumber = "(l.classid::bigint << 32) | l.objid::bigint";

    /// <summary>The number of the lock of a run.</summary>
    public static string LockOf(string id) => $"hashtextextended({id}::text, {Seed})";

    /// <summary>A time as text in which a later one sorts behind an earlier one, and which no cast can fail on.</summary>
    public static string Text(string time) => $"to_char(({time}) at time zone 'UTC', {Format})";

    /// <summary>
    /// The owner as a member of the metadata, for a run that starts now. It names the start: an owner that was copied with the metadata into
    /// another run, or that is left from an earlier start of this one, owns nothing.
    /// </summary>
    /// <param name="owner">JSON of the process.</param>
    /// <param name="evidence">Whether it will beat.</param>
    public static string Member(string owner, OwnershipEvidence evidence) =>
        $"jsonb_build_object('{RunOwner.Key}', {owner}::jsonb || jsonb_build_object('startedAt', {Text("now()")}{(evidence == OwnershipEvidence.Heartbeat ? $", 'beat', {Text("now()")}" : "")}))";

    /// <summary>Takes the locks of runs that nobody else holds: the ids whose lock this session now has.</summary>
    public static Statement Lock(IEnumerable<Guid> ids) => Over(ids, at => $"""
        select i.id
        from unnest({at}) i(id)
        where pg_try_advisory_lock({LockOf("i.id")})
        """);

    /// <summary>Frees locks of this session.</summary>
    public static Statement Unlock(IEnumerable<Guid> ids) => Over(ids, at => $"""
        select count(pg_advisory_unlock({LockOf("i.id")}))
        from unnest({at}) i(id)
        """);

    /// <summary>Frees every lock of this session that is the lock of none of these runs.</summary>
    public static Statement UnlockOthers(IEnumerable<Guid> ids) => Over(ids, at => $"""
        select count(pg_advisory_unlock(l.lock))
        from (
            select {LockNumber} as lock
            from pg_locks l
            where l.locktype = 'advisory' and l.objsubid = 1 and l.granted and l.pid = pg_backend_pid()
        ) l
        where l.lock <> all(array(select {LockOf("i.id")} from unnest({at}) i(id)))
        """);

    /// <summary>The runs as they are now: status and keeper.</summary>
    public static Statement Look(IEnumerable<Guid> ids) => Over(ids, at => $$"""
        select e.id, e.status, {{Of("keeper")}} as keeper
        from public.crewai_flow_executions e
        where e.id = any({{at}})
        """);

    /// <summary>Renews the heartbeat of the runs that are still this keeper's. Rows that somebody holds just now are passed over.</summary>
    public static Statement Beat(IEnumerable<Guid> ids, string keeper)
    {
        var statement = new Statement();
        string at = statement.Add(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        string own = statement.Add(keeper, NpgsqlDbType.Text);
        statement.Text = $$"""
            with free as materialized (
                select e.id
                from public.crewai_flow_executions e
                where e.id = any({{at}})
                for update of e skip locked
            )
            update public.crewai_flow_executions e
            set metadata = jsonb_set(e.metadata, '{{{Path("beat")}}}', to_jsonb({{Text("clock_timestamp()")}}))
            where e.id = any(array(select f.id from free f)) and e.status = 'running' and {{Of("keeper")}} = {{own}}
            returning e.id, e.xmin
            """;
        return statement;
    }

    /// <summary>
    /// Takes the login role for the rest of the transaction. A login may begin in another role (alter role … set role), which neither sees the
    /// login's sessions in pg_stat_activity nor may end them.
    /// </summary>
    public const string AsLogin = "select set_config('role', 'none', true)";

    /// <summary>
    /// Keeps a new session through the idleness that it is there for, lets the server notice soon that this machine is gone, and ends the session
    /// before it ($1, begun at $2) where the server still has it: process and beginning of the new one.
    /// </summary>
    public const string Prepare = """
        select a.pid, a.backend_start,
               (select count(set_config(s.name, v.value, false))
                from pg_settings s
                join (values ('idle_session_timeout', '0'), ('tcp_keepalives_idle', '15'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3')) v(name, value) on v.name = s.name) as kept,
               (select count(pg_terminate_backend(b.pid)) from pg_stat_activity b where b.pid = $1 and b.backend_start = $2) as ended
        from pg_stat_activity a
        where a.pid = pg_backend_pid()
        """;

    /// <summary>True for a running execution whose owner is gone.</summary>
    public static string Orphaned { get; } = $$"""
        e.status = 'running'
          and {{Of("startedAt")}} = {{Text("e.started_at")}}
          and case {{Of("evidence")}}
                when '{{nameof(OwnershipEvidence.Lock)}}' then
                    {{LockOf("e.id")}} not in (
                        select {{LockNumber}}
                        from pg_locks l
                        where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
                          and l.database = (select d.oid from pg_database d where d.datname = current_database())
                    )
                    and (e.started_at >= {{ServerStart}} or now() > {{ServerStart}} + interval '{{(int)RunOwner.Grace.TotalSeconds}} seconds')
                when '{{nameof(OwnershipEvidence.Heartbeat)}}' then
                    greatest(({{Of("beat")}}) collate "C", {{Text(ServerStart)}} collate "C") < {{Text($"now() - interval '{(int)RunOwner.Silence.TotalSeconds} seconds'")}} collate "C"
                else false
              end
        """;

    /// <summary>True where the lock of the run could be taken for the rest of the transaction, or there is none to take: its owner cannot come back meanwhile.</summary>
    public static string Seize { get; } = $$"""({{Of("evidence")}} <> '{{nameof(OwnershipEvidence.Lock)}}' or pg_try_advisory_xact_lock({{LockOf("e.id")}}))""";

    /// <summary>When the server last began to take sessions; after a crash of a session it ends all of them and goes on as the same server, which only who may see its processes can tell.</summary>
    private const string ServerStart = "greatest(pg_postmaster_start_time(), (select max(a.backend_start) from pg_stat_activity a where a.backend_type = 'checkpointer'))";

    private static string Path(string member) => $"{RunOwner.Key},{member}";

    /// <summary>What the row says of its owner, as text; null where it says nothing.</summary>
    private static string Of(string member) => $"e.metadata #>> '{{{Path(member)}}}'";

    private static Statement Over(IEnumerable<Guid> ids, Func<string, string> text)
    {
        var statement = new Statement();
        statement.Text = text(statement.Add(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid));
        return statement;
    }
}
