# Set-HandoffStatus: what moves, what is stamped, and what of it stands in the table afterwards.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-set'
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Moving handoffs' -Tag Core {
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

Describe '-RequireVerdict' -Tag Core {
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
        $outcome = Get-Outcome { $given | Set-HandoffStatus Ready -RequireVerdict Warning }
        $outcome.Out.Id | Should -Be (Get-TestId 2)
        $outcome.Errors | Get-ErrorName | Should -Be 'NotReady', 'NotReady'
        $outcome.Errors[0].TargetObject | Should -Be $given[0]
        $outcome.Errors[0].Exception.Message | Should -BeLike '*Summary*; *'
        Get-TestCount | Should -Be 'preparing 3, ready 1'
    }

    It 'leaves unknown ids and stale objects their own errors' {
        $stale = Get-TestId 2 | Get-HandoffPreparation
        Invoke-TestSql "update public.exec_handoff_preparations set demo_url = 'x' where id = md5('h2')::uuid"
        (Get-Outcome { $stale, [guid]::NewGuid() | Set-HandoffStatus Ready -RequireVerdict Warning }).Errors | Get-ErrorName | Should -Be 'StatusConflict', 'NotFound'
        Get-TestCount | Should -Be 'preparing 4'
    }

    It 'moves none where one is not ready with -Atomic, nor with -WhatIf' {
        $outcome = Get-Outcome { (Get-TestId 2), (Get-TestId 3) | Set-HandoffStatus Ready -RequireVerdict Warning -Atomic }
        $outcome.Errors | Get-ErrorName | Should -Be 'NotReady', 'BatchRolledBack'
        $outcome.Out | Should -BeNullOrEmpty
        (Get-Outcome { Get-TestId 1 | Set-HandoffStatus Ready -RequireVerdict Warning -WhatIf }).Errors | Get-ErrorName | Should -Be 'NotReady'
        Get-TestCount | Should -Be 'preparing 4'
    }

    It 'says which findings it let through' {
        Invoke-TestSql "update public.exec_handoff_preparations set known_issues = array['None'] where id = md5('h2')::uuid"
        $moved = Get-TestId 2 | Set-HandoffStatus Ready -RequireVerdict Warning -WarningVariable warnings -WarningAction SilentlyContinue
        $moved.Status | Should -Be 'Ready'
        "$warnings" | Should -BeLike '*passed with warnings*KnownIssues*'
    }

    It 'refuses warnings where Pass is required' {
        Invoke-TestSql "update public.exec_handoff_preparations set known_issues = array['None'] where id = md5('h2')::uuid"
        (Get-Outcome { Get-TestId 2 | Set-HandoffStatus Ready -RequireVerdict Pass }).Errors | Get-ErrorName | Should -Be 'NotReady'
        Invoke-TestSql "update public.exec_handoff_preparations set known_issues = array['The first export after a restart takes eight seconds.'] where id = md5('h2')::uuid"
        (Get-TestId 2 | Set-HandoffStatus Ready -RequireVerdict pass).Status | Should -Be 'Ready'
    }

    It 'takes Pass and Warning and no other verdict: <_>' -ForEach 'Blocked', '0', 1, 'pa', 'Pass,Warning', '' {
        { Get-TestId 2 | Set-HandoffStatus Ready -RequireVerdict $_ } | Should -Throw '*Allowed are Pass, Warning*' -ErrorId 'ParameterArgumentTransformationError,*'
    }

    It 'is not for a selection on the server' {
        { Set-HandoffStatus Ready -CurrentStatus Preparing -RequireVerdict Warning } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
    }
}

Describe '-Reason' -Tag Core {
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

Describe '-WhatIf and -Confirm' -Tag Core {
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
