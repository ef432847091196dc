namespace LeoPS;

/// <summary>What was found out about the certificate that a server showed.</summary>
/// <param name="Names">The host names and addresses that it is for.</param>
/// <param name="Issuer">Who issued it.</param>
/// <param name="NotBefore">From when on it is valid.</param>
/// <param name="NotAfter">Until when it is valid.</param>
/// <param name="Trusted">True where a trusted authority stands at the end of its chain, whatever the dates say.</param>
/// <param name="ChainInTime">False where a certificate of the chain, its own or an authority's, is not valid at this time.</param>
/// <param name="FitsHost">True where one of its names is the host that was asked for.</param>
/// <param name="ChainProblem">What else is wrong with its chain; null where nothing is, or where it is not trusted.</param>
internal sealed record ServerCertificate(
    IReadOnlyList<string> Names,
    string Issuer,
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter,
    bool Trusted,
    bool ChainInTime,
    bool FitsHost,
    string? ChainProblem);
