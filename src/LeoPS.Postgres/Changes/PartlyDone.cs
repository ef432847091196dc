using LeoPS.Changes;
using LeoPS.Postgres.Connections;
using LeoPS.Postgres.Statements;

namespace LeoPS.Postgres.Changes;

/// <summary>Work on a batch in several transactions: what is committed must be told as done, whatever becomes of the rest.</summary>
internal static class PartlyDone
{
    /// <summary>Runs work that fills in outcomes. Where some are there and the work fails, its failure stands for the rest; where none is, it is thrown.</summary>
    public static async Task<ChangeOutcome<TRow>[]> RunAsync<TRow>(
        StatementScope scope, IReadOnlyList<IRowChange> batch, string noun, string role, Func<ChangeOutcome<TRow>[], Task> work, CancellationToken cancellationToken)
        where TRow : class
    {
        var outcomes = new ChangeOutcome<TRow>[batch.Count];
        try
        {
            await work(outcomes).ConfigureAwait(false);
        }
        catch (Exception e) when (scope.CommitsEach && Array.Exists(outcomes, o => o is not null))
        {
            Exception translated = PostgresErrors.Translate(e, role, cancellationToken);
            LeoException rest = translated as LeoException ?? (translated is OperationCanceledException ? LeoErrors.Stopped(noun) : throw translated);
            for (int i = 0; i < outcomes.Length; i++)
            {
                outcomes[i] ??= ChangeOutcome<TRow>.Failed(
                    batch[i].Source, rest.ErrorId == LeoErrorId.ConnectionLost ? LeoErrors.Unanswered(noun, batch[i].Key, rest) : rest);
            }
        }

        return outcomes;
    }
}
