namespace LeoPS.Reading;

/// <summary>Which rows of a table are meant.</summary>
public interface IRowFilter
{
    /// <summary>True where nothing but ids selects, so that one which does not come does not exist.</summary>
    bool OnlyIds { get; }
}
