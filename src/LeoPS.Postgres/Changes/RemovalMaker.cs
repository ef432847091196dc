using LeoPS.Changes;
using LeoPS.Ports;

namespace LeoPS.Postgres.Changes;

/// <summary>Makes the work of removals.</summary>
/// <param name="sql">The statements of the table.</param>
/// <param name="export">Takes the rows; null for no export.</param>
/// <param name="atOnce">True where each batch is written to it by itself; false where that is done before the commit of many.</param>
internal delegate IBatchWork<TChange, TRow> RemovalMaker<in TSql, TChange, TRow>(TSql sql, IRowExport<TRow>? export, bool atOnce)
    where TChange : class, IRowChange
    where TRow : class;
