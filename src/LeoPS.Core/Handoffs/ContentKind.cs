namespace LeoPS.Handoffs;

/// <summary>What a content column holds.</summary>
public enum ContentKind
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>jsonb, which travels as JSON text.</summary>
    Json,

    /// <summary>text[]; elements may be null.</summary>
    TextArray,
}
