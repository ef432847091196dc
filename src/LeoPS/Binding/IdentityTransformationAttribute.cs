using System.Globalization;
using System.Management.Automation;
using LeoPS.Changes;
using LeoPS.Statuses;
using LeoPS.Text;

namespace LeoPS.Binding;

/// <summary>
/// Binds rows from whatever names them; a list is bound element by element. A null for a mandatory parameter never comes here, for the binder
/// hands it straight through: it is a row like any other, and a wrong one, and the cmdlet takes it for the identity's Nothing.
/// </summary>
public abstract class IdentityTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override bool TransformNullOptionalParameters => true;

    /// <inheritdoc/>
    public sealed override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        // What the pipe would take apart is a list here too, such as a HashSet.
        return LanguagePrimitives.GetEnumerable(inputData) is { } list
            ? Pack(list.Cast<object?>())
            : Pack([inputData]);
    }

    /// <summary>The identities as an array of their type.</summary>
    private protected abstract object Pack(IEnumerable<object?> inputs);

    private protected static object? Bare(object? input) => input is PSObject wrapped ? wrapped.BaseObject : input;

    /// <summary>True for JSON, which is no name: an object is a row, and an array is told to be none.</summary>
    private protected static bool IsJson(string text) => (text.StartsWith('{') || text.StartsWith('[')) && JsonText.IsValid(text, out _);

    /// <summary>
    /// What an object that went through JSON, CSV or a job still knows of its row: the version, or else the time of change where the
    /// relation has no versions. A row that names neither has no guard.
    /// </summary>
    /// <param name="row">The row.</param>
    /// <param name="statusColumn">The property with the status.</param>
    /// <param name="updatedColumn">The property with the time of change; null where the table has none.</param>
    /// <param name="error">Why what is there cannot be read, which is an error of a row that is to be changed; null otherwise.</param>
    private protected static RowGuard? GuardOf<TStatus>(PipedRow row, string statusColumn, string? updatedColumn, out LeoException? error)
        where TStatus : struct, Enum =>
        GuardOf(row, () => StatusOf<TStatus>(statusColumn, row[statusColumn]), updatedColumn, out error);

    /// <summary>The same for a table whose status may be any text.</summary>
    /// <param name="row">The row.</param>
    /// <param name="status">Gives the status as the column has it; null for none.</param>
    /// <param name="updatedColumn">The property with the time of change; null where the table has none.</param>
    /// <param name="error">Why what is there cannot be read, which is an error of a row that is to be changed; null otherwise.</param>
    private protected static RowGuard? GuardOf(PipedRow row, Func<string?> status, string? updatedColumn, out LeoException? error)
    {
        const string VersionColumn = nameof(HandoffPreparation.RowVersion);
        error = null;
        try
        {
            uint? version = ColumnValue.Version(VersionColumn, row[VersionColumn]);
            DateTimeOffset? updated = version is null && updatedColumn is not null ? TimeOf(updatedColumn, row[updatedColumn]) : null;
            bool isGuarded = version is not null || updated is not null || (updatedColumn is null && row.Has(VersionColumn));
            return isGuarded ? new RowGuard(version, status(), updated) : null;
        }
        catch (LeoException unreadable)
        {
            error = unreadable;
            return null;
        }
    }

    /// <summary>An id that a row has beside others; null where it has none.</summary>
    /// <exception cref="LeoException">InvalidIdentity where it is no GUID.</exception>
    private protected static Guid? IdOf(PipedRow row, string column) => ColumnValue.Id(column, row[column], LeoErrorId.InvalidIdentity) is { } id
        ? id != Guid.Empty ? id : throw ColumnValue.Refused(column, id.ToString(), "the id of a row", LeoErrorId.InvalidIdentity)
        : null;

    /// <summary>The time of change, which is only compared: the form that Export-Csv of this process writes will do.</summary>
    private static DateTimeOffset? TimeOf(string column, object? value)
    {
        if (ColumnValue.Text(value) is not { } text)
        {
            return null;
        }

        return InvariantText.TryReadTime(value is DateTime ? value : text, out DateTimeOffset time)
            || InvariantText.TryReadExported(text, CultureInfo.CurrentCulture, out time)
                ? time
                : throw ColumnValue.Refused(column, text, $"a time in {InvariantText.TimeForms}. {ColumnValue.VersionAdvice}", LeoErrorId.InvalidIdentity);
    }

    /// <summary>The status as the column has it; ConvertTo-Json makes the number of it.</summary>
    private static string? StatusOf<TStatus>(string column, object? value)
        where TStatus : struct, Enum =>
        int.TryParse(ColumnValue.Text(value), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < StatusNames<TStatus>.All.Count
            ? StatusNames<TStatus>.ToColumn(StatusNames<TStatus>.All[number])
            : ColumnValue.Name<TStatus>(column, value, LeoErrorId.InvalidIdentity) is { } status ? StatusNames<TStatus>.ToColumn(status) : null;
}
