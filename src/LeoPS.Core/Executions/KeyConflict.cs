namespace LeoPS;

/// <summary>What starting does where a run with the same execution key is there already.</summary>
public enum KeyConflict
{
    /// <summary>Starts nothing: DuplicateExecutionKey.</summary>
    Fail,

    /// <summary>Gives the run that is there, if it is of the same flow and has the same input.</summary>
    UseExisting,
}
