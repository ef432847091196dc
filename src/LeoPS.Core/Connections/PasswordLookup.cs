namespace LeoPS;

/// <summary>What the password file had. Not a record: ToString would show the password.</summary>
public sealed class PasswordLookup
{
    internal PasswordLookup(string? password, string? note)
    {
        Password = password;
        Note = note;
    }

    /// <summary>The password of the first line that fits; null where none does.</summary>
    public string? Password { get; }

    /// <summary>Why the file was not used, or what is odd about it; null where all is well.</summary>
    public string? Note { get; }
}
