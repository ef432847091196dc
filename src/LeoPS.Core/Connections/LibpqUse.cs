namespace LeoPS;

/// <summary>What LeoPS does with an environment variable of libpq.</summary>
internal enum LibpqUse
{
    /// <summary>It means what it means to libpq.</summary>
    Used,

    /// <summary>It changes nothing; the table says why.</summary>
    Ignored,

    /// <summary>A value that LeoPS cannot honour fails the connection; the table says which.</summary>
    Refused,
}
