# What the history of status changes costs a bulk change: the same rows with its triggers and without.

# The rows are made, and an old history is cleared, while no trigger looks.
function Reset-Recorded([bool] $Recorded) {
    & psql @psql -c 'alter table public.exec_handoff_preparations disable trigger user'
    & psql @psql -v "rows=$Rows" -f (Join-Path $PSScriptRoot 'handoffs.sql')
    & psql @psql -c 'set session_replication_role = replica' -c 'truncate leops.handoff_history' -c 'vacuum analyze leops.handoff_history'
    if ($Recorded) {
        & psql @psql -c 'alter table public.exec_handoff_preparations enable trigger user'
    }
    if ($LASTEXITCODE -ne 0) { throw 'The table could not be rebuilt.' }
}

function Assert-Recorded([int] $Expected) {
    $found = & psql @psql -At -c "select count(distinct row_id) || ' ' || count(distinct transaction_id) from leops.handoff_history where from_status = 'ready' and to_status = 'sent'"
    if ([int]($found -split ' ')[0] -ne $Expected) { throw "Of $Expected moves, $found are in the history." }
}

$null = Install-LeoSchema -WithHistory
foreach ($round in 1..$Rounds) {
    Write-Host "history, round $round of $Rounds"
    # Whichever comes first in a round finds the machine in another state than the second.
    foreach ($recorded in $round % 2 ? ($false, $true) : ($true, $false)) {
        Reset-Recorded $recorded
        $handoffs = @(Get-HandoffPreparation -Status Ready)
        Add-Time ($recorded ? '$handoffs | Set, with history' : '$handoffs | Set, without') (Measure-Milliseconds { $handoffs | Set-HandoffStatus Sent })
        $handoffs = $null
        Assert-Recorded ($recorded ? $Rows : 0)
    }
}
& psql @psql -c 'alter table public.exec_handoff_preparations disable trigger user'

Add-Ratio 'bulk change with history over without' ((Get-MedianTime '$handoffs | Set, with history') / (Get-MedianTime '$handoffs | Set, without')) '<= 1.6'
