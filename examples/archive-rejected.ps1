#Requires -Version 7.4
<#
.SYNOPSIS
    Sends old rejected handoffs back to preparation, and keeps a copy of them first.
.DESCRIPTION
    Writes the rows as JSON lines, lossless, and then moves exactly those rows: one that somebody changes in between is left alone.
    Uses the default connection. Rehearse it with -WhatIf.
.EXAMPLE
    ./examples/archive-rejected.ps1 -Before (Get-Date).AddDays(-30) -CopyTo ./rejected.jsonl -WhatIf
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    # Only handoffs prepared before this time.
    [Parameter(Mandatory)] [datetimeoffset] $Before,
    # The file for the copy; it must not exist.
    [Parameter(Mandatory)] [string] $CopyTo
)

$ErrorActionPreference = 'Stop'
if (Test-Path -LiteralPath $CopyTo) {
    throw "$CopyTo exists already."
}
$lines = @(Get-HandoffPreparation -Status Rejected -Before $Before -AsJson)
# Not in a rehearsal: the real run would find the file there.
if ($PSCmdlet.ShouldProcess($CopyTo, "Copy $($lines.Count) handoffs")) {
    $lines | Set-Content -LiteralPath $CopyTo -Confirm:$false
}
elseif (-not $WhatIfPreference) {
    # Asked by -Confirm, and not wanted: without a copy nothing is moved.
    return
}
$lines | Set-HandoffStatus Preparing -Reason "Sent back; the rejected state is in $(Split-Path $CopyTo -Leaf)" -Summary -ErrorAction Continue
