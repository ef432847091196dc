using Npgsql;
using NpgsqlTypes;

namespace LeoPS.Postgres.Statements;

/// <summary>SQL text with its positional parameters. Add returns the placeholder, so that text and values cannot part.</summary>
internal sealed class Statement
{
    public Statement(string text) => Text = text;

    public Statement()
    {
    }

    public string Text { get; set; } = "";

    /// <summary>True for a statement of one row, which a loop sends again and again: its plan may be kept.</summary>
    public bool IsRepeated { get; init; }

    public List<NpgsqlParameter> Parameters { get; } = [];

    /// <summary>A command that has to have run before this one arrives; null for none.</summary>
    public Statement? First { get; init; }

    /// <summary>The results that this and its first command give.</summary>
    public int Results => First is null ? 1 : 2;

    public string Add(object? value, NpgsqlDbType type)
    {
        Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value, NpgsqlDbType = type });
        return $"${Parameters.Count}";
    }

    /// <summary>Puts this, and its first command ahead of it, at the end of a batch.</summary>
    public void AppendTo(NpgsqlBatch batch)
    {
        First?.AppendTo(batch);
        batch.BatchCommands.Add(ToCommand());
    }

    private NpgsqlBatchCommand ToCommand()
    {
        var command = new NpgsqlBatchCommand(Text);
        foreach (NpgsqlParameter parameter in Parameters)
        {
            command.Parameters.Add(parameter.Clone());
        }

        return command;
    }
}
