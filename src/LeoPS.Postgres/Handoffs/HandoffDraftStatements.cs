using LeoPS.Handoffs;
using LeoPS.Postgres.Changes;
using LeoPS.Postgres.Statements;
using LeoPS.Postgres.Tables;
using LeoPS.Reading;
using LeoPS.Statuses;
using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Handoffs;

/// <summary>The statements by which handoffs are made and put back.</summary>
internal sealed class HandoffDraftStatements(HandoffSql sql, DraftRules rules, AdditionalColumnBatch<HandoffDraft>? additional = null)
{
    private const string NoContent = "{}";

    /// <summary>The columns that LeoPS does not know; null for none.</summary>
    public AdditionalColumnBatch<HandoffDraft>? Additional => additional;

    /// <summary>Makes those that can be made, and gives them.</summary>
    public Task<IReadOnlyList<ReadItem<HandoffPreparation>>> InsertAsync(
        StatementScope scope, IReadOnlyList<HandoffDraft> drafts, CancellationToken cancellationToken) => scope.RunAsync(
        $"{(rules.Restores ? "restore" : "insert")} handoffs (batch of {drafts.Count})",
        Insert(drafts),
        (reader, _) => new HandoffRowReader(reader).AllMadeAsync(),
        made => made.Count,
        cancellationToken);

    /// <summary>Looks what stands in the way: one sight per draft, in the order given.</summary>
    public Task<IReadOnlyList<DraftSight>> LookAsync(StatementScope scope, IReadOnlyList<HandoffDraft> drafts, CancellationToken cancellationToken)
    {
        var statement = new Statement();
        statement.Text = HandoffSql.LookAtDrafts(Relation(References(statement, drafts)), rules.Restores);
        return scope.RunAsync($"look at the references of {drafts.Count} handoffs", statement, ReadSightsAsync, s => s.Count, cancellationToken);
    }

    /// <summary>The insert with its values.</summary>
    internal Statement Insert(IReadOnlyList<HandoffDraft> drafts)
    {
        var statement = new Statement();
        HandoffValues[] values = [.. drafts.Select(d => d.Values)];
        List<string> arrays = References(statement, drafts);
        if (rules.Restores)
        {
            arrays.Add(MoveSql.Texts(statement, drafts.Select(d => StatusNames<HandoffStatus>.ToColumn(d.State!.Status))));
            arrays.AddRange(HandoffSql.RestoredTimes.Select(time => MoveSql.Texts(statement, drafts.Select(d => time.Of(d.State!) is { } at ? KeysetSql.TimeText(at) : null))));
        }

        var content = new ContentParameters(statement, values, rules.Restores ? ContentColumn.All : ContentParameters.UsedBy(values), NoContent);
        AdditionalColumnSql unknown = additional?.AddTo(statement, drafts) ?? AdditionalColumnSql.None;
        arrays.AddRange([.. content.Inputs.Select(i => i.Array), .. unknown.Inputs.Select(i => i.Array)]);
        statement.Text = rules.Restores ? sql.Restore(Relation(arrays), content, unknown) : sql.Insert(Relation(arrays), content, rules.Force, unknown);
        return statement;
    }

    private static List<string> References(Statement statement, IReadOnlyList<HandoffDraft> drafts) =>
    [
        statement.Add(Enumerable.Range(0, drafts.Count).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Integer),
        statement.Add(drafts.Select(d => d.Id).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid),
        statement.Add(drafts.Select(d => d.SessionId).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid),
        MoveSql.Texts(statement, drafts.Select(d => d.Sd)),
    ];

    private static string Relation(IEnumerable<string> arrays) => $"unnest({string.Join(", ", arrays)})";

    private static async Task<IReadOnlyList<DraftSight>> ReadSightsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var sights = new List<DraftSight>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            sights.Add(new DraftSight(
                reader.IsDBNull(0) ? null : reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetFieldValue<Guid[]>(2), reader.GetBoolean(3), Held: false));
        }

        return sights;
    }
}
