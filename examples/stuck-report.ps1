#Requires -Version 7.4
<#
.SYNOPSIS
    Reports handoffs that are stuck, for a monitor or a scheduled job.
.DESCRIPTION
    Looks at the newest handoff of each strategic directive and writes those that have been in their status for too long.
    Exit codes: 0 healthy, 1 more handoffs are stuck than allowed, 2 the check itself could not be made.
.EXAMPLE
    pwsh -File examples/stuck-report.ps1 -Stuck 2.00:00:00 -Allowed 3
#>
[CmdletBinding()]
param(
    # How long a handoff may be in its status: '36h', '7d', '2.00:00:00'.
    [string] $Stuck = '3d',
    # How many may be stuck before it counts as a breach.
    [int] $Allowed = 0,
    # Where to connect; without it the environment says.
    [string] $Uri
)

$ErrorActionPreference = 'Stop'
try {
    if (-not (Get-Module LeoPS)) {
        $packaged = Join-Path $PSScriptRoot '../out/LeoPS/LeoPS.psd1'
        Import-Module ((Test-Path $packaged) ? $packaged : 'LeoPS')
    }
    $connection = $Uri ? (Connect-LeoDatabase $Uri -ReadOnly) : (Connect-LeoDatabase -ReadOnly)
    $stuckOnes = @(Get-HandoffPreparation -Connection $connection -Latest -Stuck $Stuck -CommandTimeout 60s)
    Disconnect-LeoDatabase $connection
}
catch {
    [Console]::Error.WriteLine("$(($_.FullyQualifiedErrorId -split ',')[0]): $($_.Exception.Message)")
    exit 2
}

$stuckOnes | Sort-Object UpdatedAt
"$($stuckOnes.Count) handoffs have been in their status for more than $Stuck; $Allowed are allowed."
exit ($stuckOnes.Count -gt $Allowed ? 1 : 0)
