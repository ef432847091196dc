# Everything through a real PgBouncer in transaction mode, whose server connections are fewer than those who want one.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_executions.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_watching.ps1"
    . "$PSScriptRoot/_pooler.ps1"
    Import-LeoModule
    $reason = Get-NoPoolerReason
    $slow = $env:LEOPS_SLOW_TESTS -eq '1'
    if (-not $reason) {
        $server = Start-TestServer
        $login = @{ leops_pooled = 'pooled; no secret'; leops_logged = 'logged; no secret' }
        Invoke-TestSql @"
drop database if exists leops_pooler with (force);
create database leops_pooler;
drop role if exists leops_pooled, leops_logged;
create role leops_pooled login noinherit password '$($login.leops_pooled)' in role anon, authenticated, service_role;
create role leops_logged login superuser password '$($login.leops_logged)';
alter role leops_logged set log_statement = 'all';
alter role leops_logged set log_parameter_max_length = 0;
"@
        $database = 'leops_pooler'
        $setup = Connect-LeoDatabase ($server.Uri -replace '/leops$', "/$database") -Name 'pooler-setup'
        $null = Install-LeoSchema -Connection $setup
        Disconnect-LeoDatabase $setup

        function Reset-PoolerData([int] $Count) {
            Invoke-TestSql -Database leops_pooler -Variable @{ count = $Count } @'
truncate public.crewai_flow_executions, public.crewai_flows, public.exec_handoff_preparations, public.exec_implementation_sessions, public.strategic_directives_v2;
insert into public.strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope) values ('SD-1', 'SD-1', 't', 'active', 'c', 'medium', 'd', 'r', 's');
insert into public.exec_implementation_sessions (id, sd_id, implementation_type) values (md5('s')::uuid, 'SD-1', 'GENERAL_FEATURE');
insert into public.crewai_flows (id, flow_key, flow_name, flow_definition, status) values (md5('f')::uuid, 'weekly', 'Weekly', '{}', 'active');
insert into public.exec_handoff_preparations (id, session_id, sd_id, handoff_status, implementation_summary)
select md5('h' || n)::uuid, md5('s')::uuid, 'SD-1', 'ready', 'Summary ' || n from generate_series(1, :count) n;
'@
        }
    }
}

AfterAll {
    if (-not $reason) {
        Get-LeoConnection pooler-* | Disconnect-LeoDatabase
        Invoke-TestSql 'drop database if exists leops_pooler with (force); drop role if exists leops_pooled, leops_logged;'
    }
}

Describe 'A transaction pooler with one server connection' {
    BeforeAll {
        if (-not $reason) {
            $pooler = Start-TestPooler -PoolSize 1 -Login $login
            $log = Join-Path $server.Path 'log/server.log'
        }
    }

    AfterAll {
        if (-not $reason) {
            Get-LeoConnection pooler-* | Disconnect-LeoDatabase
            Stop-TestPooler $pooler
        }
    }

    BeforeEach {
        if ($reason) { Set-ItResult -Skipped -Because $reason }
    }

    It 'is enough for every cmdlet, and finds nothing prepared, listened to, locked or left behind' {
        Reset-PoolerData 3000
        $from = (Get-Item -LiteralPath $log).Length
        $connection = Connect-LeoDatabase $pooler.Uri('leops_logged', $database) -Name pooler-one -Role service_role -UserId 5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c01
        $connection.PoolerMode | Should -Be 'Transaction'
        $with = @{ Connection = $connection; ErrorAction = 'Stop' }
        (Test-LeoDatabase @with).Role | Should -Be 'service_role'
        # More than a page and more than a batch: reading goes on while writing does.
        @(Get-HandoffPreparation @with | Set-HandoffStatus Sent @with) | Should -HaveCount 3000
        @(Get-HandoffPreparation @with -PageSize 7 -First 40 | Set-HandoffStatus Accepted -BatchSize 3 @with) | Should -HaveCount 40
        (Set-HandoffStatus Rejected -CurrentStatus Sent -SdId SD-1 -Reason "it's late" -Summary @with).Changed | Should -Be 2960
        @(Get-HandoffPreparation -Status Rejected -First 20 @with | Set-HandoffStatus Preparing -Atomic -BatchSize 6 @with) | Should -HaveCount 20
        Get-HandoffPreparation @with -PageSize 5 | Select-Object -First 12 | Should -HaveCount 12
        (Measure-HandoffPreparation @with).Count | Should -Be 3000
        $made = 1..3 | ForEach-Object { [pscustomobject]@{ SdId = 'SD-1'; ImplementationSummary = "made $_" } } | New-HandoffPreparation @with
        $made = $made | Set-HandoffPreparation -DemoUrl 'https://x' @with
        $made.DemoUrl | Should -Be 'https://x', 'https://x', 'https://x'
        $gone = Join-Path $TestDrive 'gone.jsonl'
        ($made | Remove-HandoffPreparation -ExportPath $gone -Summary -Confirm:$false @with).Changed | Should -Be 3
        Get-Content -LiteralPath $gone | Should -HaveCount 3
        $runs = 1..30 | ForEach-Object { 'weekly' } | Start-FlowExecution -BatchSize 7 @with
        $runs.ExecutedBy | Select-Object -Unique | Should -Be '5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c01'
        @(Get-FlowExecution -PageSize 4 @with | Complete-FlowExecution -BatchSize 5 @with) | Should -HaveCount 30
        Get-Flow @with | New-FlowExecution @with | Start-FlowExecution @with | Should -HaveCount 1
        1..3 | ForEach-Object { 'weekly' } | New-FlowExecution -Summary @with | Out-Null
        Start-FlowExecution -Next -Count 2 @with | Should -HaveCount 2
        Get-FlowExecution -Status Running -First 2 @with | Stop-FlowExecution -Reason 'not needed' @with | Should -HaveCount 2
        Get-FlowExecution -Status Completed -First 3 @with | Restart-FlowExecution @with | Should -HaveCount 3
        Get-FlowExecution -Status Completed -First 3 @with | Wait-FlowExecution -Timeout 5s @with | Should -HaveCount 3
        Invoke-FlowExecution weekly { 'done' } @with | Should -Not -BeNullOrEmpty
        (Get-FlowExecution -Status Cancelled @with | Remove-FlowExecution -Summary -Confirm:$false @with).Changed | Should -Be 2
        Get-Flow @with | Set-Flow -Description 'through a pooler' @with | Should -HaveCount 1
        New-Flow second Second @{} @with | Should -HaveCount 1
        New-StrategicDirective 'SD-2' 'Two' @with | Should -HaveCount 1
        New-ImplementationSession 'SD-2' GENERAL_FEATURE @with | Should -HaveCount 1
        Get-StrategicDirective SD-* @with | Should -HaveCount 2
        Get-ImplementationSession -SdId SD-* @with | Should -HaveCount 2
        $inside = Invoke-LeoTransaction @with { Get-HandoffPreparation -Status Preparing @with -PageSize 6 | Set-HandoffStatus Ready -BatchSize 4 @with }
        @($inside) | Should -HaveCount 20
        Test-LeoSchema @with | Where-Object State -Ne Ok | Should -BeNullOrEmpty
        # The installer needs its owner's rights; what it does is a transaction, too.
        $owner = Connect-LeoDatabase $pooler.Uri('leops_logged', $database) -Name pooler-owner
        (Install-LeoSchema -WithHistory -Connection $owner -ErrorAction Stop) | Should -Not -BeNullOrEmpty
        Get-HandoffPreparation -First 3 @with | Set-HandoffStatus Preparing -Force @with | Should -HaveCount 3
        (Get-HandoffHistory -First 3 @with).To | Should -Be 'Preparing', 'Preparing', 'Preparing'
        $change = "update exec_handoff_preparations set handoff_status = 'ready' where id = md5('h1')::uuid"
        $seen = Watch-HandoffPreparation -Timeout 10s -Verbose @with 4>&1 | Invoke-OnceWatched -Database $database $change | Select-Object -First 1
        $seen.Id | Should -Be (Get-TestId 1)
        Invoke-TestSql -Database $database 'drop schema leops cascade' | Out-Null
        Get-LeoConnection pooler-one, pooler-owner | Disconnect-LeoDatabase

        $stream = [IO.File]::Open($log, 'Open', 'Read', 'ReadWrite')
        $null = $stream.Seek($from, 'Begin')
        $lines = [IO.StreamReader]::new($stream).ReadToEnd() -split "`n"
        $stream.Dispose()
        @($lines -match 'LOG:  execute <unnamed>: ').Count | Should -BeGreaterThan 100
        # What is prepared by name has that name here.
        $lines -match 'LOG:  execute (?!<unnamed>)' | Should -BeNullOrEmpty
        $lines -match '(?i)\b(discard|deallocate|unlisten|listen|prepare|set session|pg_advisory_lock|create temp)\b' | Should -BeNullOrEmpty
        $lines -match '(ERROR|FATAL):' | Should -BeNullOrEmpty
        # Whoever comes next on that one connection finds it as it was.
        $next = Open-TestConnection -Database $database -User leops_logged -Port $pooler.Port -Password $pooler.Logins['leops_logged']
        $left = Read-TestSql $next @'
select concat_ws('|', current_user, current_setting('role'), nullif(current_setting('request.jwt.claims', true), ''), nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('leops.actor', true), ''), nullif(current_setting('leops.reason', true), ''), current_setting('lock_timeout'), current_setting('transaction_read_only'), auth.uid(),
    (select count(*) from pg_prepared_statements), (select count(*) from pg_listening_channels()), (select count(*) from pg_locks where locktype = 'advisory'))
'@
        $next.Dispose()
        $left | Should -Be 'leops_logged|none|0|off|0|0|0'
    }

    It 'lets nothing be written with -ReadOnly, and the next one write' {
        Reset-PoolerData 3
        $reader = Connect-LeoDatabase $pooler.Uri('leops_pooled', $database) -Name pooler-reader -Role service_role -ReadOnly
        $writer = Connect-LeoDatabase $pooler.Uri('leops_pooled', $database) -Name pooler-writer -Role service_role
        foreach ($round in 1..3) {
            $target = 'Sent', 'Accepted', 'Preparing' | Select-Object -Index ($round - 1)
            $outcome = Get-Outcome { Get-HandoffPreparation -Connection $reader | Set-HandoffStatus $target -Force -Connection $reader }
            (@($outcome.Errors) + @($outcome.Ended) | Where-Object { $_ } | Get-ErrorName | Select-Object -Unique) | Should -Be 'ReadOnlyConnection'
            @(Get-HandoffPreparation -Connection $reader | Set-HandoffStatus $target -Force -Connection $writer -ErrorAction Stop) | Should -HaveCount 3
        }
    }

    It 'is not refused for options: they are set in each transaction, and gone behind it' {
        $uri = $pooler.Uri('leops_pooled', $database, 'pgbouncer=true&options=-c%20search_path%3Dpg_catalog%20--lock-timeout%3D7s%20-c%20leops.mark%3Da%5C%20b')
        $marked = Connect-LeoDatabase $uri -Name pooler-marked -Role service_role
        Invoke-TestSql -Database $database @'
create or replace function public.mark() returns trigger language plpgsql as $$ begin
    new.demo_url := concat_ws('|', current_setting('search_path'), current_setting('leops.mark', true)); return new; end $$;
create trigger mark before update on public.exec_handoff_preparations for each row execute function public.mark();
'@
        Reset-PoolerData 1
        (Get-HandoffPreparation -Connection $marked | Set-HandoffStatus Sent -Connection $marked).DemoUrl | Should -Be 'pg_catalog|a b'
        $plain = Connect-LeoDatabase $pooler.Uri('leops_pooled', $database) -Name pooler-plain -Role service_role
        (Get-HandoffPreparation -Connection $plain | Set-HandoffStatus Accepted -Connection $plain).DemoUrl | Should -Be '"$user", public|'
        Invoke-TestSql -Database $database 'drop function public.mark() cascade'
        # Taken for a direct server, it refuses them, and the message says what it is.
        $failure = { Connect-LeoDatabase $uri -PoolerMode Session } | Should -Throw -PassThru -ErrorId 'ConnectionFailed,*'
        "$failure" | Should -Match 'unsupported startup parameter.*-PoolerMode Transaction'
    }

    It 'says what to do where it has no connection to give' {
        $crowded = Start-TestPooler -PoolSize 1 -Login $login -Setting 'query_wait_timeout = 1'
        try {
            $held = Connect-LeoDatabase $crowded.Uri('leops_pooled', $database) -Name pooler-held -Role service_role
            $other = Connect-LeoDatabase $crowded.Uri('leops_pooled', $database) -Name pooler-other -Role service_role
            $outcome = Invoke-LeoTransaction -Connection $held {
                $null = Get-HandoffPreparation -Connection $held -First 1
                Get-Outcome { Get-HandoffPreparation -Connection $other -First 1 }
            }
            $outcome.Ended | Get-ErrorName | Should -Be 'ConnectionLost'
            "$($outcome.Ended)" | Should -Match 'query_wait_timeout.*no server connection free'
            Get-HandoffPreparation -Connection $other -First 1 | Should -HaveCount 1
        }
        finally {
            Get-LeoConnection pooler-held, pooler-other | Disconnect-LeoDatabase
            Stop-TestPooler $crowded
        }
    }
}

Describe 'A transaction pooler with two server connections, under sixteen runspaces and two users' {
    It 'neither locks up, nor fails, nor shows a row to the wrong user' {
        if ($reason) {
            Set-ItResult -Skipped -Because $reason
            return
        }
        $wanted = $slow ? 20000 : 1600
        $runspaces = 16
        Reset-PoolerData 0
        Invoke-TestSql -Database $database @'
drop policy if exists test_update_own on public.crewai_flow_executions;
create policy test_update_own on public.crewai_flow_executions for update to authenticated using (auth.uid() = executed_by);
'@
        $users = '5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c0a', '5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c0b'
        $pooler = Start-TestPooler -PoolSize 2 -Login $login
        try {
            $connections = foreach ($user in $users) {
                Connect-LeoDatabase $pooler.Uri('leops_pooled', $database) -Name "pooler-$user" -Role authenticated -UserId $user
            }
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $results = 1..$runspaces | ForEach-Object -ThrottleLimit $runspaces -Parallel {
                Import-Module $using:LeoManifest
                $me = $_
                $connections = $using:connections
                $users = $using:users
                $mine = [math]::Ceiling($using:wanted / $using:runspaces)
                $operations = 0
                $wrong = [System.Collections.Generic.List[string]]::new()
                $theirs = $null
                for ($round = 0; $operations -lt $mine; $round++) {
                    $at = $round % 2
                    $user = [guid]$users[$at]
                    $with = @{ Connection = $connections[$at]; ErrorAction = 'Stop' }
                    try {
                        $run = Start-FlowExecution weekly -InputState @{ by = $me } @with
                        if ($run.ExecutedBy -ne $user) { $wrong.Add("started by $($run.ExecutedBy) for $user") }
                        $seen = @(Get-FlowExecution -Status Running -PageSize 3 -First 8 @with)
                        $seen.Where({ $_.ExecutedBy -ne $user }).ForEach({ $wrong.Add("$user was shown a run of $($_.ExecutedBy)") })
                        if ($seen.Count -eq 0) { $wrong.Add("$user does not see the own run") }
                        # Small pages and small batches: both ends want a connection at once.
                        $done = @($run.Id | ForEach-Object { Get-FlowExecution -Id $_ @with } | Complete-FlowExecution -BatchSize 1 -OutputState @{ by = "$user" } @with)
                        if ($done.Count -ne 1 -or $done[0].ExecutedBy -ne $user) { $wrong.Add("completed $($done.Count) of 1") }
                        if ($theirs -and (Get-FlowExecution -Id $theirs -Connection $connections[$at] -ErrorAction Ignore)) { $wrong.Add("$user was shown $theirs") }
                        $first = @(Get-FlowExecution -PageSize 2 @with | Select-Object -First 3)
                        $first.Where({ $_.ExecutedBy -ne $user }).ForEach({ $wrong.Add("$user was shown a run of $($_.ExecutedBy)") })
                        $theirs = $run.Id
                        $operations += 6
                    }
                    catch {
                        $wrong.Add("$($_.FullyQualifiedErrorId): $_")
                        break
                    }
                }
                # And one after the other's rows, in bulk, while others do the same.
                $bulk = @(1..20 | ForEach-Object { 'weekly' } | Start-FlowExecution @with | Complete-FlowExecution -BatchSize 4 @with)
                if ($bulk.Count -ne 20) { $wrong.Add("$($bulk.Count) of 20 in bulk") }
                [pscustomobject]@{ Operations = $operations + 2; Wrong = @($wrong) }
            }
            $watch.Stop()
            $done = ($results | Measure-Object Operations -Sum).Sum
            Write-Host "    $done operations in $($watch.Elapsed.TotalSeconds.ToString('0.0')) s through $runspaces runspaces and a pool of 2"
            @($results | ForEach-Object { $_.Wrong }) | Should -BeNullOrEmpty
            @($results) | Should -HaveCount $runspaces
            $done | Should -BeGreaterOrEqual $wanted
            $rows = Invoke-TestSql -Database $database "select executed_by, count(*), count(*) filter (where status = 'completed' and (output_state is null or output_state ->> 'by' = executed_by::text)) from public.crewai_flow_executions group by 1 order by 1"
            $rows | Should -HaveCount 2
            $rows | ForEach-Object { $user, $all, $good = $_ -split '\|'; $user | Should -BeIn $users; $good | Should -Be $all }
            # Two server connections were all there was.
            $most = Invoke-TestSql "select count(*) from pg_stat_activity where datname = '$database' and usename = 'leops_pooled'"
            [int]$most | Should -BeLessOrEqual 2
        }
        finally {
            Get-LeoConnection pooler-* | Disconnect-LeoDatabase
            Stop-TestPooler $pooler
            Invoke-TestSql -Database $database 'drop policy if exists test_update_own on public.crewai_flow_executions'
        }
    }
}
