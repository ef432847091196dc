#Requires -Version 7.4
<#
.SYNOPSIS
    Measures LeoPS beside psql, pgbench, raw Npgsql and a bare pwsh: all in one run, on one private server, each as a ratio.
.DESCRIPTION
    Every measured run starts from a table that was just rebuilt and vacuumed. Runs are interleaved (each round has one
    of every kind) in one warm process; medians are compared. Absolute times mean little on a shared machine; ratios do.
.EXAMPLE
    ./build.ps1 bench -Suite Executions -Rounds 3
#>
[CmdletBinding()]
param(
    [ValidateSet('Import', 'Handoffs', 'Content', 'Executions', 'Claims', 'History')]
    [string[]] $Suite = @('Import', 'Handoffs', 'Content', 'Executions', 'Claims', 'History'),
    [int] $Rows = 100000,
    [int] $Runs = 50000,
    [int] $Claims = 8000,
    [int] $Rounds = 5,
    # The row loop is so slow that it gets fewer rows; rates are compared.
    [int] $LoopRows = 10000,
    [int] $ImportPairs = 30,
    # A folder for the server; without it a temporary one that is removed at the end.
    [string] $SandboxPath
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$module = Convert-Path (Join-Path $PSScriptRoot '../out/LeoPS')
Import-Module (Join-Path $module 'LeoPS.psd1')
. (Join-Path $PSScriptRoot '_measure.ps1')
$keep = [bool] $SandboxPath
if (-not $SandboxPath) {
    $SandboxPath = Join-Path ([IO.Path]::GetTempPath()) "leops-bench-$([guid]::NewGuid().ToString('n').Substring(0, 8))"
}

$parts = @('Handoffs', 'Content', 'Executions', 'Claims', 'History' | Where-Object { $_ -in $Suite })
if ($parts -and -not (Get-Command psql -CommandType Application -ErrorAction Ignore)) {
    # npm's server binaries come without it.
    Write-Host "psql was not found: $($parts -join ', ') are measured beside it and left out."
    $parts = @()
}

if ('Import' -in $Suite) {
    # First, while no server of ours is at work.
    . (Join-Path $PSScriptRoot '_import.ps1')
}

$sandbox = Start-LeoSandbox -Path $SandboxPath
try {
    $password = (Get-Content -LiteralPath (Join-Path $SandboxPath 'password') -Raw).Trim()
    $env:PGPASSWORD = $password
    $psql = @('-X', '-q', '-h', '127.0.0.1', '-p', $sandbox.Port, '-U', $sandbox.UserName, '-d', $sandbox.Database, '-v', 'ON_ERROR_STOP=1')
    foreach ($part in $parts) {
        . (Join-Path $PSScriptRoot "_$($part.ToLowerInvariant()).ps1")
    }
}
finally {
    $env:PGPASSWORD = $null
    if (-not $keep) {
        Stop-LeoSandbox -Path $SandboxPath -Remove -Confirm:$false
    }
}

$missed = @(Write-Measures)
if ($missed) {
    Write-Host "Missed: $($missed -join '; ')"
    exit 1
}
