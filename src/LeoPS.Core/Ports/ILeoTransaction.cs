namespace LeoPS.Ports;

/// <summary>A transaction on one connection. Disposed of without a commit, it is rolled back.</summary>
public interface ILeoTransaction : IAsyncDisposable
{
    /// <summary>The database as the transaction sees it: what its stores do is part of the transaction. The schema's own cmdlets are not.</summary>
    ILeoDatabase Database { get; }

    /// <summary>Makes it last. The answer is waited for.</summary>
    /// <exception cref="LeoException">ConnectionLost where no answer came: nobody knows then; whatever the server refuses at the end.</exception>
    Task CommitAsync();

    /// <summary>Takes it back.</summary>
    Task RollbackAsync();
}
