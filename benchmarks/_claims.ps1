# Eight workers who work off a queue, beside pgbench with as many clients: each takes runs with SKIP LOCKED, and completes them.

$pgbench = Get-Command pgbench -CommandType Application -ErrorAction Ignore | Select-Object -First 1
if (-not $pgbench) {
    Write-Host 'pgbench was not found: the claims are not measured.'
    return
}

$workers = 8

function Reset-Queue([int] $Runs = $Claims) {
    & psql @psql -v "rows=$Runs" -f (Join-Path $PSScriptRoot 'queue.sql')
    if ($LASTEXITCODE -ne 0) { throw 'The queue could not be filled.' }
}

function Assert-Done([int] $Least = $Claims) {
    $done = [int](& psql @psql -At -c "select count(*) from crewai_flow_executions where status = 'completed' and completed_at is not null")
    if ($done -lt $Least) { throw "Of $Claims runs, $done were completed." }
    $done
}

# What people write by hand: a claim and a completion, each a statement and a transaction.
$loop = Join-Path $SandboxPath 'bench-claim.sql'
Set-Content -LiteralPath $loop -Value @'
with taken as (update crewai_flow_executions set status = 'running', started_at = now() where id = (select id from crewai_flow_executions where status = 'pending' order by started_at limit 1 for update skip locked) returning id, input_state) select coalesce(min(id::text), '00000000-0000-0000-0000-000000000000') as run from taken \gset
update crewai_flow_executions set status = 'completed', completed_at = now(), output_state = '{"ok": true}' where id = ':run';
'@

$folder = New-Item -ItemType Directory -Path (Join-Path $SandboxPath 'bench-claims')
$worker = Join-Path $folder 'worker.ps1'
Set-Content -LiteralPath $worker -Value @"
param(`$folder, `$me)
Import-Module '$(Join-Path $module 'LeoPS.psd1')'
`$null = Connect-LeoDatabase -HostName 127.0.0.1 -Port $($sandbox.Port) -Database $($sandbox.Database) -Credential ([pscredential]::new('$($sandbox.UserName)', (ConvertTo-SecureString '$password' -AsPlainText)))
for (`$turn = 1; ; `$turn++) {
    Set-Content -LiteralPath "`$folder/ready-`$turn-`$me" -Value ([datetime]::UtcNow.Ticks)
    while (-not (Test-Path -LiteralPath "`$folder/go-`$turn")) { Start-Sleep -Milliseconds 10 }
    `$count = [int](Get-Content -LiteralPath "`$folder/go-`$turn")
    if (-not `$count) { break }
    while (`$taken = Start-FlowExecution -Next -Count `$count) {
        `$taken | Complete-FlowExecution -OutputState @{ ok = `$true } | Out-Null
    }
}
"@

$script:turn = 0

function Wait-Workers {
    $script:turn++
    while ([IO.Directory]::GetFiles($folder, "ready-$script:turn-*").Count -lt $workers) {
        if (@($processes | Where-Object HasExited)) { throw 'A worker did not come up, or broke off.' }
        Start-Sleep -Milliseconds 200
    }
}

function Start-Workers([int] $Count) {
    # Whole at once: a worker must not read half of it.
    Set-Content -LiteralPath (Join-Path $folder 'go') -Value $Count
    Move-Item -LiteralPath (Join-Path $folder 'go') -Destination (Join-Path $folder "go-$script:turn")
}

function Measure-Workers([int] $Count, [int] $Runs = $Claims) {
    <#
    .SYNOPSIS
        Milliseconds in which the workers work off a queue, to the end of the last one.
    #>
    Reset-Queue $Runs
    $begun = [datetime]::UtcNow
    Start-Workers $Count
    Wait-Workers
    $ends = foreach ($ready in Get-ChildItem -LiteralPath $folder -Filter "ready-$script:turn-*") { [long](Get-Content -LiteralPath $ready.FullName) }
    $null = Assert-Done $Runs
    ([datetime]::new(($ends | Measure-Object -Maximum).Maximum, 'Utc') - $begun).TotalMilliseconds
}

$processes = foreach ($me in 1..$workers) {
    [Diagnostics.Process]::Start((Get-Process -Id $PID).Path, [string[]]('-NoLogo', '-NoProfile', '-NonInteractive', '-File', $worker, $folder, $me))
}
try {
    Wait-Workers
    Write-Host 'claims, warming up'
    # A worker runs for days: its first thousands, in which .NET compiles again and again, say nothing.
    $null = Measure-Workers 1 (2500 * $workers)

    foreach ($round in 1..$Rounds) {
        Write-Host "claims, round $round of $Rounds"
        Reset-Queue
        $arguments = '-n', '-h', '127.0.0.1', '-p', $sandbox.Port, '-U', $sandbox.UserName, '-c', $workers, '-j', 2, '-t', [int]($Claims / $workers), '-f', $loop, $sandbox.Database
        $elapsed = Measure-Milliseconds { & $pgbench @arguments 2>$null }
        # Near the end a client may find everything held, and leave a run to nobody.
        Add-Time "pgbench: SKIP LOCKED loop, $workers clients" ($elapsed * $Claims / (Assert-Done ($Claims * 0.95)))

        Add-Time "Start-FlowExecution -Next, $workers processes" (Measure-Workers 1)
        Add-Time "Start-FlowExecution -Next -Count 100, $workers processes" (Measure-Workers 100)
    }

    Start-Workers 0
    $processes | ForEach-Object { $_.WaitForExit() }
}
finally {
    # Those of a benchmark that broke off would wait for their next turn for ever.
    foreach ($process in $processes) {
        if (-not $process.HasExited) { $process.Kill() }
        $process.Dispose()
    }
}

Add-Ratio 'claims of one over pgbench' ((Get-MedianTime "Start-FlowExecution -Next, $workers processes") / (Get-MedianTime "pgbench: SKIP LOCKED loop, $workers clients")) '<= 3'
Add-Ratio 'claims of 100 over pgbench' ((Get-MedianTime "Start-FlowExecution -Next -Count 100, $workers processes") / (Get-MedianTime "pgbench: SKIP LOCKED loop, $workers clients")) '<= 1'
