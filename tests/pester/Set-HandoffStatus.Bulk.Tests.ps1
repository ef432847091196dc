# Set-HandoffStatus in bulk: what the server selects, all or nothing, figures instead of rows, and where it stops.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-set-bulk'
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Selection on the server' {
    BeforeEach {
        Reset-TestData -Count 6
    }

    It 'moves what has the status, in one statement, and returns the rows in id order' {
        Invoke-TestSql "update public.exec_handoff_preparations set handoff_status = 'accepted' where id = md5('h6')::uuid"
        $outcome = Get-Outcome { Set-HandoffStatus -CurrentStatus Ready -Status Sent -Verbose }
        $outcome.Errors | Should -BeNullOrEmpty
        $outcome.Out | Should -HaveCount 5
        $outcome.Out.Id | Should -Be @(Invoke-TestSql "select id from public.exec_handoff_preparations where handoff_status = 'sent' order by id")
        $outcome.Out.Status | Select-Object -Unique | Should -Be 'Sent'
        @($outcome.Verbose -like 'update *') | Should -HaveCount 1
        Invoke-TestSql "select count(distinct sent_at) from public.exec_handoff_preparations where handoff_status = 'sent'" | Should -Be 1
        Get-TestCount | Should -Be 'accepted 1, sent 5'
    }

    It 'is narrowed by <Name>' -ForEach @(
        @{ Name = 'an SD key'; With = @{ SdId = 'SD-B-002' }; Moved = 2, 4, 6 }
        @{ Name = 'an SD id'; With = @{ SdId = '6e6fb2a1-0000-4000-8000-000000000002' }; Moved = 2, 4, 6 }
        @{ Name = 'a wildcard, case-blind'; With = @{ SdId = 'sd-[AX]*' }; Moved = 1, 3, 5 }
        @{ Name = 'several'; With = @{ SdId = 'SD-A-001', 'sd-b-*' }; Moved = 1, 2, 3, 4, 5, 6 }
        @{ Name = 'an SD that has none'; With = @{ SdId = 'SD-Z*' }; Moved = @() }
        @{ Name = 'a session'; With = @{ SessionId = '2' }; Moved = 2, 4, 6 }
        @{ Name = '-After'; With = @{ After = -210 }; Moved = 1, 2, 3 }
        @{ Name = '-Before'; With = @{ Before = -210 }; Moved = 4, 5, 6 }
    ) {
        if ($With.ContainsKey('SessionId')) {
            $With = @{ SessionId = [guid](Invoke-TestSql "select md5('s2')::uuid") }
        }
        foreach ($edge in 'After', 'Before' | Where-Object { $With.ContainsKey($_) }) {
            Invoke-TestSql "update public.exec_handoff_preparations h set prepared_at = now() - make_interval(mins => 60 * n) from generate_series(1, 6) n where h.id = md5('h' || n)::uuid"
            $With = @{ $edge = [datetimeoffset]::UtcNow.AddMinutes(-210) }
        }
        $out = @(Set-HandoffStatus Sent -CurrentStatus Ready @With)
        $out | Should -HaveCount @($Moved).Count
        @(1..6 | Where-Object { (Get-TestId $_) -in @($out | ForEach-Object Id) }) | Should -Be $Moved
        Invoke-TestSql "select count(*) from public.exec_handoff_preparations where handoff_status = 'sent'" | Should -Be @($Moved).Count
    }

    It 'takes several statuses, and refuses those that have no way before anything is written' {
        Invoke-TestSql "update public.exec_handoff_preparations set handoff_status = 'rejected' where id = md5('h1')::uuid"
        @(Set-HandoffStatus Preparing -CurrentStatus Ready, Rejected) | Should -HaveCount 6
        Invoke-TestSql "update public.exec_handoff_preparations set handoff_status = 'ready' where id <> md5('h1')::uuid"
        $outcome = Get-Outcome { Set-HandoffStatus Sent -CurrentStatus Ready, Preparing }
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'InvalidTransition,*'
        $outcome.Ended.Exception.Message | Should -BeLike '*Preparing*to Sent*'
        Get-TestCount | Should -Be 'preparing 1, ready 5'
        @(Set-HandoffStatus Sent -CurrentStatus Ready, Preparing -Force) | Should -HaveCount 6
    }

    It 'reports a row that another transaction holds as RowLocked, and moves the others' {
        $holder = Open-TestTransaction "select 1 from public.exec_handoff_preparations where id = md5('h2')::uuid for update"
        try {
            $outcome = Get-Outcome { Set-HandoffStatus Sent -CurrentStatus Ready -LockTimeout 200ms }
            $atomic = Get-Outcome { Set-HandoffStatus Preparing -CurrentStatus Ready, Sent -Force -Atomic -LockTimeout 200ms }
        }
        finally {
            Close-TestTransaction $holder
        }
        $outcome.Out | Should -HaveCount 5
        $outcome.Errors | Get-ErrorName | Should -Be 'RowLocked'
        $outcome.Errors[0].TargetObject.Id | Should -Be (Get-TestId 2)
        # All or none.
        $atomic.Out | Should -BeNullOrEmpty
        @($atomic.Errors) + @($atomic.Ended) | Where-Object { $_ } | Should -Not -BeNullOrEmpty
        Get-TestCount | Should -Be 'ready 1, sent 5'
    }

    It 'gives the figures alone with -Summary' {
        $summary = Set-HandoffStatus Sent -CurrentStatus Ready -Summary
        $summary | Should -HaveCount 1
        $summary.Total, $summary.Changed, $summary.Unchanged, $summary.Failed | Should -Be 6, 6, 0, 0
        Get-TestCount | Should -Be 'sent 6'
    }
}

Describe '-Atomic' {
    It 'does all in one transaction, in any number of statements, and lets nothing out before it is committed' {
        Reset-TestData -Count 2500
        $ids = 2500..1 | ForEach-Object { Get-TestId $_ }
        $seen = @{ Rows = [Collections.Generic.List[guid]]::new(); Committed = $null }
        $ids | Set-HandoffStatus Sent -Atomic -BatchSize 700 | ForEach-Object {
            if ($null -eq $seen.Committed) {
                $seen.Committed = Invoke-TestSql "select count(*) || ' ' || count(distinct updated_at) from public.exec_handoff_preparations where handoff_status = 'sent'"
            }
            $seen.Rows.Add($_.Id)
        }
        $seen.Committed | Should -Be '2500 1'
        [Linq.Enumerable]::SequenceEqual([guid[]]$seen.Rows, [guid[]]$ids) | Should -BeTrue
    }

    It 'does nothing where one row cannot: each bad row gets its error, then comes one BatchRolledBack' {
        Reset-TestData -Count 4
        Invoke-TestSql "update public.exec_handoff_preparations set handoff_status = 'accepted' where id = md5('h3')::uuid"
        $unknown = [guid]::NewGuid()
        $outcome = Get-Outcome { (Get-TestId 1), $unknown, (Get-TestId 3), (Get-TestId 4) | Set-HandoffStatus Sent -Atomic }
        $outcome.Out | Should -BeNullOrEmpty
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound', 'InvalidTransition', 'BatchRolledBack'
        $outcome.Errors[0, 1].TargetObject | Should -Be $unknown, (Get-TestId 3)
        Get-TestCount | Should -Be 'accepted 1, ready 3'
    }

    It 'does nothing where something piped is no handoff, or comes twice' {
        Reset-TestData -Count 2
        $outcome = Get-Outcome { (Get-TestId 1), 'nonsense', (Get-TestId 1) | Set-HandoffStatus Sent -Atomic }
        $outcome.Out | Should -BeNullOrEmpty
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidIdentity', 'StatusConflict', 'BatchRolledBack'
        Get-TestCount | Should -Be 'ready 2'
    }

    It 'does nothing where a row is held' {
        Reset-TestData -Count 3
        $holder = Open-TestTransaction "select 1 from public.exec_handoff_preparations where id = md5('h2')::uuid for update"
        try {
            $outcome = Get-Outcome { 1..3 | ForEach-Object { Get-TestId $_ } | Set-HandoffStatus Sent -Atomic -LockTimeout 200ms }
        }
        finally {
            Close-TestTransaction $holder
        }
        $outcome.Out | Should -BeNullOrEmpty
        $outcome.Errors | Get-ErrorName | Should -Be 'RowLocked', 'BatchRolledBack'
        $outcome.Errors[0].TargetObject | Should -Be (Get-TestId 2)
        Get-TestCount | Should -Be 'ready 3'
    }

    It 'commits where a row is there already, and stops at the first error under -ErrorAction Stop with nothing done' {
        Reset-TestData -Count 3
        Invoke-TestSql "update public.exec_handoff_preparations set handoff_status = 'sent' where id = md5('h2')::uuid"
        @((Get-TestId 1), (Get-TestId 2) | Set-HandoffStatus Sent -Atomic) | Should -HaveCount 2
        $outcome = Get-Outcome { (Get-TestId 3), [guid]::NewGuid() | Set-HandoffStatus Sent -Atomic -ErrorAction Stop }
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        $outcome.Ended.Exception.ChangedIds | Should -BeNullOrEmpty
        Get-TestCount | Should -Be 'ready 1, sent 2'
    }
}

Describe '-Summary' {
    It 'gives one object instead of the rows, and the errors as ever' {
        Reset-TestData -Count 5
        Invoke-TestSql "update public.exec_handoff_preparations set handoff_status = 'accepted' where id = md5('h3')::uuid;
            update public.exec_handoff_preparations set handoff_status = 'sent' where id = md5('h4')::uuid"
        $outcome = Get-Outcome { (Get-TestId 1), (Get-TestId 2), (Get-TestId 3), (Get-TestId 4), [guid]::NewGuid(), 'x', 'y' | Set-HandoffStatus Sent -Summary }
        $outcome.Out | Should -HaveCount 1
        $summary = $outcome.Out[0]
        $summary.Total, $summary.Changed, $summary.Unchanged, $summary.Failed | Should -Be 7, 2, 1, 4
        $summary.FailedByErrorId['InvalidTransition'], $summary.FailedByErrorId['NotFound'], $summary.FailedByErrorId['InvalidIdentity'] | Should -Be 1, 1, 2
        $summary.Elapsed | Should -BeGreaterThan ([timespan]::Zero)
        $outcome.Errors | Should -HaveCount 4
        $outcome.All[-1] | Should -Be $summary
    }

    It 'counts no change where -Atomic rolled back' {
        Reset-TestData -Count 2
        $outcome = Get-Outcome { (Get-TestId 1), [guid]::NewGuid() | Set-HandoffStatus Sent -Summary -Atomic }
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound', 'BatchRolledBack'
        $outcome.Out[0].Changed | Should -Be 0
        $outcome.Out[0].Failed | Should -BeGreaterThan 0
    }
}

Describe '-ErrorAction Stop' {
    BeforeEach {
        Reset-TestData -Count 6
        $unknown = [guid]::NewGuid()
        $rows = @((Get-TestId 1), (Get-TestId 2), $unknown, (Get-TestId 4), (Get-TestId 5))
    }

    It 'ends with the row''s error, whose ChangedIds are exactly what did change' {
        $outcome = Get-Outcome { $rows | Set-HandoffStatus Sent -ErrorAction Stop }
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        $outcome.Ended.TargetObject | Should -Be $unknown
        $changed = Invoke-TestSql "select id from public.exec_handoff_preparations where handoff_status = 'sent' order by id"
        $changed | Should -HaveCount 4
        $outcome.Ended.Exception.ChangedIds | ForEach-Object { "$_" } | Sort-Object | Should -Be $changed
        $outcome.Ended.Exception.Message | Should -BeLike '*ChangedIds*'
    }

    It 'does the same under $ErrorActionPreference' {
        $outcome = Get-Outcome { $ErrorActionPreference = 'Stop'; $rows | Set-HandoffStatus Sent }
        $outcome.Ended.Exception.ChangedIds | Should -HaveCount 4
    }

    It 'stops exactly with -BatchSize 1' {
        $outcome = Get-Outcome { $rows | Set-HandoffStatus Sent -BatchSize 1 -ErrorAction Stop }
        $outcome.Ended.TargetObject | Should -Be $unknown
        $outcome.Out.Id | Should -Be $rows[0, 1]
        Get-TestStatus 1, 2, 4, 5 | Should -Be 'sent', 'sent', 'ready', 'ready'
    }

    It 'cancels the batches that are on their way' {
        Reset-TestData -Count 3000
        # The second batch waits for this row until it is cancelled.
        $holder = Open-TestTransaction "select 1 from public.exec_handoff_preparations where id = md5('h1500')::uuid for update"
        try {
            $ids = 1..3000 | ForEach-Object { Get-TestId $_ }
            $ids[500] = $unknown
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $outcome = Get-Outcome { $ids | Set-HandoffStatus Sent -ErrorAction Stop }
            $watch.ElapsedMilliseconds | Should -BeLessThan 5000
            # A server that does not answer a cancellation within two seconds is not waited for.
            while ((Get-RunningCall) -and $watch.ElapsedMilliseconds -lt 8000) { Start-Sleep -Milliseconds 50 }
            Get-RunningCall | Should -Be 0
        }
        finally {
            Close-TestTransaction $holder
        }
        $outcome.Ended.TargetObject | Should -Be $unknown
        $changed = Invoke-TestSql "select id from public.exec_handoff_preparations where handoff_status = 'sent' order by id"
        $outcome.Ended.Exception.ChangedIds | ForEach-Object { "$_" } | Sort-Object | Should -Be $changed
        Get-TestStatus 1500 | Should -Be 'ready'
    }

    It 'refuses a -BatchSize of <_>' -ForEach 0, -1, 10001 {
        (Get-Outcome { $rows | Set-HandoffStatus Sent -BatchSize $_ }).Ended.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError,*'
    }
}

Describe 'The verbose stream' {
    It 'tells statements, rows and milliseconds, and never a value' {
        Reset-TestData -Count 2
        $outcome = Get-Outcome { Get-HandoffPreparation -SdId 'SD-A-001' -Verbose | Set-HandoffStatus Rejected -Force -Reason 'secret-reason' -Verbose }
        $text = $outcome.Verbose -join "`n"
        $text | Should -Match 'read handoffs: 1 rows'
        $text | Should -Match 'update handoffs to Rejected .*: 1 rows, \d+ ms'
        $text | Should -Not -Match 'secret-reason|SD-A-001|Summary of handoff'
        $text | Should -Not -Match ([regex]::Escape($server.Password))
    }
}
