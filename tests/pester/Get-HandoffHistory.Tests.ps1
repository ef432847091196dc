# Get-HandoffHistory: who moved what, when and why; newest first; and what is said where there is no history.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    # A database of its own: the other files' databases have no history.
    Invoke-TestSql 'drop database if exists leops_history with (force); create database leops_history;'
    $connection = Connect-LeoDatabase ($server.Uri -replace '/leops$', '/leops_history') -Name 'pester-history'
    $null = Install-LeoSchema

    function Invoke-HistorySql([string] $Sql) {
        Invoke-TestSql -Database leops_history $Sql
    }

    # So many handoffs of two directives, all ready; and, where it is installed, a history that is empty.
    function Reset-History([int] $Count = 6) {
        Invoke-HistorySql @"
set session_replication_role = replica;
truncate public.exec_handoff_preparations, public.exec_implementation_sessions, public.strategic_directives_v2 cascade;
do `$`$ begin if to_regclass('leops.handoff_history') is not null then truncate leops.handoff_history; end if; end `$`$;
insert into public.strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
select 'SD-' || n, 'KEY-' || n, 't', 'active', 'c', 'medium', 'd', 'r', 's' from generate_series(1, 2) n;
insert into public.exec_implementation_sessions (id, sd_id, implementation_type) values (md5('s')::uuid, 'SD-1', 'GENERAL_FEATURE');
insert into public.exec_handoff_preparations (id, session_id, sd_id, handoff_status, implementation_summary)
select md5('h' || n)::uuid, md5('s')::uuid, 'SD-' || 1 + n % 2, 'ready', 'Summary' from generate_series(1, $Count) n;
set session_replication_role = origin;
"@
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
    Invoke-TestSql 'drop database if exists leops_history with (force)'
}

Describe 'Without a history' -Tag Core {
    It 'says that there is none, and how to get one' {
        $outcome = Get-Outcome { Get-HandoffHistory }
        $outcome.Ended | Get-ErrorName | Should -Be 'HistoryMissing'
        $outcome.Ended.CategoryInfo.Category | Should -Be 'NotInstalled'
        $outcome.Ended.Exception.Message | Should -Match 'Install-LeoSchema -WithHistory'
    }

    It 'moves handoffs with a reason all the same' {
        Reset-History
        (Set-HandoffStatus Sent -Id (Get-TestId 1) -Reason 'why').Status | Should -Be 'Sent'
    }
}

Describe 'The installation' -Tag Core {
    It 'makes nothing with -WhatIf' {
        Install-LeoSchema -WithHistory -WhatIf | Should -BeNullOrEmpty
        Invoke-HistorySql "select to_regclass('leops.handoff_history') is null" | Should -Be 't'
    }

    It 'makes the history with -WithHistory, and nothing a second time' {
        $report = Install-LeoSchema -WithHistory
        $report.Warnings | Should -BeNullOrEmpty
        $report.Created | Should -Contain 'table leops.handoff_history'
        $report.Created | Should -Contain 'table leops.execution_history'
        (Install-LeoSchema -WithHistory).Created | Should -BeNullOrEmpty
    }

    It 'is all Ok to Test-LeoSchema' {
        $items = @(Test-LeoSchema)
        $items | Where-Object State -NE Ok | Should -BeNullOrEmpty
        @($items | Where-Object Name -Like 'leops_history_*').Count | Should -Be 8
    }
}

Describe 'What is recorded' -Tag Core {
    BeforeAll {
        if (-not (Test-LeoSchema | Where-Object Name -EQ 'leops_history_update')) {
            $null = Install-LeoSchema -WithHistory
        }
    }

    BeforeEach {
        Reset-History
    }

    It 'is every move, newest first, with all that is known of it' {
        $id = Get-TestId 1
        $null = Set-HandoffStatus Sent -Id $id
        $null = Set-HandoffStatus Rejected -Id $id -Reason 'No test report'
        $entries = @(Get-HandoffHistory $id)
        $entries | Should -HaveCount 2
        $entries[0] | Should -BeOfType LeoPS.HandoffHistoryEntry
        $entries.To | Should -Be Rejected, Sent
        $entries.From | Should -Be Sent, Ready
        $entries[0].From | Should -BeOfType LeoPS.HandoffStatus
        $entries.Reason | Should -Be 'No test report', $null
        $entries[0].ChangedBy, $entries[0].Role | Should -Be 'leops', 'leops'
        $entries[0].Actor | Should -Be "$([Environment]::UserName)@$([Environment]::MachineName)"
        $entries[0].SdId, $entries[0].SdKey | Should -Be 'SD-2', 'KEY-2'
        $entries[0].ChangedAt | Should -BeGreaterThan $entries[1].ChangedAt
        $entries[0].Batch | Should -Not -Be $entries[1].Batch
    }

    It 'is a bulk change as one batch each, and nothing of what was taken back' {
        $null = Get-HandoffPreparation | Set-HandoffStatus Sent -BatchSize 3
        @(Get-HandoffHistory | Group-Object Batch).Count | Should -Be 2
        Get-Outcome { (Get-TestId 1), (New-Guid) | Set-HandoffStatus Accepted -Atomic } | Out-Null
        @(Get-HandoffHistory).Count | Should -Be 6
        Get-Outcome { Invoke-LeoTransaction { $null = Set-HandoffStatus Accepted -Id (Get-TestId 1); throw 'no' } } | Out-Null
        @(Get-HandoffHistory).Count | Should -Be 6
    }

    It 'is the reason of each call in a transaction' {
        Invoke-LeoTransaction {
            $null = Set-HandoffStatus Sent -Id (Get-TestId 1) -Reason one
            $null = Set-HandoffStatus Sent -Id (Get-TestId 2)
        }
        $entries = @(Get-HandoffHistory)
        $entries.Reason | Should -Be $null, 'one'
        @($entries.Batch | Select-Object -Unique).Count | Should -Be 1
    }

    It 'is what others did, too, and what was deleted' {
        Invoke-HistorySql "set role service_role; begin; set local leops.reason = 'by hand'; update exec_handoff_preparations set handoff_status = 'preparing' where id = '$(Get-TestId 3)'; commit; reset role;
            delete from exec_handoff_preparations where id = '$(Get-TestId 3)'"
        $entries = @(Get-HandoffHistory -Id (Get-TestId 3))
        $entries.To | Should -Be $null, Preparing
        $entries[1].Role, $entries[1].Reason, $entries[1].Actor | Should -Be 'service_role', 'by hand', $null
    }
}

Describe 'Which changes' -Tag Core {
    BeforeAll {
        Reset-History
        $null = Set-HandoffStatus Sent -Id (Get-TestId 1), (Get-TestId 2)
        $middle = [datetimeoffset](Invoke-HistorySql 'select clock_timestamp()')
        $null = Set-HandoffStatus Accepted -Id (Get-TestId 1)
        $null = Set-HandoffStatus Preparing -Id (Get-TestId 4)
    }

    It 'come with <Name>: <Found>' -ForEach @(
        @{ Name = 'nothing'; With = { @{} }; Found = 4 }
        @{ Name = '-Id'; With = { @{ Id = Get-TestId 1 } }; Found = 2 }
        @{ Name = '-First'; With = { @{ First = 3 } }; Found = 3 }
        @{ Name = '-First 0'; With = { @{ First = 0 } }; Found = 0 }
        @{ Name = '-After'; With = { @{ After = $middle } }; Found = 2 }
        @{ Name = '-Before'; With = { @{ Before = $middle } }; Found = 2 }
        @{ Name = '-SdId, a key'; With = { @{ SdId = 'KEY-2' } }; Found = 2 }
        @{ Name = '-SdId, wildcards'; With = { @{ SdId = 'key-[12]' } }; Found = 4 }
        @{ Name = '-SdId and -After'; With = { @{ SdId = 'SD-1'; After = $middle } }; Found = 1 }
    ) {
        $with = & $With
        $outcome = Get-Outcome { Get-HandoffHistory @with }
        $outcome.All | Where-Object { $_ -is [Management.Automation.ErrorRecord] } | Should -BeNullOrEmpty
        $outcome.Out.Count | Should -Be $Found
    }

    It 'are those of what is piped: <_>' -ForEach 'objects', 'ids', 'text', 'csv', 'json' {
        $rows = Get-HandoffPreparation -Id (Get-TestId 1), (Get-TestId 4), (Get-TestId 5)
        $piped = switch ($_) {
            objects { $rows }
            ids { $rows.Id }
            text { $rows | ForEach-Object { "$($_.Id)" } }
            csv { $rows | ConvertTo-Csv | ConvertFrom-Csv }
            json { $rows | ConvertTo-Json -Depth 3 | ConvertFrom-Json }
        }
        $entries = @($piped | Get-HandoffHistory)
        $entries.Id | Should -Be (Get-TestId 4), (Get-TestId 1), (Get-TestId 1)
    }

    It 'are none for an empty pipe' {
        @() | Get-HandoffHistory | Should -BeNullOrEmpty
    }

    It 'stop where the pipe has enough' {
        (Get-HandoffHistory | Select-Object -First 1).Id | Should -Be (Get-TestId 4)
        Get-RunningCall | Should -Be 0
    }

    It 'name handoffs that can be piped on' {
        (Get-HandoffHistory -First 1 | Get-HandoffPreparation).Id | Should -Be (Get-TestId 4)
        (Get-HandoffHistory -First 1 | Select-Object * | Get-HandoffPreparation).Id | Should -Be (Get-TestId 4)
    }

    It 'are of handoffs alone: <Name> is refused in its place' -ForEach @(
        @{ Name = 'text'; Bad = { 'nonsense' } }
        @{ Name = 'nothing'; Bad = { $null } }
        @{ Name = 'a connection'; Bad = { $connection } }
    ) {
        $bad = & $Bad
        $outcome = Get-Outcome { (Get-TestId 4), $bad | Get-HandoffHistory }
        $outcome.Out.Count | Should -Be 1
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
    }

    It 'are NotFound for an id that nothing has, and nothing for a handoff that never moved' {
        $outcome = Get-Outcome { (Get-TestId 6), (New-Guid) | Get-HandoffHistory }
        $outcome.Out | Should -BeNullOrEmpty
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound'
        (Get-Outcome { Get-HandoffHistory -Id (New-Guid) -After $middle }).Errors | Should -BeNullOrEmpty
        (Get-Outcome { Get-HandoffHistory -SdId 'SD-NONE', 'KEY-*' }).Errors | Should -BeNullOrEmpty
        (Get-Outcome { Get-HandoffHistory -SdId 'SD-NONE' }).Errors | Get-ErrorName | Should -Be 'NotFound'
    }
}

Describe 'The table of changes' -Tag Core {
    BeforeAll {
        Reset-History
        $null = Set-HandoffStatus Sent -Id (Get-TestId 1) -Reason "A long reason`nover lines $('and on ' * 40)"
        $lines = (Get-HandoffHistory | Out-String -Width 120) -replace "`e\[[0-9;]*m" -split '\r?\n'
        $filled = @($lines | Where-Object { $_.Trim() })
    }

    It 'fits 120 columns, a line for each' {
        $lines | Where-Object Length -GT 120 | Should -BeNullOrEmpty
        $filled.Count | Should -Be 3
        $filled[0].Trim() -split '\s+' | Should -Be ChangedAt, Id, SdKey, From, To, ChangedBy, Reason
    }

    It 'tells time in UTC, short id, SD, both statuses, who and why' {
        $filled[2] | Should -Match '^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ [0-9a-f]{8} KEY-2\s+Ready\s+Sent\s+leops\s+A long reason over lines'
    }
}
