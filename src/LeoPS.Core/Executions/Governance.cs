using System.Globalization;

namespace LeoPS.Executions;

/// <summary>
/// The columns by which runs are governed. Only the wider form of crewai_flow_executions has them, so that a table may lack each of them, and
/// a run shows them as columns that the contract does not list.
/// </summary>
public static class Governance
{
    /// <summary>venture_id, uuid.</summary>
    public const string VentureId = "venture_id";

    /// <summary>prd_id, uuid.</summary>
    public const string PrdId = "prd_id";

    /// <summary>sd_id, varchar(50), without a foreign key.</summary>
    public const string SdId = "sd_id";

    /// <summary>budget_limit, integer: the units, such as tokens, that a run may consume.</summary>
    public const string BudgetLimit = "budget_limit";

    /// <summary>budget_consumed, integer.</summary>
    public const string BudgetConsumed = "budget_consumed";

    /// <summary>killed_by_budget, boolean: true for a run that was ended because it consumed more than its limit.</summary>
    public const string KilledByBudget = "killed_by_budget";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [VentureId, PrdId, SdId, BudgetLimit, BudgetConsumed, KilledByBudget];

    /// <summary>Those that belong to what is run, and not to how it went: a restart hands them on.</summary>
    public static IReadOnlyList<string> Carried { get; } = [VentureId, PrdId, SdId, BudgetLimit];

    /// <summary>Fails where the table lacks one of the columns.</summary>
    /// <param name="needed">The columns that a call writes or filters by.</param>
    /// <param name="live">The columns that the table has.</param>
    /// <exception cref="LeoException">SchemaMissing; names the first one that is missing.</exception>
    public static void Require(IEnumerable<string> needed, IReadOnlyCollection<string> live)
    {
        ArgumentNullException.ThrowIfNull(needed);
        if (needed.FirstOrDefault(column => !live.Contains(column)) is { } missing)
        {
            string parameter = string.Concat(missing.Split('_').Select(part => $"{char.ToUpperInvariant(part[0])}{part[1..]}"));
            throw new LeoException(
                LeoErrorId.SchemaMissing,
                $"Table public.crewai_flow_executions of this database has no column {missing}, and {parameter} needs it: nothing was read or written. Leave {parameter} out, or add the column with SQL.");
        }
    }

    /// <summary>A GUID of a JSON value; null for anything else.</summary>
    internal static Guid? Id(object? value) => value is string text && Guid.TryParse(text, out Guid id) ? id : null;

    /// <summary>An integer of a JSON value; null for anything else, and for what an integer of 32 bits cannot hold.</summary>
    internal static int? Integer(object? value) => value switch
    {
        long number when number is >= int.MinValue and <= int.MaxValue => (int)number,
        decimal number when number is >= int.MinValue and <= int.MaxValue && decimal.Truncate(number) == number => (int)number,
        string text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) => number,
        _ => null,
    };
}
