namespace LeoPS.Units.Cmdlets;

/// <summary>What PowerShell's binder and the transformations of LeoPS make of arguments, before any database is asked.</summary>
public sealed class BindingTests : IDisposable
{
    private readonly CmdletSession _session = new();

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("Set-HandoffStatus 3 -Id 0f8fad5b-d9cb-469f-a165-70867728950e", "Preparing, Ready, Sent, Accepted, Rejected")]
    [InlineData("Set-HandoffStatus 'sent,ready' -Id 0f8fad5b-d9cb-469f-a165-70867728950e", "Preparing, Ready, Sent, Accepted, Rejected")]
    [InlineData("Set-HandoffStatus acc -Id 0f8fad5b-d9cb-469f-a165-70867728950e", "Preparing, Ready, Sent, Accepted, Rejected")]
    [InlineData("Get-FlowExecution -Status done", "Pending, Running, Completed, Failed, Cancelled, Timeout")]
    [InlineData("New-FlowExecution weekly -ExecutionMode 0", "Manual, Scheduled, Triggered")]
    [InlineData("Get-Flow -Status on", "Draft, Active, Archived, Deprecated")]
    public void A_status_that_is_no_whole_name_is_refused_with_the_allowed_ones(string script, string allowed)
    {
        var error = Assert.Single(_session.Run(script).Errors);
        Assert.StartsWith("ParameterArgumentTransformationError", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        foreach (string name in allowed.Split(", "))
        {
            Assert.Contains(name, error.Exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Get-HandoffPreparation -Stuck 30")]
    [InlineData("Get-HandoffPreparation -Stuck '30'")]
    [InlineData("Wait-FlowExecution -Id 0f8fad5b-d9cb-469f-a165-70867728950e -Timeout 5")]
    [InlineData("Stop-FlowExecution -OlderThan 1.5")]
    public void A_bare_number_is_no_duration(string script)
    {
        var error = Assert.Single(_session.Run(script).Errors);
        Assert.StartsWith("ParameterArgumentTransformationError", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("15m", error.Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'0f8fad5b-d9cb-469f-a165-70867728950e' | Set-HandoffStatus")]
    [InlineData("[pscustomobject]@{ Id = [guid]::NewGuid(); Status = 'Ready' } | Set-HandoffStatus")]
    public void The_status_to_set_never_comes_from_the_pipe(string script)
    {
        // A runspace without a host cannot ask for it.
        Assert.StartsWith("MissingMandatoryParameter", Assert.Single(_session.Run(script).ErrorIds), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-HandoffPreparation -Connection no-such-connection", "no-such-connection")]
    [InlineData("Get-Flow -Connection 'none*'", "none*")]
    public void A_connection_that_does_not_exist_is_named(string script, string name)
    {
        var error = Assert.Single(_session.Run(script).Errors);
        Assert.Contains(name, error.Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-HandoffPreparation -First -1")]
    [InlineData("Get-HandoffPreparation -First many")]
    [InlineData("Set-HandoffStatus Sent -CurrentStatus Ready -BatchSize 0")]
    public void A_count_is_a_whole_number_in_its_range(string script) =>
        Assert.StartsWith("Parameter", Assert.Single(_session.Run(script).ErrorIds), StringComparison.Ordinal);
}
