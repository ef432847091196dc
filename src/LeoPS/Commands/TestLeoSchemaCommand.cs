using System.Management.Automation;
using LeoPS.Abstractions;
using LeoPS.Schema;

namespace LeoPS.Commands;

/// <summary>Test-LeoSchema: compares a live database with the contract, item by item.</summary>
[Cmdlet(VerbsDiagnostic.Test, "LeoSchema")]
[OutputType(typeof(SchemaItem))]
public sealed class TestLeoSchemaCommand : DatabaseCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing() =>
        WriteObject(Await(token => Database.Schema.CompareAsync(Context, token)), enumerateCollection: true);
}
