namespace LeoPS;

/// <summary>What is checked of a server's certificate before anything is said to it.</summary>
public enum CertificateCheck
{
    /// <summary>Nothing: whoever answers is believed.</summary>
    NotVerified,

    /// <summary>That an authority that is trusted has issued it, and that it is valid now; not for which host.</summary>
    Authority,

    /// <summary>That an authority that is trusted has issued it, that it is valid now, and that it is for the host that was asked for.</summary>
    AuthorityAndHostName,
}
