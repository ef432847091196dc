#Requires -Version 7.4
<#
.SYNOPSIS
    Runs the Pester suite and leaves its counts and skips as JSON.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Path,
    [Parameter(Mandatory)] [string] $ModulePath,
    [Parameter(Mandatory)] [string] $ResultPath,
    # The manifest of the Pester to use.
    [Parameter(Mandatory)] [string] $PesterPath,
    # Only the tests with this tag.
    [string] $Tag,
    # Only the files whose names begin with one of these letters, such as A-H.
    [string] $Initial = 'A-Z',
    [switch] $Plain
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

Import-Module $PesterPath
# The tests find the packaged module through this, wherever they are started from.
$env:LEOPS_TEST_MODULE = $ModulePath

$configuration = New-PesterConfiguration
$files = Get-ChildItem -LiteralPath $Path -Filter *.Tests.ps1 | Where-Object Name -Match "^[$Initial]"
$configuration.Run.Path = $files.FullName
$configuration.Run.PassThru = $true
if ($Tag) {
    $configuration.Filter.Tag = $Tag
}
$configuration.Output.Verbosity = 'Normal'
$configuration.Output.RenderMode = $Plain ? 'Plaintext' : 'Ansi'
$configuration.TestResult.Enabled = $true
$configuration.TestResult.OutputPath = [IO.Path]::ChangeExtension($ResultPath, 'xml')
. (Join-Path $PSScriptRoot 'TestRun.ps1')
Start-Run
# One server for this suite, started by the first test that asks for it; other suites run beside this one.
$env:LEOPS_TEST_SANDBOX = Join-Path $env:LEOPS_RUN_FOLDER "pester-$PID"
try {
    $run = Invoke-Pester -Configuration $configuration
}
finally {
    if (Test-Path -LiteralPath $env:LEOPS_TEST_SANDBOX) {
        Import-Module (Join-Path $ModulePath 'LeoPS.psd1')
        Stop-LeoSandbox -Path $env:LEOPS_TEST_SANDBOX -Remove -Confirm:$false
    }
    Stop-Run
}

# Whole files and blocks that break have no test to count.
$broken = @($run.Containers | Where-Object { $_.Result -eq 'Failed' -and $_.ErrorRecord.Count -gt 0 }).Count
$failed = $run.FailedCount + $broken
if ($failed -eq 0 -and $run.Result -ne 'Passed') {
    $failed = 1
}

$skips = foreach ($test in $run.Tests | Where-Object Result -In 'Skipped', 'Inconclusive') {
    $reason = $test.ErrorRecord.Count -gt 0 ?
        ($test.ErrorRecord[0].Exception.Message -replace '^.*?\bbecause\b\s*', '') : 'marked to be skipped'
    "$($test.ExpandedPath): $reason"
}

$parts = @($run.Tests | Where-Object Result -EQ 'Failed') + @($run.Containers | Where-Object Result -EQ 'Failed')
$failures = foreach ($part in $parts) {
    $name = $part.PSObject.Properties['ExpandedPath'] ? $part.ExpandedPath : "$($part.Item)"
    foreach ($record in $part.ErrorRecord | Select-Object -First 1) { "${name}: $($record.Exception.Message)" }
}

[pscustomobject]@{
    Passed   = $run.PassedCount
    Failed   = $failed
    Skipped  = $run.SkippedCount + $run.InconclusiveCount
    Failures = @($failures)
    Skips    = @($skips)
} | ConvertTo-Json | Set-Content -LiteralPath $ResultPath
exit ($failed -gt 0 ? 1 : 0)
