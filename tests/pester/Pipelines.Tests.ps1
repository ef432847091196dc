# Whole pipelines: what people type, what comes back through files and jobs, and what is left where a pipe ends early.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-pipelines'

    # The rows in input order, as "1000 changed, 4000 left".
    function Get-ChangedRuns([int] $Count) {
        Invoke-TestSql "select string_agg(n::text || ' ' || case when changed then 'changed' else 'left' end, ', ' order by first)
            from (select changed, min(n) as first, count(*) as n
                  from (select k.n, h.handoff_status = 'sent' as changed,
                               k.n - row_number() over (partition by h.handoff_status order by k.n) as run
                        from generate_series(1, $Count) k(n) join public.exec_handoff_preparations h on h.id = md5('h' || k.n)::uuid) rows
                  group by changed, run) runs"
    }

    # How many transactions changed rows with others between them, in input order, that they left: a batch is wholly in or out.
    function Get-TornBatch([int] $Count) {
        [int](Invoke-TestSql "select count(*) from (
                select h.updated_at
                from generate_series(1, $Count) k(n) join public.exec_handoff_preparations h on h.id = md5('h' || k.n)::uuid
                where h.handoff_status = 'sent'
                group by h.updated_at having max(k.n) - min(k.n) + 1 <> count(*)) torn")
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'The pipeline the product is for' {
    It 'moves what is ready and groups it by status' {
        Reset-TestData -Count 2500
        Invoke-TestSql "update public.exec_handoff_preparations set handoff_status = 'accepted' where id = md5('h7')::uuid"
        $groups = Get-HandoffPreparation -Status Ready | Set-HandoffStatus Sent | Group-Object Status
        $groups | Should -HaveCount 1
        $groups.Name, $groups.Count | Should -Be 'Sent', 2499
        Get-TestCount | Should -Be 'accepted 1, sent 2499'
    }

    It 'sorts, filters and picks between the two' {
        Reset-TestData -Count 20
        $moved = Get-HandoffPreparation -Status Ready | Where-Object { $_.QualityMetrics.coverage -ge 75 } | Sort-Object PreparedAt | Select-Object -First 3 | Set-HandoffStatus Sent
        $moved | Should -HaveCount 3
        $moved.PreparedAt | Should -Be ($moved.PreparedAt | Sort-Object)
        Get-TestCount | Should -Be 'ready 17, sent 3'
    }

    It 'goes the whole way in one pipe' {
        Reset-TestData -Count 3 -Status preparing
        $done = Get-HandoffPreparation | Set-HandoffStatus Ready | Set-HandoffStatus Sent | Set-HandoffStatus Rejected -Reason 'thin' | Set-HandoffStatus Preparing
        $done | Should -HaveCount 3
        @($done.SentAt -ne $null) | Should -HaveCount 0
        Get-TestCount | Should -Be 'preparing 3'
    }
}

Describe 'The pipeline of runs' {
    It 'starts a run of each flow, completes it, and measures how long they took' {
        Reset-RunData -Flows 5
        $measure = Get-FlowRow weekly-* | Start-FlowExecution -InputState { @{ flow = $_.FlowKey } } | Complete-FlowExecution -OutputState @{ ok = $true } | Measure-Object DurationMs -Average
        $measure.Count | Should -Be 5
        $measure.Average | Should -Be (Invoke-TestSql 'select avg(duration_ms)::float from public.crewai_flow_executions')
        $measure.Average | Should -BeGreaterOrEqual 0
        Invoke-TestSql "select count(*) from public.crewai_flow_executions e join public.crewai_flows f on f.id = e.flow_id
            where e.status = 'completed' and e.input_state = jsonb_build_object('flow', f.flow_key) and e.output_state = '{`"ok`": true}'" | Should -Be 5
        Get-FlowCount (1..5) | Should -Be 1, 1, 1, 1, 1
    }

    It 'runs what was queued, records what failed, and goes on with it' {
        Reset-RunData
        $ended = 'weekly-1', 'weekly-2', 'weekly-3' | New-FlowExecution -InputState { @{ flow = $_ } } | Start-FlowExecution | ForEach-Object {
            $run = $_
            try {
                if ($run.InputState.flow -eq 'weekly-2') { throw [TimeoutException]::new('no answer') }
                $run | Complete-FlowExecution -OutputState @{ done = $run.InputState.flow }
            }
            catch {
                $run | Complete-FlowExecution -ErrorRecord $_
            }
        }
        $ended | ForEach-Object { "$($_.FlowKey) $($_.Status) $($_.OutputState)$($_.ErrorType)" } |
            Should -Be 'weekly-1 Completed {"done": "weekly-1"}', 'weekly-2 Failed System.TimeoutException', 'weekly-3 Completed {"done": "weekly-3"}'
        (Get-FlowExecution -Status Failed).ErrorMessage | Should -Be 'no answer'
        # What failed is tried again with its input.
        $again = Get-FlowExecution -Status Failed | Select-Object FlowKey, InputState | Start-FlowExecution
        "$($again.FlowKey) $($again.InputState)" | Should -Be 'weekly-2 {"flow": "weekly-2"}'
    }

    It 'keeps the order of 2,500 runs from start to end' {
        Reset-RunData
        $runs = 1..2500 | ForEach-Object { [pscustomobject]@{ FlowKey = "weekly-$(1 + $_ % 3)"; InputState = "$_" } } | Start-FlowExecution | Complete-FlowExecution -OutputState { $_.InputState }
        [Linq.Enumerable]::SequenceEqual([int[]]$runs.OutputState, [int[]](1..2500)) | Should -BeTrue
        Get-RunCount | Should -Be 'completed 2500'
    }
}

Describe 'Order' {
    It 'is input order across batches on their way at once, errors in their places' {
        Reset-TestData -Count 5500
        $ids = [Collections.Generic.List[object]]::new()
        foreach ($n in 5500..1) {
            $ids.Add((Get-TestId $n))
            if ($n % 97 -eq 0) { $ids.Add([guid]::NewGuid()) }
            if ($n % 501 -eq 0) { $ids.Add("bad $n") }
        }
        $outcome = Get-Outcome { $ids | Set-HandoffStatus Sent -BatchSize 500 }
        $outcome.Out | Should -HaveCount 5500
        $outcome.Errors | Get-ErrorName | Group-Object -NoElement | ForEach-Object { "$($_.Name) $($_.Count)" } | Sort-Object | Should -Be 'InvalidIdentity 10', 'NotFound 56'
        $came = foreach ($item in $outcome.All) { $item -is [System.Management.Automation.ErrorRecord] ? "$($item.TargetObject)" : "$($item.Id)" }
        [Linq.Enumerable]::SequenceEqual([string[]]$came, [string[]]($ids | ForEach-Object { "$_" })) | Should -BeTrue
        Get-TestCount | Should -Be 'sent 5500'
    }
}

Describe 'Objects that went another way' {
    BeforeAll {
        $file = Join-Path $TestDrive 'rows'
        $trips = @{
            'JSON'              = { Get-HandoffPreparation -AsJson | ConvertFrom-Json }
            'raw lines of JSON' = { Get-HandoffPreparation -AsJson }
            'a file of JSON'    = { Get-HandoffPreparation -AsJson | Set-Content -LiteralPath $file; Get-Content -LiteralPath $file }
            'CSV'               = { Get-HandoffPreparation | Export-Csv -LiteralPath $file; Import-Csv -LiteralPath $file }
            'CliXml'            = { Get-HandoffPreparation | Export-Clixml -LiteralPath $file; Import-Clixml -LiteralPath $file }
            'Select-Object'     = { Get-HandoffPreparation | Select-Object Id, RowVersion, Status }
            'a job'             = {
                Start-Job { Import-Module $using:LeoManifest; Get-HandoffPreparation -Connection (Connect-LeoDatabase -Uri $using:server.Uri) } | Receive-Job -Wait -AutoRemoveJob
            }
        }
    }

    It 'are taken back through <_>, keep their guard, and conflict where the row moved' -ForEach 'JSON', 'raw lines of JSON', 'a file of JSON', 'CSV', 'CliXml', 'Select-Object', 'a job' {
        Reset-TestData -Count 3
        $rows = @(& $trips[$_])
        $rows | Should -HaveCount 3
        $rows | ForEach-Object { $_ | Should -Not -BeOfType LeoPS.HandoffPreparation }
        # Edited only: the status is the same, so nothing but the row's version can tell.
        Invoke-TestSql "update public.exec_handoff_preparations set implementation_summary = 'edited' where id = md5('h2')::uuid"
        $outcome = Get-Outcome { $rows | Set-HandoffStatus Sent -Verbose }
        $outcome.Out | Should -HaveCount 2
        $outcome.Out | ForEach-Object { $_ | Should -BeOfType LeoPS.HandoffPreparation; $_.SdKey | Should -Be 'SD-A-001' }
        $outcome.Errors | Get-ErrorName | Should -Be 'StatusConflict'
        $rows | Should -Contain $outcome.Errors[0].TargetObject
        $outcome.Verbose -join ' ' | Should -Not -BeLike '*bare ids*'
        Get-TestStatus 1, 2, 3 | Should -Be 'sent', 'ready', 'sent'
        # They name their rows to a reading too, which brings them up to date.
        @($rows | Get-HandoffPreparation | Set-HandoffStatus Preparing -Force) | Should -HaveCount 3
    }

    It 'are guarded by the transition only where they carry an Id and nothing else' {
        Reset-TestData -Count 1
        $row = Get-HandoffPreparation | Select-Object Id, SdKey
        Invoke-TestSql "update public.exec_handoff_preparations set implementation_summary = 'edited'"
        $outcome = Get-Outcome { $row | Set-HandoffStatus Sent -Verbose }
        $outcome.Out | Should -HaveCount 1
        $outcome.Verbose -join ' ' | Should -BeLike '*bare ids*'
    }

    It 'stay apart from another row''s: an Id changed by hand does not pass the guard' {
        Reset-TestData -Count 2
        $row = Get-HandoffPreparation -Id (Get-TestId 1) -AsJson | ConvertFrom-Json
        Invoke-TestSql "update public.exec_handoff_preparations set implementation_summary = 'edited' where id = md5('h2')::uuid"
        $row.Id = "$(Get-TestId 2)"
        (Get-Outcome { $row | Set-HandoffStatus Sent }).Errors | Get-ErrorName | Should -Be 'StatusConflict'
        Get-TestCount | Should -Be 'ready 2'
    }
}

Describe 'A pipe that ends early' {
    BeforeEach {
        Reset-TestData -Count 5000
        $ids = 1..5000 | ForEach-Object { Get-TestId $_ }
        # A row of the second batch is held: what comes behind the first batch cannot finish until it is cancelled.
        $holder = Open-TestTransaction "select 1 from public.exec_handoff_preparations where id = md5('h1500')::uuid for update"
        $fed = @{ Rows = 0 }
        $watch = [Diagnostics.Stopwatch]::StartNew()
    }

    AfterEach {
        Close-TestTransaction $holder
    }

    It 'by Select-Object -First 1 leaves what was not sent, tears no batch, and nothing runs on' {
        # Slow enough that the first batch is back before all have been sent.
        $first = $ids | ForEach-Object { $fed.Rows++; if ($fed.Rows -eq 2500) { Start-Sleep -Milliseconds 1500 }; $_ } | Set-HandoffStatus Sent -LockTimeout 60s | Select-Object -First 1
        $watch.ElapsedMilliseconds | Should -BeLessThan 10000
        Get-RunningCall | Should -Be 0
        $first.Id | Should -Be $ids[0]
        $fed.Rows | Should -BeLessThan 5000
        Get-TestStatus 1, 1500, 5000 | Should -Be 'sent', 'ready', 'ready'
        Get-TornBatch 5000 | Should -Be 0
        Get-ChangedRuns 5000 | Should -Match '^\d+ changed, \d+ left(, \d+ changed, \d+ left)?$'
        # The connection is as good as before.
        @(Get-HandoffPreparation -First 2) | Should -HaveCount 2
    }

    It 'by a throw downstream leaves what was not sent, tears no batch, and nothing runs on' {
        $outcome = Get-Outcome {
            $ids | ForEach-Object { $fed.Rows++; if ($fed.Rows -eq 2500) { Start-Sleep -Milliseconds 1500 }; $_ } | Set-HandoffStatus Sent -LockTimeout 60s | ForEach-Object { throw 'downstream' }
        }
        $watch.ElapsedMilliseconds | Should -BeLessThan 10000
        Get-RunningCall | Should -Be 0
        $outcome.Ended.Exception.Message | Should -Be 'downstream'
        $fed.Rows | Should -BeLessThan 5000
        Get-TestStatus 1, 1500, 5000 | Should -Be 'sent', 'ready', 'ready'
        Get-TornBatch 5000 | Should -Be 0
        Get-ChangedRuns 5000 | Should -Match '^\d+ changed, \d+ left(, \d+ changed, \d+ left)?$'
    }

    It 'by Ctrl+C leaves nothing running, and each batch wholly in or out' {
        $state = [initialsessionstate]::CreateDefault2()
        $state.ImportPSModule($LeoManifest)
        $shell = [powershell]::Create($state).AddCommand('Set-HandoffStatus').AddParameter('Status', 'Sent').AddParameter('Connection', $connection).AddParameter('LockTimeout', '60s')
        $working = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new([psobject[]]$ids))
        $deadline = [datetime]::UtcNow.AddSeconds(10)
        while ((Invoke-TestSql "select count(*) from pg_stat_activity where wait_event_type = 'Lock'") -eq 0 -and [datetime]::UtcNow -lt $deadline) {
            Start-Sleep -Milliseconds 20
        }
        $stop = Measure-Command { $shell.Stop() }
        Get-RunningCall | Should -Be 0
        $stop.TotalSeconds | Should -BeLessThan 3
        $working.IsCompleted | Should -BeTrue
        $shell.InvocationStateInfo.State | Should -Be 'Stopped'
        $shell.Dispose()
        Get-TestStatus 1500 | Should -Be 'ready'
        Get-TornBatch 5000 | Should -Be 0
        Get-ChangedRuns 5000 | Should -Match '^(\d+ (changed|left))(, \d+ (changed|left)){0,3}$'
    }
}

Describe 'A pipe that ends early with an -Atomic change or nothing sent' {
    It 'changes nothing' {
        Reset-TestData -Count 10
        # Too few for a batch: all of them wait in the cmdlet when the pipe breaks upstream.
        $outcome = Get-Outcome { 1..10 | ForEach-Object { if ($_ -eq 10) { throw 'upstream' }; Get-TestId $_ } | Set-HandoffStatus Sent -Atomic }
        $outcome.Ended.Exception.Message | Should -Be 'upstream'
        Get-TestCount | Should -Be 'ready 10'
        Get-RunningCall | Should -Be 0
    }
}

Describe 'Two that move the same rows in opposite order' {
    BeforeAll {
        # Each is a process of its own, that waits for the other to be ready.
        $script = Join-Path $TestDrive 'mover.ps1'
        Set-Content -LiteralPath $script -Value @'
            param($Manifest, $Uri, $Rendezvous, $Me, $Other, [switch] $Backwards)
            Import-Module $Manifest
            $null = Connect-LeoDatabase -Uri $Uri
            function Wait-Other([string] $Round) {
                Set-Content -LiteralPath "$Rendezvous-$Round-$Me" -Value ''
                $deadline = [datetime]::UtcNow.AddSeconds(30)
                while (-not (Test-Path -LiteralPath "$Rendezvous-$Round-$Other") -and [datetime]::UtcNow -lt $deadline) { Start-Sleep -Milliseconds 1 }
            }
            $ids = @((Get-HandoffPreparation).Id)
            if ($Backwards) { [array]::Reverse($ids) }
            Wait-Other 1
            $plain = $ids | Set-HandoffStatus Sent -Summary
            Wait-Other 2
            $atomic = $ids | Set-HandoffStatus Accepted -Summary -Atomic
            foreach ($summary in $plain, $atomic) {
                "$($summary.Total) $($summary.Changed) $($summary.Unchanged) $($summary.Failed)"
            }
            $Error | ForEach-Object { "$_" }
'@
    }

    It 'never deadlock: every row is moved by one of them and found there by the other' {
        Reset-TestData -Count 4000
        $rendezvous = Join-Path $TestDrive 'ready'
        $movers = foreach ($me in 'a', 'b') {
            $start = [Diagnostics.ProcessStartInfo]::new((Get-Process -Id $PID).Path)
            $arguments = '-NoLogo', '-NoProfile', '-NonInteractive', '-File', $script, $LeoManifest, $server.Uri, $rendezvous, $me, ($me -eq 'a' ? 'b' : 'a')
            foreach ($argument in $arguments + @($me -eq 'b' ? '-Backwards' : @())) {
                $start.ArgumentList.Add($argument)
            }
            $start.RedirectStandardOutput = $true
            [Diagnostics.Process]::Start($start)
        }
        $said = foreach ($mover in $movers) {
            , ($mover.StandardOutput.ReadToEnd().Trim() -split "`r?`n")
        }
        foreach ($round in 0, 1) {
            $total = @{ Changed = 0; Unchanged = 0 }
            foreach ($lines in $said) {
                $lines | Should -HaveCount 2
                $figures = [int[]](-split $lines[$round])
                $figures[0], $figures[3] | Should -Be 4000, 0
                $total.Changed += $figures[1]
                $total.Unchanged += $figures[2]
            }
            $total.Changed, $total.Unchanged | Should -Be 4000, 4000
        }
        Get-TestCount | Should -Be 'accepted 4000'
    }
}

Describe 'Parallel runspaces' {
    It 'share one connection object, each row moved once' {
        Reset-TestData -Count 1200
        $ids = 1..1200 | ForEach-Object { Get-TestId $_ }
        $moved = 0..3 | ForEach-Object -Parallel {
            Import-Module $using:LeoManifest
            $part = $using:ids
            $part[($_ * 300)..($_ * 300 + 299)] | Set-HandoffStatus Sent -Connection $using:connection
        } -ThrottleLimit 4
        $moved | Should -HaveCount 1200
        @($moved.Id | Sort-Object -Unique) | Should -HaveCount 1200
        Get-TestCount | Should -Be 'sent 1200'
    }
}

Describe 'Piped ids with -First' {
    It 'reports no id that was merely one too many' {
        Reset-TestData 5
        $got = 1..5 | ForEach-Object { Get-TestId $_ } | Get-HandoffPreparation -First 1 -Connection $connection -ErrorVariable missed -ErrorAction SilentlyContinue
        @($got).Count | Should -Be 1
        $missed | Should -BeNullOrEmpty
    }
}
