using System.Text.Json;
using LeoPS.Postgres.Statements;
using Npgsql;

namespace LeoPS.PostgresTests.Fixtures;

/// <summary>One step of the way in which the server goes about a statement.</summary>
/// <param name="Type">What it does.</param>
/// <param name="Relation">The table that it reads; null for none.</param>
/// <param name="Index">The index that it goes by; null for none.</param>
internal sealed record PlanNode(string Type, string? Relation, string? Index)
{
    /// <summary>True where a table is read from end to end.</summary>
    public bool Scans(string table) => Type == "Seq Scan" && Relation == table;

    /// <summary>All steps of a statement, with the values that it would be sent with.</summary>
    public static async Task<List<PlanNode>> OfAsync(NpgsqlConnection connection, Statement statement)
    {
        await using var command = new NpgsqlCommand($"explain (format json) {statement.Text}", connection);
        statement.Parameters.ForEach(p => command.Parameters.Add(p.Clone()));
        return await ReadAsync(command);
    }

    /// <summary>All steps of a statement, as they are planned where the plan is kept for whatever values come.</summary>
    public static async Task<List<PlanNode>> OfKeptAsync(NpgsqlConnection connection, Statement statement)
    {
        string types = string.Join(", ", statement.Parameters.Select(p => p.DataTypeName));
        await using var prepare = new NpgsqlCommand($"set plan_cache_mode = force_generic_plan; prepare kept({types}) as {statement.Text}", connection);
        await prepare.ExecuteNonQueryAsync();
        await using var command = new NpgsqlCommand($"explain (format json) execute kept({string.Join(", ", statement.Parameters.Select(_ => "null"))})", connection);
        List<PlanNode> nodes = await ReadAsync(command);
        await using var forget = new NpgsqlCommand("deallocate kept", connection);
        await forget.ExecuteNonQueryAsync();
        return nodes;
    }

    private static async Task<List<PlanNode>> ReadAsync(NpgsqlCommand command)
    {
        using JsonDocument document = JsonDocument.Parse((string)(await command.ExecuteScalarAsync())!);
        var nodes = new List<PlanNode>();
        Walk(document.RootElement[0].GetProperty("Plan"), nodes);
        return nodes;
    }

    private static void Walk(JsonElement node, List<PlanNode> nodes)
    {
        string? Text(string name) => node.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
        nodes.Add(new PlanNode(Text("Node Type")!, Text("Relation Name"), Text("Index Name")));
        if (node.TryGetProperty("Plans", out JsonElement children))
        {
            foreach (JsonElement child in children.EnumerateArray())
            {
                Walk(child, nodes);
            }
        }
    }
}
