# What a cmdlet throws that nothing expected: it reaches the user as a LeoException that holds it. What is PowerShell's own passes.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    Import-LeoModule
    $null = Get-LeoConnection
    $types = Add-Type -PassThru -CompilerOptions '-nowarn:CS1701' -IgnoreWarnings -ReferencedAssemblies (Join-Path $LeoModulePath 'bin/LeoPS.dll'), (Join-Path $LeoModulePath 'bin/LeoPS.Core.dll'), 'System.Runtime', 'System.ObjectModel', 'System.ComponentModel.Primitives', 'netstandard', ([psobject].Assembly.Location) -TypeDefinition @'
using System;
using System.Management.Automation;

[Cmdlet("Test", "InjectedFault")]
public sealed class TestInjectedFaultCommand : LeoPS.Abstractions.LeoCmdlet
{
    [Parameter(Mandatory = true)] public string At { get; set; }
    [Parameter(Mandatory = true)] public Exception Fault { get; set; }
    [Parameter(ValueFromPipeline = true)] public object InputObject { get; set; }
    protected override void BeginProcessing() { base.BeginProcessing(); Throw("Begin"); }
    protected override void ProcessRecord() { if (At == "Write") { WriteObject(InputObject); } Throw("Process"); }
    protected override void EndProcessing() { Throw("End"); }
    private void Throw(string at) { if (At == at) { throw Fault; } }
}
'@
    Import-Module $types[0].Assembly
}

Describe 'The boundary of the cmdlets' {
    It 'turns <Fault> in <At> into a DatabaseError that holds it' -ForEach @(
        foreach ($at in 'Begin', 'Process', 'End') {
            foreach ($fault in [InvalidCastException], [NullReferenceException], [IO.IOException], [TimeoutException], [FormatException], [OverflowException],
                [Net.Sockets.SocketException], [InvalidOperationException], [Collections.Generic.KeyNotFoundException], [AggregateException], [OperationCanceledException]) {
                @{ At = $at; Fault = $fault }
            }
        }
    ) {
        $thrown = $Fault::new()
        $record = { 1 | Test-InjectedFault -At $At -Fault $thrown } | Should -Throw -PassThru
        $record.FullyQualifiedErrorId | Should -Be 'DatabaseError,TestInjectedFaultCommand'
        $record.Exception.GetType().FullName | Should -Be 'LeoPS.LeoException'
        $record.Exception.InnerException | Should -Be $thrown
        $record.Exception.Message | Should -BeLike "*$($Fault.Name)*"
    }

    It 'says of a connection that was closed meanwhile that it was' {
        $record = { Test-InjectedFault -At End -Fault ([ObjectDisposedException]::new('pool')) } | Should -Throw -PassThru
        $record.FullyQualifiedErrorId | Should -Be 'NotConnected,TestInjectedFaultCommand'
    }

    It 'takes a secret out of the message' {
        $record = { Test-InjectedFault -At End -Fault ([FormatException]::new('postgresql://u:hunter2@h/d')) } | Should -Throw -PassThru
        $record.Exception.Message | Should -Not -BeLike '*hunter2*'
    }

    It 'gives a condition of ours its own id' {
        $ours = try { Get-LeoConnection 'no such connection' -ErrorAction Stop } catch { $_.Exception }
        $record = { Test-InjectedFault -At Process -Fault $ours } | Should -Throw -PassThru
        $record.FullyQualifiedErrorId | Should -Be "$($ours.ErrorId),TestInjectedFaultCommand"
        $record.Exception | Should -Be $ours
    }

    It 'lets the errors and the ends of PowerShell pass' {
        $own = [Management.Automation.RuntimeException]::new('of a script')
        ({ Test-InjectedFault -At End -Fault $own } | Should -Throw -PassThru).Exception.Message | Should -Be 'of a script'
        @(1..5 | Test-InjectedFault -At Write -Fault $own | Select-Object -First 2) | Should -Be 1, 2
        { 1 | Test-InjectedFault -At Write -Fault $own | ForEach-Object { throw 'downstream' } } | Should -Throw 'downstream'
        $left = foreach ($i in 1, 2) { $i; 1 | Test-InjectedFault -At Write -Fault $own | ForEach-Object { break } }
        $left | Should -Be 1
    }
}
