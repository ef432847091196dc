namespace LeoPS.Postgres.Schema;

/// <summary>The SQL files embedded in this assembly, as resources named LeoPS.Postgres.Schema.&lt;file&gt;.</summary>
internal static class SchemaFiles
{
    /// <summary>The installation's files, in the order in which they run.</summary>
    public static readonly IReadOnlyList<string> Installation =
        ["roles.sql", "auth.sql", "references.sql", "exec_handoff_preparations.sql", "crewai_flow_executions.sql", "grants.sql"];

    /// <summary>The two files that are the contract.</summary>
    public static readonly IReadOnlyList<string> Contract = ["exec_handoff_preparations.sql", "crewai_flow_executions.sql"];

    /// <summary>The text of a file.</summary>
    /// <exception cref="InvalidOperationException">The assembly was built without it.</exception>
    public static string Read(string name)
    {
        using var stream = typeof(SchemaFiles).Assembly.GetManifestResourceStream($"{typeof(SchemaFiles).Namespace}.{name}")
            ?? throw new InvalidOperationException($"The resource {name} is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The statements of some files, in order.</summary>
    public static IReadOnlyList<SchemaStatement> Statements(IEnumerable<string> names) =>
        names.SelectMany(name => SchemaScript.Parse(Read(name))).ToList();
}
