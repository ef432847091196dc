namespace LeoPS;

/// <summary>How a connection is encrypted, as this side of it sees it: behind a pooler the server sees another connection.</summary>
/// <param name="Protocol">Such as "TLSv1.3".</param>
/// <param name="Cipher">The cipher suite, by its name in the standards: "TLS_AES_256_GCM_SHA384".</param>
public sealed record TlsFacts(string Protocol, string Cipher);
