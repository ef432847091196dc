using LeoPS.Access;

namespace LeoPS.Executions;

/// <summary>What a run that is put back had beside its id, flow and key.</summary>
/// <param name="Row">A JSON object with a member for each other column that is not NULL, named after the column; without the JSON columns.</param>
/// <param name="InputState">JSON text of input_state; null for SQL NULL.</param>
/// <param name="OutputState">JSON text of output_state; null for SQL NULL.</param>
/// <param name="Metadata">JSON text of metadata; null for SQL NULL.</param>
/// <param name="AdditionalColumns">The columns of <paramref name="Row"/> that the contract does not list.</param>
public sealed record RestoredRun(string Row, string? InputState, string? OutputState, string? Metadata, IReadOnlyList<string> AdditionalColumns)
{
    /// <summary>The run as a planned write: of all its columns that are not NULL.</summary>
    /// <param name="executionKey">Its execution_key.</param>
    public PlannedWrite Plan(string? executionKey) => PlannedWrite.Of(ExecutionTransitions.Table.Noun, TableCommand.Insert, ("execution_key", executionKey))
        .With(Row)
        .WithJson([("input_state", InputState), ("output_state", OutputState), ("metadata", Metadata)]);

    /// <summary>Fails where the table lacks a column that the run had.</summary>
    /// <param name="live">The columns that the table has.</param>
    /// <exception cref="LeoException">SchemaMissing.</exception>
    public void Require(IReadOnlyCollection<string> live)
    {
        if (AdditionalColumns.FirstOrDefault(column => !live.Contains(column)) is { } missing)
        {
            throw new LeoException(
                LeoErrorId.SchemaMissing,
                $"The run had a column {LeoErrors.Short(missing)}, which table public.crewai_flow_executions of this database lacks, and it is put back as it was or not at all. Add the column with SQL, or take it out of AdditionalColumns in the line.");
        }
    }
}
