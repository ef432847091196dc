# Set-HandoffStatus: what each bad row among good ones gets, and what of it stands in the table afterwards.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-set-refusals'
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Bad rows among good ones' {
    BeforeEach {
        Reset-TestData -Count 5
    }

    It 'reports an unknown id as NotFound and does the others' {
        $unknown = [guid]::NewGuid()
        $outcome = Get-Outcome { (Get-TestId 1), $unknown, (Get-TestId 2) | Set-HandoffStatus Sent }
        $outcome.Out.Id | Should -Be (Get-TestId 1), (Get-TestId 2)
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound'
        $outcome.Errors[0].TargetObject | Should -Be $unknown
        $outcome.Errors[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $outcome.Errors[0].Exception.Message | Should -BeLike "*$unknown*hidden from role*"
        Get-TestStatus 1, 2, 3, 4, 5 | Should -Be 'sent', 'sent', 'ready', 'ready', 'ready'
    }

    It 'reports each unknown id of -Id' {
        $unknown = [guid]::NewGuid()
        $outcome = Get-Outcome { Set-HandoffStatus Sent -Id $unknown, (Get-TestId 4) }
        $outcome.All[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        $outcome.All[0].TargetObject | Should -Be $unknown
        $outcome.All[1].Id | Should -Be (Get-TestId 4)
    }

    It 'reports a row that somebody changed meanwhile as StatusConflict, and says what it is now' {
        $rows = 1..5 | ForEach-Object { Get-HandoffPreparation -Id (Get-TestId $_) }
        # The second one was edited, the third one moved, the fourth one moved there and back (same status), the fifth deleted.
        Invoke-TestSql "update public.exec_handoff_preparations set implementation_summary = 'edited' where id = md5('h2')::uuid;
            update public.exec_handoff_preparations set handoff_status = 'preparing', updated_at = now() where id = md5('h3')::uuid;
            update public.exec_handoff_preparations set handoff_status = 'sent' where id = md5('h4')::uuid;
            update public.exec_handoff_preparations set handoff_status = 'ready' where id = md5('h4')::uuid;
            delete from public.exec_handoff_preparations where id = md5('h5')::uuid"
        $outcome = Get-Outcome { $rows | Set-HandoffStatus Sent }
        $outcome.Out.Id | Should -Be (Get-TestId 1)
        $outcome.Errors | Get-ErrorName | Should -Be 'StatusConflict', 'StatusConflict', 'StatusConflict', 'NotFound'
        $outcome.Errors.TargetObject | Should -Be $rows[1..4]
        $outcome.Errors[1].Exception.Message | Should -BeLike "*$(Get-TestId 3)*it is Preparing now*"
        Get-TestStatus 1, 2, 3, 4 | Should -Be 'sent', 'ready', 'preparing', 'ready'
        Invoke-TestSql "select implementation_summary from public.exec_handoff_preparations where id = md5('h2')::uuid" | Should -Be 'edited'
    }

    It 'reports a row that another transaction holds as RowLocked after -LockTimeout, and does the others' {
        $holder = Open-TestTransaction "select 1 from public.exec_handoff_preparations where id = md5('h2')::uuid for update"
        try {
            $rows = 1..3 | ForEach-Object { Get-TestId $_ }
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $outcome = Get-Outcome { $rows | Set-HandoffStatus Sent -LockTimeout 300ms }
            $watch.ElapsedMilliseconds | Should -BeGreaterOrEqual 300
            $watch.ElapsedMilliseconds | Should -BeLessThan 5000
            $outcome.Out.Id | Should -Be $rows[0], $rows[2]
            $outcome.Errors | Get-ErrorName | Should -Be 'RowLocked'
            $outcome.Errors[0].TargetObject | Should -Be $rows[1]
            $outcome.Errors[0].CategoryInfo.Category | Should -Be 'ResourceBusy'
            $outcome.Errors[0].Exception.Message | Should -BeLike "*$($rows[1])*-LockTimeout*"
        }
        finally {
            Close-TestTransaction $holder
        }
        Get-TestStatus 1, 2, 3 | Should -Be 'sent', 'ready', 'sent'
        (Get-TestId 2 | Set-HandoffStatus Sent -LockTimeout 300ms).Status | Should -Be 'Sent'
    }

    It 'says StatusConflict, not RowLocked, where the holder changed the row and let go' {
        $row = Get-HandoffPreparation -Id (Get-TestId 2)
        $holder = Open-TestTransaction "update public.exec_handoff_preparations set handoff_status = 'preparing' where id = md5('h2')::uuid"
        $state = [initialsessionstate]::CreateDefault2()
        $state.ImportPSModule($LeoManifest)
        $shell = [powershell]::Create($state).AddCommand('Set-HandoffStatus').AddParameter('Status', 'Sent').AddParameter('Connection', $connection).AddParameter('InputObject', $row)
        try {
            $waiting = $shell.BeginInvoke()
            $deadline = [datetime]::UtcNow.AddSeconds(10)
            while ((Invoke-TestSql "select count(*) from pg_stat_activity where wait_event_type = 'Lock'") -eq 0 -and [datetime]::UtcNow -lt $deadline) {
                Start-Sleep -Milliseconds 20
            }
        }
        finally {
            Close-TestTransaction $holder -Commit
        }
        $shell.EndInvoke($waiting) | Should -BeNullOrEmpty
        $shell.Streams.Error | Get-ErrorName | Should -Be 'StatusConflict'
        $shell.Dispose()
        Get-TestStatus 2 | Should -Be 'preparing'
    }

    It 'lets a row that is already there come out, without a write, where it is given by id' {
        Invoke-TestSql "update public.exec_handoff_preparations set handoff_status = 'sent', updated_at = '2020-01-01Z' where id = md5('h2')::uuid"
        $outcome = Get-Outcome { (Get-TestId 1), (Get-TestId 2), (Get-TestId 3) | Set-HandoffStatus Sent -Verbose }
        $outcome.Errors | Should -BeNullOrEmpty
        $outcome.Out.Id | Should -Be (Get-TestId 1), (Get-TestId 2), (Get-TestId 3)
        $outcome.Out[1].UpdatedAt | Should -Be ([datetimeoffset]'2020-01-01Z')
        $outcome.Verbose -join "`n" | Should -BeLike '*already*nothing was written*'
        Invoke-TestSql "select updated_at = '2020-01-01Z' from public.exec_handoff_preparations where id = md5('h2')::uuid" | Should -Be 't'
    }

    It 'does the same for an object that is there and did not change, and reports one whose row moved there' {
        Invoke-TestSql "update public.exec_handoff_preparations set handoff_status = 'sent', updated_at = '2020-01-01Z' where id = md5('h2')::uuid"
        $there = Get-HandoffPreparation -Id (Get-TestId 2)
        $moved = Get-HandoffPreparation -Id (Get-TestId 3)
        Invoke-TestSql "update public.exec_handoff_preparations set handoff_status = 'sent' where id = md5('h3')::uuid"
        $outcome = Get-Outcome { $there, $moved | Set-HandoffStatus Sent -Verbose }
        $outcome.Out.Id | Should -Be $there.Id
        $outcome.Out[0].RowVersion | Should -Be $there.RowVersion
        $outcome.Errors | Get-ErrorName | Should -Be 'StatusConflict'
        $outcome.Errors[0].TargetObject | Should -Be $moved
        $outcome.Verbose -join "`n" | Should -BeLike '*already*'
    }

    It 'counts the first of a repeated id, and reports each later one as a StatusConflict that says so' {
        $row = Get-HandoffPreparation -Id (Get-TestId 1)
        $outcome = Get-Outcome { $row, (Get-TestId 2), $row, "$(Get-TestId 1)" | Set-HandoffStatus Sent }
        $outcome.Out.Id | Should -Be (Get-TestId 1), (Get-TestId 2)
        $outcome.Errors | Get-ErrorName | Should -Be 'StatusConflict', 'StatusConflict'
        $outcome.Errors[0].TargetObject | Should -Be $row
        $outcome.Errors[1].TargetObject | Should -Be "$(Get-TestId 1)"
        $outcome.Errors[0].Exception.Message | Should -BeLike "*$(Get-TestId 1)*earlier in the same pipe*"
    }

    It 'is not harmed by ten thousand duplicates of one id' {
        $id = Get-TestId 1
        $outcome = Get-Outcome { @($id) * 10001 | Set-HandoffStatus Sent }
        $outcome.Out.Id | Should -Be $id
        $outcome.Errors | Should -HaveCount 10000
        $outcome.Errors | Get-ErrorName | Select-Object -Unique | Should -Be 'StatusConflict'
        $outcome.All[0].Id | Should -Be $id
        Get-TestCount | Should -Be 'ready 4, sent 1'
    }

    It 'moves a row whose timestamp is infinity, says UnreadableRow with id and column, and does the others' {
        Invoke-TestSql "update public.exec_handoff_preparations set prepared_at = 'infinity' where id = md5('h2')::uuid"
        $outcome = Get-Outcome { (Get-TestId 1), (Get-TestId 2), (Get-TestId 3) | Set-HandoffStatus Sent }
        $outcome.Ended | Should -BeNullOrEmpty
        $outcome.Errors | Get-ErrorName | Should -Be 'UnreadableRow'
        $outcome.Errors[0].TargetObject | Should -Be (Get-TestId 2)
        $outcome.Errors[0].Exception.Message | Should -BeLike "*$(Get-TestId 2)*prepared_at*"
        $outcome.Out.Id | Should -Contain (Get-TestId 1)
        $outcome.Out.Id | Should -Contain (Get-TestId 3)
        Get-TestStatus 1, 2, 3 | Should -Be 'sent', 'sent', 'sent'
        Invoke-TestSql "select prepared_at from public.exec_handoff_preparations where id = md5('h2')::uuid" | Should -Be 'infinity'
    }

    It 'reports a row that a constraint of the database refuses, alone, and does the others' {
        Invoke-TestSql "alter table public.exec_handoff_preparations add constraint frozen check (id <> md5('h3')::uuid or handoff_status = 'ready')"
        try {
            $rows = 1..5 | ForEach-Object { Get-TestId $_ }
            $outcome = Get-Outcome { $rows | Set-HandoffStatus Sent }
            $outcome.Out.Id | Should -Be $rows[0, 1, 3, 4]
            $outcome.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
            $outcome.Errors[0].TargetObject | Should -Be $rows[2]
            $outcome.Errors[0].Exception.Message | Should -BeLike '*frozen*'
        }
        finally {
            Invoke-TestSql 'alter table public.exec_handoff_preparations drop constraint frozen'
        }
        Get-TestStatus 1, 2, 3, 4, 5 | Should -Be 'sent', 'sent', 'ready', 'sent', 'sent'
    }

    It 'says SchemaMissing, with the way to install it, where the table is not there' {
        Invoke-TestSql 'alter table public.exec_handoff_preparations rename to hidden_away'
        try {
            $outcome = Get-Outcome { Get-TestId 1 | Set-HandoffStatus Sent }
        }
        finally {
            Invoke-TestSql 'alter table public.hidden_away rename to exec_handoff_preparations'
        }
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'SchemaMissing,*'
        $outcome.Ended.Exception.Message | Should -BeLike '*exec_handoff_preparations*Install-LeoSchema*'
    }
}
