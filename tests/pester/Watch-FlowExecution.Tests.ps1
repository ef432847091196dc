# Watch-FlowExecution: what it has beside Watch-HandoffPreparation, whose tests cover what both share.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    . "$PSScriptRoot/_watching.ps1"
    Import-LeoModule
    $server = Start-TestServer
    # A database of its own: the other files' databases have no history.
    Invoke-TestSql 'drop database if exists leops_watch_runs with (force)'
    Invoke-TestSql 'create database leops_watch_runs'
    $connection = Connect-LeoDatabase ($server.Uri -replace '/leops$', '/leops_watch_runs') -Name 'pester-watch-runs'
    $null = Install-LeoSchema
    Invoke-TestSql -Database leops_watch_runs @'
insert into public.crewai_flows (id, flow_key, flow_name, flow_definition, status)
select md5('f' || n)::uuid, 'weekly-' || n, 'Weekly flow ' || n, '{}', 'active' from generate_series(1, 3) n;
'@
}

AfterAll {
    Disconnect-LeoDatabase $connection
    Invoke-TestSql 'drop database if exists leops_watch_runs with (force)'
}

Describe 'Without a history' -Tag Core {
    It 'says once how far it can be trusted, and finds starts and ends' {
        $watch = Start-Watch { Watch-FlowExecution }
        $run = Start-FlowExecution -FlowKey weekly-1
        (Wait-WatchOut $watch 1).Status | Should -Be Running
        $null = $run | Complete-FlowExecution
        $rows = Wait-WatchOut $watch 2
        $rows.Id | Should -Be $run.Id, $run.Id
        $rows[1].Status | Should -Be Completed
        $warnings = @(Get-WatchItem $watch.Shell.Streams.Warning)
        $warnings | Should -HaveCount 1
        "$warnings" | Should -Match 'started_at and completed_at.*Install-LeoSchema -WithHistory'
        $null = Stop-Watch $watch
    }
}

Describe 'With a history' -Tag Core {
    BeforeAll {
        $null = Install-LeoSchema -WithHistory
    }

    It 'gives each change of a run, and objects that can be completed' {
        $watch = Start-Watch {
            $PSDefaultParameterValues['Complete-*:Connection'] = $PSDefaultParameterValues['Watch-*:Connection']
            Watch-FlowExecution -Status Running | Complete-FlowExecution -OutputState @{ seen = $true } -BatchSize 1
        }
        $run = Start-FlowExecution -FlowKey weekly-1
        $row = Wait-WatchOut $watch 1
        $row | Should -BeOfType LeoPS.FlowExecution
        $row.Id, $row.Status, $row.FlowKey, $row.OutputState.seen | Should -Be $run.Id, Completed, weekly-1, $true
        $watch.Shell.Streams.Warning.Count | Should -Be 0
        $null = Stop-Watch $watch
    }

    It 'takes flows and executions from the pipe, and keys with wildcards' {
        $piped = Start-FlowExecution -FlowKey weekly-2
        $other = Start-FlowExecution -FlowKey weekly-2
        $ofPipe = Start-Watch -Argument (Get-Flow weekly-1), $piped { param($flow, $run) $flow, $run | Watch-FlowExecution }
        $ofRow = Start-Watch { [pscustomobject]@{ FlowKey = 'weekly-3' } | Watch-FlowExecution -Status Completed }
        $ofKey = Start-Watch { Watch-FlowExecution -FlowKey weekly-[12] -ExecutionKey the-* }
        $ofMeeting = Start-Watch -Argument (Get-TestId 1 -Letter m) { param($meeting) Watch-FlowExecution -BoardMeetingId $meeting }

        $null = $piped, $other | Complete-FlowExecution
        $null = Start-FlowExecution -FlowKey weekly-1 -ExecutionKey the-first
        $null = Start-FlowExecution -FlowKey weekly-3 -ExecutionKey the-third -BoardMeetingId (Get-TestId 1 -Letter m) | Complete-FlowExecution

        $rows = Wait-WatchOut $ofPipe 2
        $rows | ForEach-Object { "$($_.FlowKey) $($_.Status)" } | Should -Be 'weekly-2 Completed', 'weekly-1 Running'
        (Wait-WatchOut $ofRow 1).ExecutionKey | Should -Be the-third
        (Wait-WatchOut $ofKey 1).ExecutionKey | Should -Be the-first
        (Wait-WatchOut $ofMeeting 2).Status | Should -Be Running, Completed
        $ofPipe, $ofRow, $ofKey, $ofMeeting | ForEach-Object { $null = Stop-Watch $_ }
    }

    It 'reports what it cannot find, each by itself, and watches the others' {
        $gone = [guid]::NewGuid()
        $outcome = Get-Outcome {
            (Get-Flow weekly-1), [pscustomobject]@{ FlowKey = 'nope' }, $gone, $connection | Watch-FlowExecution -FlowKey neither -Timeout 500ms
        }
        $outcome.Errors | Get-ErrorName | Should -Be InvalidIdentity, NotFound, FlowNotFound, FlowNotFound
        $outcome.Errors[1].TargetObject | Should -Be $gone
        $outcome.Ended | Should -BeNullOrEmpty
    }

    It 'ends at once where nothing is left of what was piped, and where nothing came' {
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $outcome = Get-Outcome { [guid]::NewGuid() | Watch-FlowExecution -Timeout 30s }
        $outcome.Errors | Get-ErrorName | Should -Be NotFound
        @() | Watch-FlowExecution -Timeout 30s | Should -BeNullOrEmpty
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 15
    }
}
