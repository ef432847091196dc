# Starting and ending runs in bulk, beside psql with the same rows in the same chunks of 1,000, each a transaction of its own, in the same order.

function Reset-Executions([switch] $Running) {
    & psql @psql -v "rows=$Runs" -v "running=$([int]$Running.IsPresent)" -f (Join-Path $PSScriptRoot 'executions.sql')
    if ($LASTEXITCODE -ne 0) { throw 'The table could not be rebuilt.' }
}

function Assert-Runs([string] $Status) {
    $found = & psql @psql -At -c "select count(*) filter (where status = '$Status') || ' ' || count(distinct execution_key) || ' ' || (select sum(execution_count) from crewai_flows) from crewai_flow_executions"
    if ($found -ne "$Runs $Runs $Runs") { throw "Of $Runs runs, $found are $Status, have a key of their own, and were counted." }
}

# The scripts that psql runs: one statement a chunk, autocommit.
$startScript = Join-Path $SandboxPath 'bench-start.sql'
$endScript = Join-Path $SandboxPath 'bench-end.sql'
$chunks = [Math]::Ceiling($Runs / 1000)
Set-Content -LiteralPath $startScript -Value (0..($chunks - 1) | ForEach-Object {
        @"
insert into crewai_flow_executions (id, flow_id, execution_key, input_state, status, started_at, execution_mode)
select gen_random_uuid(), f.id, upper(f.flow_key) || '-' || to_char(now() at time zone 'UTC', 'YYYYMMDD"T"HH24MISSMS"Z"') || '-' || n,
       jsonb_build_object('agenda', 'Item ' || n, 'number', n), 'running', now(), 'manual'
from generate_series($_ * 1000 + 1, least($_ * 1000 + 1000, $Runs)) n
join crewai_flows f on f.flow_key = 'bench-flow-' || n % 10
order by f.id, n
returning *;
"@
    })
Set-Content -LiteralPath $endScript -Value (0..($chunks - 1) | ForEach-Object {
        @"
update crewai_flow_executions set status = 'completed', completed_at = now(), token_count = 1200, cost_usd = 0.0036,
       output_state = jsonb_build_object('decision', 'approved', 'votes', 5)
where id in (select md5('run' || n)::uuid from generate_series($_ * 1000 + 1, least($_ * 1000 + 1000, $Runs)) n) and status = 'running'
returning *;
"@
    })

foreach ($round in 1..$Rounds) {
    Write-Host "executions, round $round of $Rounds"
    Reset-Executions
    Add-Time 'psql: INSERT, chunks of 1,000' (Measure-Milliseconds { & psql @psql -A -t -o /dev/null -f $startScript })
    Assert-Runs running

    Reset-Executions
    $starts = @(foreach ($n in 1..$Runs) { [pscustomobject]@{ FlowKey = "bench-flow-$($n % 10)"; InputState = "{""agenda"": ""Item $n"", ""number"": $n}" } })
    Add-Time '$starts | Start-FlowExecution' (Measure-Milliseconds { $starts | Start-FlowExecution })
    $starts = $null
    Assert-Runs running

    Reset-Executions -Running
    Add-Time 'psql: UPDATE, chunks of 1,000' (Measure-Milliseconds { & psql @psql -A -t -o /dev/null -f $endScript })
    Assert-Runs completed

    Reset-Executions -Running
    $running = @(Get-FlowExecution -Status Running)
    Add-Time '$running | Complete-FlowExecution' (Measure-Milliseconds { $running | Complete-FlowExecution -OutputState @{ decision = 'approved'; votes = 5 } -TokenCount 1200 -CostUsd 0.0036 })
    $running = $null
    Assert-Runs completed
}

Add-Ratio 'bulk start over psql' ((Get-MedianTime '$starts | Start-FlowExecution') / (Get-MedianTime 'psql: INSERT, chunks of 1,000')) '<= 1.5'
Add-Ratio 'bulk completion over psql' ((Get-MedianTime '$running | Complete-FlowExecution') / (Get-MedianTime 'psql: UPDATE, chunks of 1,000')) '<= 1.5'
