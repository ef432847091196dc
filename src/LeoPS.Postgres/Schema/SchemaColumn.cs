namespace LeoPS.Postgres.Schema;

/// <summary>A column of a CREATE TABLE in the schema files.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type with NOT NULL, as the server prints them: "character varying(20) NOT NULL".</param>
/// <param name="Default">Its default expression, as the server prints it; null where it has none.</param>
internal sealed record SchemaColumn(string Name, string Type, string? Default);
