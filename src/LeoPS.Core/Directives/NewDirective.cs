using LeoPS.Changes;
using LeoPS.Text;

namespace LeoPS.Directives;

/// <summary>One strategic directive that is to be made. A null is a value that was not given.</summary>
public sealed record NewDirective
{
    /// <summary>The characters that id holds.</summary>
    public const int MaxIdLength = 50;

    /// <summary>The characters of an sd_key: the column holds any text, and the index over it does not.</summary>
    public const int MaxKeyLength = 500;

    internal const int MaxTitleLength = 500;
    internal const int MaxStatusLength = 50;
    internal const int MaxCategoryLength = 50;
    internal const int MaxPriorityLength = 20;

    /// <summary>id; null for the key where the column holds it, and for a new UUID otherwise.</summary>
    public string? Id { get; init; }

    /// <summary>sd_key.</summary>
    public string SdKey { get; init; } = "";

    /// <summary>title.</summary>
    public string Title { get; init; } = "";

    /// <summary>status; null for draft.</summary>
    public string? Status { get; init; }

    /// <summary>category; null for general.</summary>
    public string? Category { get; init; }

    /// <summary>priority; null for medium.</summary>
    public string? Priority { get; init; }

    /// <summary>description; null for an empty one.</summary>
    public string? Description { get; init; }

    /// <summary>rationale; null for an empty one.</summary>
    public string? Rationale { get; init; }

    /// <summary>scope; null for an empty one.</summary>
    public string? Scope { get; init; }

    /// <summary>Further columns of the table.</summary>
    public AdditionalColumns AdditionalColumns { get; init; } = AdditionalColumns.None;

    /// <summary>What the user gave.</summary>
    public object? Source { get; init; }

    /// <summary>
    /// The columns that are written. The contract wants none of them null; what nobody wrote is empty and not invented, so that whoever looks for
    /// a missing rationale finds it missing.
    /// </summary>
    public IReadOnlyList<NewColumn> Columns =>
    [
        new("id", Id ?? "", IsDefault: false),
        new("sd_key", SdKey, IsDefault: false),
        new("title", Title, IsDefault: false),
        NewColumn.Of("status", Status, "draft"),
        NewColumn.Of("category", Category, "general"),
        NewColumn.Of("priority", Priority, "medium"),
        NewColumn.Of("description", Description, ""),
        NewColumn.Of("rationale", Rationale, ""),
        NewColumn.Of("scope", Scope, ""),
    ];

    /// <summary>Fails where a column cannot hold its value.</summary>
    /// <returns>This directive with its id, and without blanks around id and key.</returns>
    /// <exception cref="LeoException">ValueOutOfRange.</exception>
    public NewDirective Check()
    {
        string key = SdKey.Trim();
        StoredText.Require("-SdKey", key, MaxKeyLength);
        string id = Id?.Trim() ?? (key.EnumerateRunes().Count() <= MaxIdLength ? key : Guid.NewGuid().ToString());
        StoredText.Require("-Id", id, MaxIdLength);
        StoredText.Require("-Title", Title, MaxTitleLength);
        RequireIfGiven("-Status", Status, MaxStatusLength);
        RequireIfGiven("-Category", Category, MaxCategoryLength);
        RequireIfGiven("-Priority", Priority, MaxPriorityLength);
        StoredText.RequireStorable("-Description", Description);
        StoredText.RequireStorable("-Rationale", Rationale);
        StoredText.RequireStorable("-Scope", Scope);
        return this with { Id = id, SdKey = key };
    }

    private static void RequireIfGiven(string name, string? text, int longest)
    {
        if (text is not null)
        {
            StoredText.Require(name, text, longest);
        }
    }
}
