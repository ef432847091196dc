using LeoPS.Schema;

namespace LeoPS.Ports;

/// <summary>Installs the tables, compares them with the contract, fills in sample rows.</summary>
public interface ISchemaStore
{
    /// <summary>Creates what is missing in one transaction; idempotent; never drops and never changes what is there.</summary>
    /// <exception cref="LeoException">Forbidden where the user may not create; ReadOnlyConnection; ConnectionLost.</exception>
    Task<SchemaInstallReport> InstallAsync(CallContext context, CancellationToken cancellationToken);

    /// <summary>
    /// The same, and the history of status changes in a schema of our own: tables, and triggers that fill them. A table that is not there
    /// or not one is told as a warning, and the other's history is made all the same.
    /// </summary>
    /// <exception cref="LeoException">As for <see cref="InstallAsync"/>; Forbidden, too, where the user does not own the tables.</exception>
    Task<SchemaInstallReport> InstallWithHistoryAsync(CallContext context, CancellationToken cancellationToken);

    /// <summary>One item per column, default, constraint, index, policy and trigger of the two tables, with what the database has.</summary>
    Task<IReadOnlyList<SchemaItem>> CompareAsync(CallContext context, CancellationToken cancellationToken);

    /// <summary>Puts in sample directives, sessions, handoffs, flows and runs, where no handoff is there yet; returns the number of handoffs added.</summary>
    Task<int> AddSampleAsync(CallContext context, CancellationToken cancellationToken);
}
