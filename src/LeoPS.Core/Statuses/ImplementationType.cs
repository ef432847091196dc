namespace LeoPS;

// Spelled as the column has them: people know these names from the database, and type them so.
#pragma warning disable CA1707

/// <summary>The six values of exec_implementation_sessions.implementation_type, in capitals there too.</summary>
public enum ImplementationType
{
    /// <summary>A part of the user interface.</summary>
    UI_COMPONENT,

    /// <summary>An endpoint of an API.</summary>
    API_ENDPOINT,

    /// <summary>Tables, policies, data.</summary>
    DATABASE_CHANGE,

    /// <summary>Signing in, and who may do what.</summary>
    AUTHENTICATION,

    /// <summary>Tools of the project itself.</summary>
    SYSTEM_TOOLING,

    /// <summary>Anything else.</summary>
    GENERAL_FEATURE,
}
