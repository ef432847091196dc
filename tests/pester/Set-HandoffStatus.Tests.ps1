# Over 400 lines on purpose: one It per sentence that the surface has about this cmdlet.
# Set-HandoffStatus: what moves, what is stamped, what each bad row gets, and what of it stands in the table afterwards.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-set'
    $awkward = "it's ""quoted"" 100 % of_rows \ C:\new\table 🚀🚀 日本"
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Moving handoffs' {
    BeforeEach {
        Reset-TestData -Count 4
    }

    It 'moves piped objects, stamps them by the server''s clock, and returns them updated' {
        $before = @(Get-HandoffPreparation)
        $after = @($before | Set-HandoffStatus Sent)
        $after | Should -HaveCount 4
        $after[0] | Should -BeOfType LeoPS.HandoffPreparation
        $after.Id | Should -Be $before.Id
        $after.Status | Select-Object -Unique | Should -Be 'Sent'
        $after | ForEach-Object { $_.SentAt | Should -Be $_.UpdatedAt; $_.SentAt.Offset | Should -Be ([timespan]::Zero) }
        $after.SdKey | Should -Be $before.SdKey
        $after[0].ImplementationSummary | Should -Be $before[0].ImplementationSummary
        # The objects that went in are what they were.
        $before.Status | Select-Object -Unique | Should -Be 'Ready'
        Invoke-TestSql "select count(*) from public.exec_handoff_preparations where handoff_status = 'sent' and sent_at = updated_at
            and sent_at between now() - interval '1 minute' and now() and response_at is null" | Should -Be 4
        # What came out is the row as it stands, so it can move on.
        ($after | Set-HandoffStatus Accepted).Status | Select-Object -Unique | Should -Be 'Accepted'
    }

    It 'moves bare ids, told by the pipe or by -Id, and says on the verbose stream that only the transition guards them' {
        $piped = Get-Outcome { Get-TestId 1 | Set-HandoffStatus Sent -Verbose }
        $piped.Out.Id | Should -Be (Get-TestId 1)
        $piped.Verbose -join "`n" | Should -BeLike '*bare ids*guarded by the transition only*'
        (Set-HandoffStatus -Id (Get-TestId 3), (Get-TestId 2) -Status Sent).Id | Should -Be (Get-TestId 3), (Get-TestId 2)
        Get-TestStatus 1, 2, 3, 4 | Should -Be 'sent', 'sent', 'sent', 'ready'
    }

    It 'takes the status by position and by name, before and after the pipe''s rows' {
        (Get-TestId 1 | Set-HandoffStatus Sent).Status | Should -Be 'Sent'
        (Get-TestId 2 | Set-HandoffStatus -Status sent).Status | Should -Be 'Sent'
    }

    It 'leaves the stamps of the path: <From> to <To>' -ForEach @(
        @{ From = 'preparing'; To = 'Ready'; Sent = 'kept'; Response = 'kept' }
        @{ From = 'ready'; To = 'Preparing'; Sent = 'kept'; Response = 'kept' }
        @{ From = 'ready'; To = 'Sent'; Sent = 'now'; Response = 'kept' }
        @{ From = 'sent'; To = 'Accepted'; Sent = 'kept'; Response = 'now' }
        @{ From = 'sent'; To = 'Rejected'; Sent = 'kept'; Response = 'now' }
        @{ From = 'rejected'; To = 'Preparing'; Sent = 'null'; Response = 'null' }
    ) {
        Invoke-TestSql "update public.exec_handoff_preparations set handoff_status = '$From', sent_at = '2020-01-01Z', response_at = '2020-01-02Z'"
        $reason = $To -eq 'Rejected' ? @{ Reason = 'thin' } : @{}
        $moved = Get-TestId 1 | Set-HandoffStatus $To @reason
        $moved.Status | Should -Be $To
        Invoke-TestSql "select case when sent_at is null then 'null' when sent_at = updated_at then 'now' when sent_at = '2020-01-01Z' then 'kept' end || ' '
                || case when response_at is null then 'null' when response_at = updated_at then 'now' when response_at = '2020-01-02Z' then 'kept' end
            from public.exec_handoff_preparations where id = md5('h1')::uuid and updated_at > now() - interval '1 minute'" | Should -Be "$Sent $Response"
    }

    It 'refuses every other move, says from, to and which are allowed, and writes nothing' {
        $names = 'Preparing', 'Ready', 'Sent', 'Accepted', 'Rejected'
        $allowed = @{ Preparing = @('Ready'); Ready = 'Preparing', 'Sent'; Sent = 'Accepted', 'Rejected'; Accepted = @(); Rejected = @('Preparing') }
        Reset-TestData -Count 5
        Invoke-TestSql "update public.exec_handoff_preparations h set handoff_status = k.status, updated_at = '2020-01-01Z'
            from unnest(array['preparing', 'ready', 'sent', 'accepted', 'rejected']) with ordinality k(status, n) where h.id = md5('h' || k.n)::uuid"
        $refused = 0
        foreach ($to in $names) {
            foreach ($from in $names | Where-Object { $_ -ne $to -and $to -notin $allowed[$_] }) {
                $id = Get-TestId ($names.IndexOf($from) + 1)
                $outcome = Get-Outcome { $id | Set-HandoffStatus $to -Reason 'because' }
                $outcome.Out | Should -BeNullOrEmpty
                $outcome.Errors | Get-ErrorName | Should -Be 'InvalidTransition'
                $outcome.Errors[0].TargetObject | Should -Be $id
                $message = $outcome.Errors[0].Exception.Message
                $message | Should -BeLike "*$id*is $from*to $to*"
                $allowed[$from] | ForEach-Object { $message | Should -BeLike "*: *$_*" }
                if (-not $allowed[$from]) {
                    $message | Should -BeLike '*terminal*'
                }
                $message | Should -BeLike '*-Force*'
                $refused++
            }
        }
        $refused | Should -Be 14
        Invoke-TestSql "select count(*) from public.exec_handoff_preparations where updated_at = '2020-01-01Z' and post_implementation_notes is null" | Should -Be 5
    }

    It 'moves off the path with -Force: <From> to <To> sets the target''s stamp and clears those of later statuses' -ForEach @(
        @{ From = 'preparing'; To = 'Sent'; Stamps = 'now null' }
        @{ From = 'ready'; To = 'Accepted'; Stamps = 'kept now' }
        @{ From = 'accepted'; To = 'Sent'; Stamps = 'now null' }
        @{ From = 'accepted'; To = 'Ready'; Stamps = 'null null' }
        @{ From = 'sent'; To = 'Preparing'; Stamps = 'null null' }
        @{ From = 'accepted'; To = 'Rejected'; Stamps = 'kept now' }
    ) {
        Invoke-TestSql "update public.exec_handoff_preparations set handoff_status = '$From', sent_at = '2020-01-01Z', response_at = '2020-01-02Z'"
        (Get-TestId 1 | Set-HandoffStatus $To -Force -Reason 'by hand').Status | Should -Be $To
        Invoke-TestSql "select case when sent_at is null then 'null' when sent_at = updated_at then 'now' when sent_at = '2020-01-01Z' then 'kept' end || ' '
                || case when response_at is null then 'null' when response_at = updated_at then 'now' when response_at = '2020-01-02Z' then 'kept' end
            from public.exec_handoff_preparations where id = md5('h1')::uuid" | Should -Be $Stamps
    }

    It 'skips neither the guard nor the unknown with -Force' {
        $row = Get-HandoffPreparation -Id (Get-TestId 1)
        Invoke-TestSql "update public.exec_handoff_preparations set implementation_summary = 'edited' where id = md5('h1')::uuid"
        $unknown = [guid]::NewGuid()
        (Get-Outcome { $row, $unknown | Set-HandoffStatus Accepted -Force }).Errors | Get-ErrorName | Should -Be 'StatusConflict', 'NotFound'
        Get-TestCount | Should -Be 'ready 4'
    }
}

Describe '-RequirePass' {
    BeforeEach {
        # One that passes with warnings at the most, among others that say next to nothing.
        Reset-TestData -Count 4 -Status preparing
        Invoke-TestSql @'
update public.exec_handoff_preparations set
    implementation_summary = 'Endpoints, screens and tests of the export are complete, reviewed and deployed to acceptance.',
    quality_metrics = '{"coverage": {"unit": 91}}', test_results = '{"total": 120, "passed": 120, "failed": 0}',
    deliverables_manifest = array['src/export.ts', 'docs/export.md'], known_issues = array['The first export after a restart takes eight seconds.'],
    post_implementation_notes = E'Decided: exports are streamed.\nUsed: 17 hours of EXEC.\nNext: PLAN verifies the acceptance criteria.'
where id = md5('h2')::uuid
'@
    }

    It 'moves what is ready, and refuses the others with all that was found (<Name>)' -ForEach @(
        @{ Name = 'objects'; Give = { Get-TestId 1 | Get-HandoffPreparation; Get-TestId 2 | Get-HandoffPreparation; Get-TestId 3 | Get-HandoffPreparation } }
        @{ Name = 'ids'; Give = { 1..3 | ForEach-Object { Get-TestId $_ } } }
    ) {
        $given = @(& $Give)
        $outcome = Get-Outcome { $given | Set-HandoffStatus Ready -RequirePass }
        $outcome.Out.Id | Should -Be (Get-TestId 2)
        $outcome.Errors | Get-ErrorName | Should -Be 'NotReady', 'NotReady'
        $outcome.Errors[0].TargetObject | Should -Be $given[0]
        $outcome.Errors[0].Exception.Message | Should -BeLike '*Summary*; *'
        Get-TestCount | Should -Be 'preparing 3, ready 1'
    }

    It 'leaves unknown ids and stale objects their own errors' {
        $stale = Get-TestId 2 | Get-HandoffPreparation
        Invoke-TestSql "update public.exec_handoff_preparations set demo_url = 'x' where id = md5('h2')::uuid"
        (Get-Outcome { $stale, [guid]::NewGuid() | Set-HandoffStatus Ready -RequirePass }).Errors | Get-ErrorName | Should -Be 'StatusConflict', 'NotFound'
        Get-TestCount | Should -Be 'preparing 4'
    }

    It 'moves none where one is not ready with -Atomic, nor with -WhatIf' {
        $outcome = Get-Outcome { (Get-TestId 2), (Get-TestId 3) | Set-HandoffStatus Ready -RequirePass -Atomic }
        $outcome.Errors | Get-ErrorName | Should -Be 'NotReady', 'BatchRolledBack'
        $outcome.Out | Should -BeNullOrEmpty
        (Get-Outcome { Get-TestId 1 | Set-HandoffStatus Ready -RequirePass -WhatIf }).Errors | Get-ErrorName | Should -Be 'NotReady'
        Get-TestCount | Should -Be 'preparing 4'
    }

    It 'says which findings it let through' {
        Invoke-TestSql "update public.exec_handoff_preparations set known_issues = array['None'] where id = md5('h2')::uuid"
        $moved = Get-TestId 2 | Set-HandoffStatus Ready -RequirePass -WarningVariable warnings -WarningAction SilentlyContinue
        $moved.Status | Should -Be 'Ready'
        "$warnings" | Should -BeLike '*passed with warnings*KnownIssues*'
    }

    It 'is not for a selection on the server' {
        { Set-HandoffStatus Ready -CurrentStatus Preparing -RequirePass } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
    }
}

Describe '-Reason' {
    BeforeEach {
        Reset-TestData -Count 2 -Status sent
    }

    It 'is required for Rejected, and not skipped by -Force (<Name>)' -ForEach @(
        @{ Name = 'none'; With = @{} }
        @{ Name = 'none, forced'; With = @{ Force = $true } }
        @{ Name = 'blank, forced'; With = @{ Force = $true; Reason = "  `n " } }
        @{ Name = 'empty'; With = @{ Reason = '' } }
        @{ Name = 'none, rehearsed'; With = @{ WhatIf = $true } }
    ) {
        $outcome = Get-Outcome { Get-TestId 1 | Set-HandoffStatus Rejected @With }
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'ReasonRequired,*'
        $outcome.Ended.Exception.Message | Should -BeLike '*-Reason*'
        $outcome.Out | Should -BeNullOrEmpty
        (Get-Outcome { Set-HandoffStatus Rejected -CurrentStatus Sent @With }).Ended.FullyQualifiedErrorId | Should -BeLike 'ReasonRequired,*'
        Get-TestCount | Should -Be 'sent 2'
    }

    It 'goes to the notes as one dated line behind those that are there, whatever characters it has' {
        Invoke-TestSql "update public.exec_handoff_preparations set post_implementation_notes = 'first line' where id = md5('h1')::uuid"
        $rows = @((Get-TestId 1), (Get-TestId 2)) | Set-HandoffStatus Rejected -Reason "$awkward`nsecond line"
        $stamp = '\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ Rejected: '
        $text = [regex]::Escape("$awkward second line")
        $rows[0].PostImplementationNotes | Should -Match "\Afirst line`n$stamp$text\z"
        $rows[1].PostImplementationNotes | Should -Match "\A$stamp$text\z"
        (Get-HandoffPreparation -Id (Get-TestId 1)).PostImplementationNotes | Should -BeExactly $rows[0].PostImplementationNotes
    }

    It 'may be a megabyte long' {
        $long = "$awkward " * [int](1MB / "$awkward ".Length)
        $row = Get-TestId 1 | Set-HandoffStatus Rejected -Reason $long
        $row.PostImplementationNotes | Should -Match 'Z Rejected: it'
        $row.PostImplementationNotes.EndsWith($long.Trim(), [StringComparison]::Ordinal) | Should -BeTrue
        [int](Invoke-TestSql "select length(post_implementation_notes) from public.exec_handoff_preparations where id = md5('h1')::uuid") | Should -BeGreaterThan 900000
    }

    It 'is kept for other moves where it is given' {
        (Get-HandoffPreparation -Id (Get-TestId 1) | Set-HandoffStatus Accepted -Reason 'looks good').PostImplementationNotes | Should -Match 'Z Accepted: looks good\z'
        (Get-TestId 2 | Set-HandoffStatus Accepted).PostImplementationNotes | Should -BeNullOrEmpty
    }
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

Describe '-WhatIf and -Confirm' {
    BeforeEach {
        Reset-TestData -Count 5
        Invoke-TestSql "update public.exec_handoff_preparations set handoff_status = 'accepted' where id = md5('h4')::uuid;
            update public.exec_handoff_preparations set handoff_status = 'sent' where id = md5('h5')::uuid"
        $state = "select md5(string_agg(h::text, '' order by id)) from public.exec_handoff_preparations h"
        $before = Invoke-TestSql $state
    }

    It 'prints one line per row with the resolved target, also for bare ids, and changes nothing' {
        $row = Get-HandoffPreparation -Id (Get-TestId 1)
        $said = Get-HostOutput { $row, (Get-TestId 2), "$(Get-TestId 3)" | Set-HandoffStatus Sent -WhatIf } -Outcome outcome
        $outcome.Errors | Should -BeNullOrEmpty
        $lines = @($said -like '*What if:*')
        $lines | Should -HaveCount 3
        $lines[0] | Should -BeLike "*Move Ready → Sent*SD-A-001*$(Get-TestId 1)*"
        $lines[1] | Should -BeLike "*Move Ready → Sent*SD-B-002*$(Get-TestId 2)*"
        $lines[2] | Should -BeLike "*Move Ready → Sent*SD-A-001*$(Get-TestId 3)*"
        $outcome.Out | Should -BeNullOrEmpty
        Invoke-TestSql $state | Should -Be $before
    }

    It 'reports rows that could not move as the errors that they would be' {
        $stale = Get-HandoffPreparation -Id (Get-TestId 2)
        Invoke-TestSql "update public.exec_handoff_preparations set implementation_summary = 'edited' where id = md5('h2')::uuid"
        $before = Invoke-TestSql $state
        $unknown = [guid]::NewGuid()
        $said = Get-HostOutput { (Get-TestId 4), $stale, 'nonsense', $unknown, (Get-TestId 1) | Set-HandoffStatus Sent -WhatIf } -Outcome outcome
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidTransition', 'StatusConflict', 'InvalidIdentity', 'NotFound'
        $outcome.Errors.TargetObject | Should -Be (Get-TestId 4), $stale, 'nonsense', $unknown
        @($said -like '*What if:*') | Should -HaveCount 1
        Invoke-TestSql $state | Should -Be $before
    }

    It 'works for -Id and under $WhatIfPreference' {
        $said = Get-HostOutput { Set-HandoffStatus Sent -Id (Get-TestId 1), (Get-TestId 2) -WhatIf }
        @($said -like '*What if:*') | Should -HaveCount 2
        $said = Get-HostOutput { $WhatIfPreference = $true; Get-TestId 3 | Set-HandoffStatus Sent }
        @($said -like '*What if:*Ready → Sent*') | Should -HaveCount 1
        Invoke-TestSql $state | Should -Be $before
    }

    It 'changes nothing with -Atomic and -Summary either' {
        $said = Get-HostOutput { (Get-TestId 1), (Get-TestId 2) | Set-HandoffStatus Sent -WhatIf -Atomic } -Outcome outcome
        @($said -like '*What if:*') | Should -HaveCount 2
        $outcome.All | Should -BeNullOrEmpty
        (Get-HostOutput { Get-TestId 1 | Set-HandoffStatus Sent -WhatIf -Summary } -Outcome outcome) -like '*What if:*' | Should -HaveCount 1
        $outcome.Out[0].Changed | Should -Be 0
        Invoke-TestSql $state | Should -Be $before
    }

    It 'asks for a selection once, with the count from the server' {
        Reset-TestData -Count 4312
        $said = Get-HostOutput { Set-HandoffStatus -CurrentStatus Ready -SdId 'SD-*' -Status Sent -WhatIf } -Outcome outcome
        $outcome.All | Should -BeNullOrEmpty
        $lines = @($said -like '*What if:*')
        $lines | Should -HaveCount 1
        $lines[0] | Should -BeLike '*Move 4,312 handoffs Ready → Sent*'
        Get-TestCount | Should -Be 'ready 4312'
    }

    It 'refuses a selection that may not move, as the real thing would, and counts only what would move' {
        (Get-Outcome { Set-HandoffStatus Sent -CurrentStatus Accepted -WhatIf }).Ended.FullyQualifiedErrorId | Should -BeLike 'InvalidTransition,*'
        (Get-HostOutput { Set-HandoffStatus Sent -CurrentStatus Ready, Sent -WhatIf }) -like '*What if: Move 3 handoffs*' | Should -HaveCount 1
        Invoke-TestSql $state | Should -Be $before
    }

    It 'asks row by row with -Confirm, does what is confirmed, and asks nothing with -Confirm:$false' {
        $script = Join-Path $TestDrive 'confirm.ps1'
        Set-Content -LiteralPath $script -Value @"
            Import-Module '$LeoManifest'
            `$null = Connect-LeoDatabase -Uri '$($server.Uri)'
            '$(Get-TestId 1)', '$(Get-TestId 2)' | Set-HandoffStatus Sent -Confirm | ForEach-Object { "moved `$(`$_.Id)" }
            Set-HandoffStatus Preparing -CurrentStatus Ready -Confirm | ForEach-Object { "moved `$(`$_.Id)" }
            `$ConfirmPreference = 'Low'
            '$(Get-TestId 3)' | Set-HandoffStatus Sent -Confirm:`$false | ForEach-Object { "moved `$(`$_.Id)" }
"@
        $said = "N`nY`nN`n" | pwsh -NoLogo -NoProfile -File $script
        @($said -like 'moved*') | Should -Be "moved $(Get-TestId 2)", "moved $(Get-TestId 3)"
        $text = $said -join "`n"
        $text | Should -BeLike "*Move Ready → Sent*SD-A-001*$(Get-TestId 1)*Move Ready → Sent*SD-B-002*$(Get-TestId 2)*Move 2 handoffs Ready → Preparing*"
        [regex]::Matches($text, '\[Y\]').Count | Should -Be 3
        Get-TestStatus 1, 2, 3 | Should -Be 'ready', 'sent', 'sent'
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
