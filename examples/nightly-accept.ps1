#Requires -Version 7.4
<#
.SYNOPSIS
    Accepts what PLAN has been sent, except for handoffs that are too thin; for a nightly job.
.DESCRIPTION
    A dry run unless -Apply is given: then nothing is written, and the connection is read-only. A handoff that Test-HandoffPreparation
    would block, because its summary or another part is too thin, is skipped; one that cannot be read, or that somebody changes
    meanwhile, is left alone and counts as failed.
    Puts out one object: Total, Changed, Skipped, Failed, Stuck, and with -Detailed an item for each handoff. In a dry run Changed is 0,
    and what is neither skipped nor failed would be accepted.
    Exit codes: 0 healthy, 1 more failed or more are stuck than allowed, 2 it could not be done (no connection, no table).
.EXAMPLE
    pwsh -File examples/nightly-accept.ps1 -SdId 'SD-2026-*' -Detailed
.EXAMPLE
    pwsh -File examples/nightly-accept.ps1 -Apply -MaxFailed 3 -Stuck 7d -MaxStuck 10
#>
[CmdletBinding()]
param(
    # Only handoffs of these SDs, with wildcards.
    [string[]] $SdId,
    # A summary of fewer characters is too thin to be accepted unread.
    [int] $MinimumSummaryLength = 50,
    # Unit coverage in percent under which a handoff is too thin.
    [decimal] $MinimumCoverage = 80,
    # How many may fail before it counts as a breach.
    [int] $MaxFailed = 0,
    # How many directives may be stuck afterwards before it counts as a breach; without it that is not looked at.
    [Nullable[int]] $MaxStuck,
    # How long the newest handoff of a directive may be in its status before it is stuck: '36h', '7d', '2.00:00:00'.
    [string] $Stuck = '3d',
    # Really accepts them.
    [switch] $Apply,
    # One item for each handoff, with what became of it and why.
    [switch] $Detailed,
    # Where to connect; without it the environment says.
    [string] $Uri
)

$ErrorActionPreference = 'Stop'
$unread = $refused = @()
$connection = $null
$totals = [pscustomobject]@{ DryRun = -not $Apply; Total = 0; Changed = 0; Skipped = 0; Failed = 0; Stuck = $null }
if ($Detailed) {
    $totals | Add-Member Items ([Collections.Generic.List[object]]::new())
}
function Add-Item($Handoff, [string] $Outcome, [string] $Reason) {
    if ($Detailed) {
        $known = $Handoff.PSObject.Properties
        $totals.Items.Add([pscustomobject]@{ Id = $known['Id']?.Value ?? $Handoff; SdKey = $known['SdKey']?.Value; Outcome = $Outcome; Reason = $Reason })
    }
}

try {
    if (-not (Get-Module LeoPS)) {
        $packaged = Join-Path $PSScriptRoot '../out/LeoPS/LeoPS.psd1'
        Import-Module ((Test-Path $packaged) ? $packaged : 'LeoPS')
    }
    $connection = $Uri ? (Connect-LeoDatabase $Uri -ReadOnly:(-not $Apply)) : (Connect-LeoDatabase -ReadOnly:(-not $Apply))
    $call = @{ Connection = $connection; CommandTimeout = '10m' }
    $which = $SdId ? @{ Status = 'Sent'; SdId = $SdId } : @{ Status = 'Sent' }

    # What is thick enough goes down the pipe as it is read, and carries the version of its row: what changes in between is not accepted.
    $enough = {
        Get-HandoffPreparation @which @call -ErrorAction Continue -ErrorVariable unread |
            Test-HandoffPreparation @call -MinimumSummaryLength $MinimumSummaryLength -MinimumCoverage $MinimumCoverage |
            Where-Object {
                $totals.Total++
                if ($_.Verdict -eq 'Blocked') {
                    $totals.Skipped++
                    Add-Item $_ Skipped (($_.Findings | Where-Object Severity -EQ Blocking).Message -join ' ')
                }
                $_.Verdict -ne 'Blocked'
            }
    }
    if ($Apply) {
        . $enough | Set-HandoffStatus Accepted -Reason 'by nightly-accept.ps1' @call -Confirm:$false -ErrorAction Continue -ErrorVariable refused | ForEach-Object {
            $totals.Changed++
            Add-Item $_ Changed
        }
    }
    else {
        . $enough | ForEach-Object { Add-Item $_ WouldChange }
    }
    $totals.Total += $unread.Count
    foreach ($failure in @($unread) + @($refused)) {
        $totals.Failed++
        Add-Item $failure.TargetObject Failed $failure.Exception.Message
    }
    if ($null -ne $MaxStuck) {
        $totals.Stuck = @(Get-HandoffPreparation -Latest -Stuck $Stuck @call).Count
    }
    $code = $totals.Failed -gt $MaxFailed -or ($null -ne $MaxStuck -and $totals.Stuck -gt $MaxStuck) ? 1 : 0
}
catch {
    [Console]::Error.WriteLine("$(($_.FullyQualifiedErrorId -split ',')[0]): $($_.Exception.Message)")
    $code = 2
}
finally {
    if ($connection) {
        Disconnect-LeoDatabase $connection
    }
}

# Where it broke off in the middle, what was done before is done.
if ($code -ne 2 -or $totals.Total -gt 0) {
    $totals
}
exit $code
