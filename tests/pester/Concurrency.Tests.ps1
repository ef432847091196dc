# Many who change or start the same at once: runspaces of one process, and processes of their own.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_executions.ps1"
    . "$PSScriptRoot/_processes.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-many'
    $slow = $env:LEOPS_SLOW_TESTS -eq '1'

    $race = @'
foreach ($conflict in 'UseExisting', 'Fail') {
    try {
        $run = Start-FlowExecution weekly-1 -ExecutionKey "RACE-$conflict" -OnConflict $conflict -InputState @{ a = 1 } -ErrorAction Stop
        "$conflict $($run.Id) $($run.IsNew)"
    }
    catch { "$conflict $(($_.FullyQualifiedErrorId -split ',')[0])" }
}
'@

    function Assert-OneRun([string[]] $Lines, [int] $Count) {
        $run = Invoke-TestSql "select id from public.crewai_flow_executions where execution_key = 'RACE-UseExisting'"
        $run | Should -HaveCount 1
        @($Lines -eq "UseExisting $run True") | Should -HaveCount 1
        @($Lines -eq "UseExisting $run False") | Should -HaveCount ($Count - 1)
        $other = Invoke-TestSql "select id from public.crewai_flow_executions where execution_key = 'RACE-Fail'"
        @($Lines -eq "Fail $other True") | Should -HaveCount 1
        @($Lines -eq 'Fail DuplicateExecutionKey') | Should -HaveCount ($Count - 1)
        $Lines | Should -HaveCount (2 * $Count)
        Get-FlowCount 1 | Should -Be 2
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'One key, started by many at once' {
    BeforeEach {
        Reset-RunData
    }

    It 'makes one run: twenty runspaces get the same id with UseExisting, and all but one an error with Fail' {
        $barrier = [Threading.Barrier]::new(20)
        $lines = 1..20 | ForEach-Object -ThrottleLimit 20 -Parallel {
            Import-Module $using:LeoManifest
            $PSDefaultParameterValues['*-FlowExecution:Connection'] = $using:connection
            $null = Get-FlowExecution -First 1
            $null = ($using:barrier).SignalAndWait(60000)
            & ([scriptblock]::Create($using:race))
        }
        Assert-OneRun $lines 20
    }

    It 'makes one run: processes of their own get the same id, or the error' {
        $count = $slow ? 20 : 4
        $lines = Invoke-AtOnce -Count $count -Script $race | ForEach-Object { $_ -split '\r?\n' }
        Assert-OneRun $lines $count
    }
}

Describe 'Many runs of the same flows, in opposite orders' {
    It 'all start: no error reaches anybody, keys are unique, and the flows count right' {
        Reset-RunData -Flows 10
        $processes, $runs, $batch = $slow ? (8, 5000, 1000) : (4, 500, 50)
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $said = Invoke-AtOnce -Count $processes -Script @"
`$order = `$me % 2 ? (1..10) : (10..1)
`$summary = 1..$runs | ForEach-Object { "weekly-`$(`$order[`$_ % 10])" } | Start-FlowExecution -BatchSize $batch -InputState { @{ flow = `$_ } } -Summary
"`$(`$summary.Changed) `$(`$summary.Failed) `$(`$Error.Count) `$([int]`$summary.Elapsed.TotalMilliseconds)"
`$Error | ForEach-Object { "`$_" }
"@
        $watch.Stop()
        Write-Host "    $processes processes with $runs runs each: $([int]$watch.Elapsed.TotalSeconds) s; changed, failed, errors, ms of each: $($said -join ' | ')"
        foreach ($line in $said) { $line | Should -Match "^$runs 0 0 \d+$" }
        $total = $processes * $runs
        Invoke-TestSql "select count(*) || ' ' || count(distinct execution_key) from public.crewai_flow_executions" | Should -Be "$total $total"
        Get-FlowCount (1..10) | Select-Object -Unique | Should -Be ($total / 10)
        Invoke-TestSql "select count(*) from public.crewai_flow_executions e join public.crewai_flows f on f.id = e.flow_id where e.input_state->>'flow' <> f.flow_key" | Should -Be 0
    }
}

Describe 'The same 10,000 handoffs, moved by two processes at once' {
    It 'are moved once each, and each of the two is told of every row that the other got: <Name>' -ForEach @(
        @{ Name = 'in the same order'; Second = ''; With = '-BatchSize 100' }
        @{ Name = 'in opposite orders'; Second = '[array]::Reverse($h)'; With = '-BatchSize 100' }
        @{ Name = 'atomically'; Second = ''; With = '-Atomic' }
    ) {
        Reset-TestData -Count 10000
        $said = Invoke-AtOnce -Count 2 -Script @"
`$h = Get-HandoffPreparation -Status Ready
Set-Content -LiteralPath "`$folder/read-`$me" -Value ''
while (@(Get-ChildItem -LiteralPath `$folder -Filter 'read-*').Count -lt 2) { Start-Sleep -Milliseconds 5 }
if (`$me -eq 2) { $Second }
`$moved = `$h | Set-HandoffStatus Sent $With -ErrorVariable failed -ErrorAction SilentlyContinue
foreach (`$one in `$moved) { "moved `$(`$one.Id)" }
foreach (`$one in `$failed | Where-Object { `$_ -is [Management.Automation.ErrorRecord] }) { "`$((`$one.FullyQualifiedErrorId -split ',')[0]) `$(`$one.TargetObject.Id)" }
"@
        $lines = $said | ForEach-Object { , @($_ -split '\r?\n') }
        $moved = foreach ($process in $lines) { , @($process -match '^moved ' -replace '^moved ') }
        $conflicts = foreach ($process in $lines) { , @($process -match '^StatusConflict .' -replace '^StatusConflict ') }
        Write-Host "    moved $($moved[0].Count) and $($moved[1].Count), told of $($conflicts[0].Count) and $($conflicts[1].Count)"
        $all = @(Invoke-TestSql "select id from public.exec_handoff_preparations where handoff_status = 'sent'")
        $all.Count | Should -Be 10000
        [System.Collections.Generic.HashSet[string]]::new([string[]]@($moved[0]; $moved[1])).SetEquals([string[]]$all) | Should -BeTrue
        $moved[0].Count + $moved[1].Count | Should -Be 10000
        # Whoever did not move a row was told of it, and of nothing else.
        foreach ($i in 0, 1) {
            [System.Collections.Generic.HashSet[string]]::new([string[]]$conflicts[$i]).SetEquals([string[]]$moved[1 - $i]) | Should -BeTrue
            @($lines[$i]).Count | Should -Be (10000 + [int]($With -eq '-Atomic' -and $conflicts[$i].Count -gt 0))
        }
    }
}

Describe 'A queue that many workers share' {
    It 'is worked off: each run is taken once, run and completed, none is lost, and the flows count right' {
        Reset-RunData -Flows 10
        $workers, $runs = $slow ? (8, 20000) : (4, 1000)
        $queued = 1..$runs | ForEach-Object { [pscustomobject]@{ FlowKey = "weekly-$(1 + $_ % 10)"; InputState = "{""n"": $_}" } } | New-FlowExecution -Summary
        $queued.Changed | Should -Be $runs
        $watch = [Diagnostics.Stopwatch]::StartNew()
        # Who takes one at a time beside who takes a hundred.
        $said = Invoke-AtOnce -Count $workers -Script @'
$count = (1, 10, 50, 100)[$me % 4]
$done = [System.Collections.Generic.List[int]]::new()
while ($taken = Start-FlowExecution -Next -Count $count) {
    $taken | Complete-FlowExecution -OutputState { $done.Add($_.InputState.n); @{ by = $me; square = $_.InputState.n * $_.InputState.n } } | Out-Null
}
"$($done -join ',');$($Error.Count)"
$Error | ForEach-Object { "$_" }
'@
        $watch.Stop()
        $done = foreach ($line in $said) {
            $line | Should -Match '^[\d,]*;0$'
            , [int[]](($line -split ';')[0] -split ',' -ne '')
        }
        Write-Host "    $workers processes worked off $runs runs in $([int]$watch.Elapsed.TotalSeconds) s: $(($done | ForEach-Object Count) -join ' + ')"
        $all = @($done | ForEach-Object { $_ })
        $all | Should -HaveCount $runs
        [System.Collections.Generic.HashSet[int]]::new([int[]]$all).Count | Should -Be $runs
        Get-RunCount | Should -Be "completed $runs"
        # Each by the one who says so, and with what came of it.
        Invoke-TestSql "select count(*) from public.crewai_flow_executions where (output_state->>'square')::bigint = (input_state->>'n')::bigint ^ 2 and metadata ? 'queuedAt'" | Should -Be $runs
        $byWorker = Invoke-TestSql "select (output_state->>'by')::int || ' ' || count(*) from public.crewai_flow_executions group by output_state->>'by'"
        $byWorker | Sort-Object | Should -Be (@(for ($i = 0; $i -lt $workers; $i++) { if ($done[$i].Count) { "$($i + 1) $($done[$i].Count)" } }) | Sort-Object)
        Get-FlowCount (1..10) | Select-Object -Unique | Should -Be ($runs / 10)
        Get-FlowExecution -Orphaned | Should -BeNullOrEmpty
    }
}
