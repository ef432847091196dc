using LeoPS.Changes;
using LeoPS.Text;

namespace LeoPS.Directives;

/// <summary>What an edit writes into strategic directives.</summary>
public static class DirectiveWritable
{
    /// <summary>The table. Installations name phase and progress differently, and some have two columns for the progress, which are kept alike.</summary>
    public static WritableTable Table { get; } = new(
        "strategic_directives_v2",
        [
            new("-Title", "title"),
            new("-Status", "status"),
            new("-Phase", "current_phase", "phase"),
            new("-Progress", "progress", "progress_percentage"),
            new("-Category", "category"),
            new("-Priority", "priority"),
            new("-Description", "description"),
            new("-Rationale", "rationale"),
            new("-Scope", "scope"),
        ],
        ["id", "sd_key", "created_at", "updated_at"]);

    private static readonly Dictionary<string, int> _longest = new(StringComparer.Ordinal)
    {
        ["-Title"] = NewDirective.MaxTitleLength,
        ["-Status"] = NewDirective.MaxStatusLength,
        ["-Category"] = NewDirective.MaxCategoryLength,
        ["-Priority"] = NewDirective.MaxPriorityLength,
    };

    /// <summary>The values of an edit.</summary>
    /// <param name="given">The parameters that were given, with their values.</param>
    /// <param name="additionalColumns">A JSON object with further columns; null for none.</param>
    /// <exception cref="LeoException">ValueOutOfRange where a column cannot hold its value.</exception>
    public static RowValues Values(IEnumerable<(string Parameter, string? Value)> given, string? additionalColumns)
    {
        List<(WritableColumn, string?)> values = [];
        foreach ((string parameter, string? value) in given)
        {
            if (_longest.TryGetValue(parameter, out int longest))
            {
                StoredText.Require(parameter, value, longest);
            }

            StoredText.RequireStorable(parameter, value);
            values.Add((Table.Columns.First(c => c.Parameter == parameter), value));
        }

        return new RowValues(values, additionalColumns);
    }

    /// <summary>The directive's id or key as it was typed, with its backticks resolved.</summary>
    /// <exception cref="LeoException">InvalidIdentity for a pattern, an empty text, and what no column holds.</exception>
    public static string Single(string typed)
    {
        if (string.IsNullOrWhiteSpace(typed) || !StoredText.IsStorable(typed))
        {
            throw LeoErrors.InvalidDirective(string.IsNullOrWhiteSpace(typed) ? "An empty id or key" : "A text with a NUL character or half of a surrogate pair");
        }

        return Wildcard.IsPattern(typed)
            ? throw new LeoException(
                LeoErrorId.InvalidIdentity,
                $"'{LeoErrors.Short(typed)}' is a pattern, and one strategic directive is meant. Pipe those that match: Get-StrategicDirective '{LeoErrors.Short(typed)}' | Set-StrategicDirective …")
            : Wildcard.Unescape(typed).Trim();
    }
}
