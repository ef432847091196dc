# Watch-HandoffPreparation: what comes out while others work, and how it ends. What a watch sees, and that it misses nothing, is tested with the storage.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_watching.ps1"
    Import-LeoModule
    $server = Start-TestServer
    # A database of its own: the other files' databases have no history.
    Invoke-TestSql 'drop database if exists leops_watch with (force)'
    Invoke-TestSql 'create database leops_watch'
    $uri = $server.Uri -replace '/leops$', '/leops_watch'
    $connection = Connect-LeoDatabase $uri -Name 'pester-watch'
    $null = Install-LeoSchema

    # Behind the module's back, and from another process.
    function Invoke-WatchSql([string] $Sql) {
        Invoke-TestSql -Database leops_watch $Sql
    }

    # Handoff n has the id md5('h' || n)::uuid; odd ones belong to SD-1 with KEY-1, even ones to SD-2. None of it gets into the history.
    function Reset-Watched([int] $Count = 4, [string] $Database = 'leops_watch') {
        Invoke-TestSql -Database $Database @"
set session_replication_role = replica;
truncate public.exec_handoff_preparations, public.exec_implementation_sessions, public.strategic_directives_v2 cascade;
insert into public.strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
select 'SD-' || n, 'KEY-' || n, 't', 'active', 'c', 'medium', 'd', 'r', 's' from generate_series(1, 2) n;
insert into public.exec_implementation_sessions (id, sd_id, implementation_type) values (md5('s')::uuid, 'SD-1', 'GENERAL_FEATURE');
insert into public.exec_handoff_preparations (id, session_id, sd_id, handoff_status, implementation_summary)
select md5('h' || n)::uuid, md5('s')::uuid, 'SD-' || 2 - n % 2, 'ready', 'Summary' from generate_series(1, $Count) n;
set session_replication_role = origin;
"@
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
    Invoke-TestSql 'drop database if exists leops_watch with (force)'
}

Describe 'Without a history' -Tag Core {
    BeforeAll {
        Reset-Watched
    }

    It 'says once how far it can be trusted, and finds what it can' {
        $watch = Start-Watch { Watch-HandoffPreparation }
        $null = Set-HandoffStatus Sent -Id (Get-TestId 1)
        (Wait-WatchOut $watch 1).Status | Should -Be Sent
        $null = Set-HandoffStatus Accepted -Id (Get-TestId 1)
        $rows = Wait-WatchOut $watch 2
        $rows.Id | Should -Be (Get-TestId 1), (Get-TestId 1)
        $rows[1].Status | Should -Be Accepted
        $warnings = @(Get-WatchItem $watch.Shell.Streams.Warning)
        $warnings | Should -HaveCount 1
        "$warnings" | Should -Match 'updated_at.*Install-LeoSchema -WithHistory'
        Stop-Watch $watch | Should -BeLessThan 2000
    }
}

Describe 'With a history' -Tag Core {
    BeforeAll {
        $null = Install-LeoSchema -WithHistory
    }

    BeforeEach {
        Reset-Watched
    }

    It 'gives each change as it happens, whoever makes it' {
        $watch = Start-Watch { Watch-HandoffPreparation }
        # Another runspace, then another process.
        $null = Set-HandoffStatus Sent -Id (Get-TestId 1)
        $row = Wait-WatchOut $watch 1
        $row | Should -BeOfType LeoPS.HandoffPreparation
        $row.Id, $row.Status, $row.SdKey | Should -Be (Get-TestId 1), Sent, KEY-1
        Invoke-WatchSql "update public.exec_handoff_preparations set handoff_status = 'accepted' where id = '$(Get-TestId 1)'"
        (Wait-WatchOut $watch 2)[1].Status | Should -Be Accepted
        # The object is the row as it is: it can be moved on.
        (Wait-WatchOut $watch 2)[1] | Set-HandoffStatus Sent -Force | ForEach-Object Status | Should -Be Sent
        (Wait-WatchOut $watch 3)[2].Status | Should -Be Sent
        $watch.Shell.Streams.Warning.Count | Should -Be 0
        $null = Stop-Watch $watch
    }

    It 'ends with -Timeout, without an error or a warning' {
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $outcome = Get-Outcome { Watch-HandoffPreparation -Timeout 1s -WarningVariable script:warned }
        $clock.Elapsed.TotalSeconds | Should -BeGreaterOrEqual 0.95
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 4
        $outcome.Ended | Should -BeNullOrEmpty
        $outcome.All | Should -BeNullOrEmpty
        $warned | Should -BeNullOrEmpty
        # The server may still be ending the statement that was cancelled.
        for ($i = 0; $i -lt 40 -and (Get-RunningCall) -ne 0; $i++) { Start-Sleep -Milliseconds 50 }
        Get-RunningCall | Should -Be 0
    }

    It 'ends where the pipe has enough' {
        $watch = Start-Watch { Watch-HandoffPreparation | Select-Object -First 1 }
        $null = Set-HandoffStatus Sent -CurrentStatus Ready
        (Wait-WatchEnd $watch).Status | Should -Be Sent
        $watch.Shell.Streams.Error.Count | Should -Be 0
        $watch.Shell.Dispose()
        Get-RunningCall | Should -Be 0
    }

    It 'takes filters: statuses in any case, SDs with wildcards' {
        $watch = Start-Watch { Watch-HandoffPreparation 'key-2*' -Status rejected }
        $null = Get-HandoffPreparation | Set-HandoffStatus Sent | Set-HandoffStatus Rejected -Reason no
        $rows = Wait-WatchOut $watch 2
        $rows.SdKey | Should -Be KEY-2, KEY-2
        $rows.Status | Should -Be Rejected, Rejected
        $null = Stop-Watch $watch
    }

    It 'keeps no other cmdlet of its runspace waiting, upstream of one or beside it' {
        $watch = Start-Watch {
            $PSDefaultParameterValues['*-Handoff*:Connection'] = $PSDefaultParameterValues['Watch-*:Connection']
            Watch-HandoffPreparation -Status Sent | ForEach-Object {
                (Get-HandoffPreparation -Id $_.Id).Status
                $_
            } | ForEach-Object { $_ -is [LeoPS.HandoffPreparation] ? $_ : "$_" } | Where-Object { $_ -isnot [string] } | Set-HandoffStatus Accepted -BatchSize 1
        }
        $null = Set-HandoffStatus Sent -Id (Get-TestId 1)
        (Wait-WatchOut $watch 1).Status | Should -Be Accepted
        $null = Set-HandoffStatus Sent -Id (Get-TestId 2)
        (Wait-WatchOut $watch 2).Status | Should -Be Accepted, Accepted
        $watch.Shell.Streams.Error.Count | Should -Be 0
        $null = Stop-Watch $watch
    }

    It 'works through a connection that is read-only' {
        $readOnly = Connect-LeoDatabase $uri -Name 'pester-watch-ro' -ReadOnly
        try {
            $watch = Start-Watch -On $readOnly { Watch-HandoffPreparation }
            $null = Set-HandoffStatus Sent -Id (Get-TestId 1) -Connection $connection
            (Wait-WatchOut $watch 1).Status | Should -Be Sent
            $null = Stop-Watch $watch
        }
        finally {
            Disconnect-LeoDatabase $readOnly
        }
    }

    It 'misses nothing behind a transaction pooler either' {
        $pooled = Connect-LeoDatabase $uri -Name 'pester-watch-pooled' -PoolerMode Transaction
        try {
            $watch = Start-Watch -On $pooled { Watch-HandoffPreparation }
            $null = Get-HandoffPreparation -Connection $connection | Set-HandoffStatus Sent -Connection $connection | Set-HandoffStatus Accepted -Connection $connection
            $rows = Wait-WatchOut $watch 8
            $rows | Where-Object Status -EQ Accepted | Should -HaveCount 4
            $watch.Shell.Streams.Warning.Count | Should -Be 0
            $null = Stop-Watch $watch
        }
        finally {
            Disconnect-LeoDatabase $pooled
        }
    }

    It 'sees inside a transaction what others commit, and not what the block did' {
        $watch = Start-Watch -Argument (Get-TestId 2) {
            param($id)
            $used = $PSDefaultParameterValues['Watch-*:Connection']
            Invoke-LeoTransaction -Connection $used {
                $null = Set-HandoffStatus Sent -Id $id -Connection $used
                Watch-HandoffPreparation -Connection $used | Select-Object -First 1
            }
        }
        $null = Set-HandoffStatus Sent -Id (Get-TestId 1) -Connection $connection
        (Wait-WatchEnd $watch).Id | Should -Be (Get-TestId 1)
        $watch.Shell.Dispose()
        Invoke-WatchSql "select string_agg(handoff_status, ',' order by handoff_status) from public.exec_handoff_preparations" | Should -Be 'ready,ready,sent,sent'
    }

    It 'reports an SD that nobody knows, and watches all the same' {
        $outcome = Get-Outcome { Watch-HandoffPreparation -SdId nope, 'KEY-*' -Timeout 500ms -Connection $connection }
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound'
        $outcome.Ended | Should -BeNullOrEmpty
    }

    It 'refuses <Name>' -ForEach @(
        @{ Name = 'a bare number for -Timeout'; With = @{ Timeout = 30 }; Id = 'ParameterArgumentTransformationError,*' }
        @{ Name = 'a number for -Status'; With = @{ Status = 3 }; Id = 'ParameterArgumentTransformationError,*' }
        @{ Name = 'no time at all'; With = @{ Timeout = '0s' }; Id = 'ValueOutOfRange,*' }
    ) {
        { Watch-HandoffPreparation @With -Connection $connection } | Should -Throw -ErrorId $Id
    }

    It 'stops within half a second, and leaves nothing running' {
        # On a machine with other work a single measure says little: the best of three counts.
        $best = 1..3 | ForEach-Object {
            $watch = Start-Watch { Watch-HandoffPreparation }
            $watch.Run.IsCompleted | Should -BeFalse
            Stop-Watch $watch
            $watch.Run.IsCompleted | Should -BeTrue
        } | Measure-Object -Minimum | ForEach-Object Minimum
        Write-Host "    A watch stopped after $best ms"
        $best | Should -BeLessOrEqual 500
        Get-RunningCall | Should -Be 0
    }
}

Describe 'Across a restart of the server' -Tag Core {
    BeforeAll {
        $path = Join-Path ([IO.Path]::GetTempPath()) "leops-watch-$([guid]::NewGuid().ToString('n'))"
        $sandbox = Start-LeoSandbox -Path $path -Sample -NoConnect -Configuration 'fsync = off'
        $password = (Get-Content -LiteralPath (Join-Path $path 'password') -Raw).Trim()
        $restarted = Connect-LeoDatabase "postgresql://$($sandbox.UserName):$([uri]::EscapeDataString($password))@127.0.0.1:$($sandbox.Port)/$($sandbox.Database)" -Name 'pester-watch-restart'
        $null = Install-LeoSchema -WithHistory
    }

    AfterAll {
        Disconnect-LeoDatabase $restarted
        Stop-LeoSandbox -Path $path -Remove
    }

    It 'goes on where it stopped, and says so in the verbose stream' {
        $ids = (Get-HandoffPreparation -Status Ready -First 3).Id
        $watch = Start-Watch -On $restarted { Watch-HandoffPreparation }
        $null = Set-HandoffStatus Sent -Id $ids[0]
        $null = Wait-WatchOut $watch 1
        Stop-LeoSandbox -Path $path
        Wait-Watch $watch { (Get-WatchVerbose $watch) -match 'connection broke' }
        $null = Start-LeoSandbox -Path $path -Port $sandbox.Port -NoConnect
        # Before the watch is back, and after.
        $null = Set-HandoffStatus Sent -Id $ids[1]
        Wait-Watch $watch { (Get-WatchVerbose $watch) -match 'connected again' }
        $null = Set-HandoffStatus Sent -Id $ids[2]
        (Wait-WatchOut $watch 3).Id | Should -Be $ids
        @((Get-WatchVerbose $watch) -match 'connection broke') | Should -HaveCount 1
        $watch.Shell.Streams.Error.Count | Should -Be 0
        $null = Stop-Watch $watch
    }
}
