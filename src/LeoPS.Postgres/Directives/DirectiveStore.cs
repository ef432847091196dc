using LeoPS.Changes;
using LeoPS.Directives;
using LeoPS.Ports;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Directives;

/// <summary>strategic_directives_v2 over Npgsql.</summary>
internal sealed class DirectiveStore(IScopeSource scopes, string role)
    : TableStore<DirectiveSql>(new(DirectiveColumns.Table, shape => new DirectiveSql(shape)), scopes, role), IDirectiveStore
{
    public IAsyncEnumerable<IReadOnlyList<ReadItem<StrategicDirective>>> ReadAsync(DirectiveQuery query, CallContext context, CancellationToken cancellationToken) =>
        ReadRowsAsync(sql => new DirectiveReadStatements(sql), query, context, cancellationToken);

    public Task<IReadOnlyDictionary<string, string>> ResolveAsync(IReadOnlyCollection<string> names, CallContext context, CancellationToken cancellationToken) => GuardAsync(
        () =>
        {
            var statement = new Statement(DirectiveSql.Ids);
            MoveSql.Texts(statement, names.Distinct(StringComparer.Ordinal));
            return Scopes.For(context).RunAsync("look up strategic directives by id or key", statement, ReadIdsAsync, ids => ids.Count, cancellationToken);
        },
        cancellationToken);

    public Task<IReadOnlyList<StrategicDirective>> FindHoldersAsync(IReadOnlyCollection<string> names, CallContext context, CancellationToken cancellationToken) =>
        WithSqlAsync((scope, sql) => FindHoldersAsync(scope, sql, names, cancellationToken), context, cancellationToken);

    public Task<ChangeOutcome<StrategicDirective>> CreateAsync(NewDirective directive, CallContext context, CancellationToken cancellationToken) => WithSqlAsync(
        async (scope, sql) =>
        {
            LiveColumns live = await Sql.ColumnsAsync(scope, cancellationToken).ConfigureAwait(false);
            var creation = new RowCreation<StrategicDirective>(DirectiveVerdict.Noun, directive.SdKey, Role)
            {
                Statement = () => Insert(sql, live, directive),
                Reader = reader => new DirectiveRowReader(reader),
                Locked = (outer, insert) => KeyLocks.InsertAsync(outer, sql, "sd_key", [directive.SdKey, directive.Id!], insert, cancellationToken),
                Reread = sql.ReturnsRowVersion
                    ? null
                    : async row => (await FindHoldersAsync(scope, sql, [row.Id], CancellationToken.None).ConfigureAwait(false)).FirstOrDefault(h => h.Id == row.Id),
                Obstacle = async token =>
                    DirectiveVerdict.Obstacle(directive, await FindHoldersAsync(scope, sql, [directive.SdKey, directive.Id!], token).ConfigureAwait(false)),
            };
            return await creation.ApplyAsync(scope, directive.Source, cancellationToken).ConfigureAwait(false);
        },
        context,
        cancellationToken);

    public Task<BulkResult<StrategicDirective>> EditAsync(
        IReadOnlyList<RowEdit<string>> edits, BulkOptions options, CallContext context, CancellationToken cancellationToken) =>
        Writer.WriteAsync(Edit, edits, options, context, cancellationToken);

    public Task<LeoException?> FindFaultAsync(RowEdit<string> edit, CallContext context, CancellationToken cancellationToken) => WithSqlAsync(
        (_, sql) =>
        {
            var documents = new EditDocuments<string>(DirectiveWritable.Table, sql.LiveColumns);
            return Task.FromResult(documents.Of(edit.Id, edit.Values) is null ? documents.FaultOf(edit.Id) : null);
        },
        context,
        cancellationToken);

    private BatchWriter<DirectiveSql, StrategicDirective> Writer => new(Sql, Scopes, DirectiveVerdict.Noun, Role);

    private DirectiveEditWork Edit(DirectiveSql sql) => new(sql, Role);

    private static Statement Insert(DirectiveSql sql, LiveColumns live, NewDirective directive)
    {
        RowDocument row = RowDocument.Of(directive.Columns, directive.AdditionalColumns, DirectiveColumns.Table, live.Columns);
        var statement = new Statement();
        statement.Text = sql.Insert(live.Record(statement.Add(row.Json, NpgsqlDbType.Jsonb), row.Columns, "r"), row.Columns);
        return statement;
    }

    private static Task<IReadOnlyList<StrategicDirective>> FindHoldersAsync(
        StatementScope scope, DirectiveSql sql, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        statement.Text = sql.Holders(MoveSql.Texts(statement, names));
        return scope.RunAsync(
            "look who has the id or the key", statement, (reader, token) => new DirectiveRowReader(reader).AllAsync(item => item.Row, token), holders => holders.Count, cancellationToken);
    }

    private static async Task<IReadOnlyDictionary<string, string>> ReadIdsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!reader.IsDBNull(1))
            {
                ids[reader.GetString(0)] = reader.GetString(1);
            }
        }

        return ids;
    }
}
