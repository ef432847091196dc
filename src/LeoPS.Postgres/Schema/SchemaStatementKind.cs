namespace LeoPS.Postgres.Schema;

/// <summary>What a statement of the schema files makes.</summary>
internal enum SchemaStatementKind
{
    /// <summary>CREATE ROLE.</summary>
    Role,

    /// <summary>CREATE SCHEMA.</summary>
    Schema,

    /// <summary>CREATE FUNCTION.</summary>
    Function,

    /// <summary>CREATE TABLE, with its columns and nothing else.</summary>
    Table,

    /// <summary>COMMENT ON COLUMN.</summary>
    Comment,

    /// <summary>ALTER TABLE … ADD CONSTRAINT.</summary>
    Constraint,

    /// <summary>CREATE INDEX.</summary>
    Index,

    /// <summary>ALTER TABLE … ENABLE ROW LEVEL SECURITY.</summary>
    RowSecurity,

    /// <summary>CREATE POLICY.</summary>
    Policy,

    /// <summary>CREATE TRIGGER.</summary>
    Trigger,

    /// <summary>GRANT.</summary>
    Grant,
}
