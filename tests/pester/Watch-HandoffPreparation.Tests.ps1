# Watch-HandoffPreparation: what comes out while somebody else works, and how it ends.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    # A database of its own: the other files' databases have no history.
    Invoke-TestSql 'drop database if exists leops_watch with (force); create database leops_watch;'
    $connection = Connect-LeoDatabase ($server.Uri -replace '/leops$', '/leops_watch') -Name 'pester-watch'
    $null = Install-LeoSchema

    function Invoke-WatchSql([string] $Sql) {
        Invoke-TestSql -Database leops_watch $Sql
    }

    function Reset-Watched([int] $Count = 5) {
        Invoke-WatchSql @"
set session_replication_role = replica;
truncate public.exec_handoff_preparations, public.exec_implementation_sessions, public.strategic_directives_v2 cascade;
insert into public.strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
select 'SD-' || n, 'KEY-' || n, 't', 'active', 'c', 'medium', 'd', 'r', 's' from generate_series(1, 2) n;
insert into public.exec_implementation_sessions (id, sd_id, implementation_type) values (md5('s')::uuid, 'SD-1', 'GENERAL_FEATURE');
insert into public.exec_handoff_preparations (id, session_id, sd_id, handoff_status, implementation_summary)
select md5('h' || n)::uuid, md5('s')::uuid, 'SD-' || 1 + n % 2, 'ready', 'Summary' from generate_series(1, $Count) n;
set session_replication_role = origin;
"@
    }

    # Work of somebody else, two seconds later: by then the watch has begun.
    function Start-Writer([scriptblock] $Script, [object[]] $Argument = @()) {
        Start-ThreadJob -ArgumentList $connection, "$Script", $Argument {
            param($connection, $script, $arguments)
            Start-Sleep -Seconds 2
            $PSDefaultParameterValues = @{ '*-HandoffPreparation:Connection' = $connection; 'Set-HandoffStatus:Connection' = $connection }
            $null = . ([scriptblock]::Create($script)) @arguments
        }
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
    Invoke-TestSql 'drop database if exists leops_watch with (force)'
}

Describe 'Without a history' {
    BeforeAll {
        Reset-Watched
    }

    It 'says once how far it can be trusted, and finds what it can' {
        $id = Get-TestId 1
        $writer = Start-Writer -Argument $id { param($id) Set-HandoffStatus Sent -Id $id }
        $rows = @(Watch-HandoffPreparation -Timeout 8s -WarningVariable warnings -WarningAction SilentlyContinue)
        $null = $writer | Receive-Job -Wait -AutoRemoveJob
        $rows.Id | Should -Be $id
        $rows.Status | Should -Be Sent
        @($warnings) | Should -HaveCount 1
        "$warnings" | Should -Match 'Install-LeoSchema -WithHistory'
    }
}

Describe 'With a history' {
    BeforeAll {
        $null = Install-LeoSchema -WithHistory
    }

    BeforeEach {
        Reset-Watched
    }

    It 'ends with -Timeout, without an error or a warning' {
        $outcome = Get-Outcome { Watch-HandoffPreparation -Timeout 1s -WarningVariable script:warned }
        $outcome.Ended | Should -BeNullOrEmpty
        $outcome.All | Should -BeNullOrEmpty
        $warned | Should -BeNullOrEmpty
        Get-RunningCall | Should -Be 0
    }

    It 'gives each change as it happens, and ends where the pipe has enough' {
        $writer = Start-Writer { Get-HandoffPreparation | Set-HandoffStatus Sent }
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $rows = @(Watch-HandoffPreparation -Timeout 60s | Select-Object -First 3)
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 45
        $null = $writer | Receive-Job -Wait -AutoRemoveJob
        $rows | Should -HaveCount 3
        $rows[0] | Should -BeOfType LeoPS.HandoffPreparation
        $rows.Status | Should -Be Sent, Sent, Sent
        Get-RunningCall | Should -Be 0
    }

    It 'takes filters: statuses in any case, SDs with wildcards' {
        $writer = Start-Writer { Get-HandoffPreparation | Set-HandoffStatus Sent | Set-HandoffStatus Rejected -Reason no }
        $rows = @(Watch-HandoffPreparation 'key-2*' -Status rejected -Timeout 60s | Select-Object -First 3)
        $null = $writer | Receive-Job -Wait -AutoRemoveJob
        $rows.SdKey | Should -Be KEY-2, KEY-2, KEY-2
        $rows.Status | Should -Be Rejected, Rejected, Rejected
    }

    It 'gives objects that can be moved on' {
        $writer = Start-Writer { Get-HandoffPreparation -First 2 | Set-HandoffStatus Sent }
        $moved = @(Watch-HandoffPreparation -Status Sent -Timeout 60s | Select-Object -First 2 | Set-HandoffStatus Accepted)
        $null = $writer | Receive-Job -Wait -AutoRemoveJob
        $moved.Status | Should -Be Accepted, Accepted
    }

    It 'reports an SD that nobody knows, and watches all the same' {
        $outcome = Get-Outcome { Watch-HandoffPreparation -SdId nope, 'KEY-*' -Timeout 1s }
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound'
        $outcome.Ended | Should -BeNullOrEmpty
    }

    It 'refuses <Name>' -ForEach @(
        @{ Name = 'a bare number for -Timeout'; With = @{ Timeout = 30 } }
        @{ Name = 'a number for -Status'; With = @{ Status = 3 } }
    ) {
        { Watch-HandoffPreparation @With } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
    }

    It 'stops at once with Ctrl+C, and leaves nothing running' {
        $watcher = [powershell]::Create()
        try {
            $null = $watcher.AddScript({ param($manifest, $connection) Import-Module $manifest; Watch-HandoffPreparation -Connection $connection }).AddArgument($LeoManifest).AddArgument($connection)
            $running = $watcher.BeginInvoke()
            Start-Sleep -Seconds 3
            $clock = [Diagnostics.Stopwatch]::StartNew()
            $watcher.Stop()
            $clock.Elapsed.TotalSeconds | Should -BeLessThan 5
            $running.IsCompleted | Should -BeTrue
        }
        finally {
            $watcher.Dispose()
        }
        Get-RunningCall | Should -Be 0
        Invoke-WatchSql "select count(*) from pg_stat_activity where datname = 'leops_watch' and query ilike 'listen%' and state <> 'idle'" | Should -Be '0'
    }

    It 'says in the verbose stream that the connection broke, and goes on' {
        $writer = Start-Writer -Argument $server.Port, $server.Password { param($port, $password)
            $env:PGPASSWORD = $password
            & psql -X -q -h 127.0.0.1 -p $port -U leops -d postgres -c "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'leops_watch' and query ilike '%pg_current_snapshot%'"
            Set-HandoffStatus Sent -CurrentStatus Ready }
        $outcome = Get-Outcome { Watch-HandoffPreparation -Timeout 60s -Verbose | Select-Object -First 5 }
        $null = $writer | Receive-Job -Wait -AutoRemoveJob
        $outcome.Out | Should -HaveCount 5
        $outcome.Verbose -match 'connection broke' | Should -Not -BeNullOrEmpty
        $outcome.Verbose -match 'connected again' | Should -Not -BeNullOrEmpty
    }
}
