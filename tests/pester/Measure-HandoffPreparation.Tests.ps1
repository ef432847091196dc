# Measure-HandoffPreparation: what only PowerShell shows. The figures themselves are compared with a model in tests/postgres.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-measure'

    # Handoff n was prepared on day n of 2026, which begins on a Thursday.
    function Reset-Measured {
        Reset-TestData -Count 8
        Invoke-TestSql "update public.exec_handoff_preparations h set handoff_status = k.status, prepared_at = timestamptz '2026-01-01 06:00Z' + (k.n - 1) * interval '1 day',
                sent_at = case when k.status in ('sent', 'accepted', 'rejected') then timestamptz '2026-01-01 08:00Z' + (k.n - 1) * interval '1 day' end,
                response_at = case when k.status in ('accepted', 'rejected') then timestamptz '2026-01-01 11:00Z' + (k.n - 1) * interval '1 day' end
            from unnest(array['rejected', 'accepted', 'accepted', 'rejected', 'ready', 'sent', 'preparing', 'preparing']) with ordinality k(status, n)
            where h.id = md5('h' || k.n)::uuid"
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Measures' -Tag Core {
    BeforeAll {
        Reset-Measured
    }

    It 'are one object for all without -GroupBy' {
        $all = Measure-HandoffPreparation
        $all | Should -HaveCount 1
        $all | Should -BeOfType LeoPS.HandoffMeasure
        $all.Count, $all.Accepted, $all.Rejections, $all.AcceptanceRate | Should -Be 8, 2, 2, 0.5
        $all.PreparedToSentMean, $all.PreparedToSentP50, $all.PreparedToSentP95 | Should -Be (@([timespan]'02:00') * 3)
        $all.SentToAnsweredP50 | Should -BeOfType timespan
        $all.AttemptsToAcceptance | Should -Be 1.5
        # From 11:00 of day 1 to 06:00 of day 3, and from day 4 to day 6.
        $all.HoursBlocked | Should -Be 86
        $all.Basis | Should -Be 'Rows'
        $all.Status, $all.SdId, $all.SessionId, $all.Day, $all.Week | Where-Object { $null -ne $_ } | Should -BeNullOrEmpty
    }

    It 'are one object for each group that has any, under the name of the parameter: <_>' -ForEach 'Status', 'SdId', 'SessionId', 'Day', 'Week' {
        $groups = @(Measure-HandoffPreparation -GroupBy $_)
        ($groups | Measure-Object Count -Sum).Sum | Should -Be 8
        $groups.$_ | Where-Object { $null -eq $_ } | Should -BeNullOrEmpty
        @($groups.$_ | Select-Object -Unique).Count | Should -Be $groups.Count
    }

    It 'come in the order of the groups, by several of them, named in any case and once' {
        $groups = Measure-HandoffPreparation sdid, STATUS, SdId
        $groups | ForEach-Object { "$($_.SdKey) $($_.Status) $($_.Count)" } |
            Should -Be 'SD-B-002 Preparing 1', 'SD-B-002 Sent 1', 'SD-B-002 Accepted 1', 'SD-B-002 Rejected 1', 'SD-A-001 Preparing 1', 'SD-A-001 Ready 1', 'SD-A-001 Accepted 1', 'SD-A-001 Rejected 1'
        $weeks = Measure-HandoffPreparation -GroupBy Week
        $weeks.Week | ForEach-Object ToString 'o' | Should -Be '2025-12-29T00:00:00.0000000+00:00', '2026-01-05T00:00:00.0000000+00:00'
        $weeks.ForEach('Count') | Should -Be 4, 4
    }

    It 'take the filters of Get-HandoffPreparation: <Name>' -ForEach @(
        @{ Name = '-SdId'; With = @{ SdId = 'sd-a*' } }
        @{ Name = '-SdId, a key'; With = @{ SdId = 'SD-B-002' } }
        @{ Name = '-Status'; With = @{ Status = 'Sent', 'rejected' } }
        @{ Name = '-After'; With = @{ After = '2026-01-03Z' } }
        @{ Name = '-Before'; With = @{ Before = '2026-01-03Z' } }
        @{ Name = 'all of them'; With = @{ SdId = 'SD-A*'; Status = 'Accepted'; After = '2026-01-02Z'; Before = '2026-01-05Z' } }
        @{ Name = 'a filter that leaves nothing'; With = @{ After = '2030-01-01Z' } }
    ) {
        $expected = @(Get-HandoffPreparation @With).Count
        (Measure-HandoffPreparation @With).Count | Should -Be $expected
        $sum = 0
        Measure-HandoffPreparation -GroupBy Status @With | ForEach-Object { $sum += $_.Count }
        $sum | Should -Be $expected
    }

    It 'take -SessionId' {
        (Measure-HandoffPreparation -SessionId (Invoke-TestSql "select md5('s1')::uuid")).Count | Should -Be 4
    }

    It 'of nothing are one object, or no group' {
        $nothing = Measure-HandoffPreparation -Before '1999-01-01Z'
        $nothing.Count, $nothing.HoursBlocked | Should -Be 0, 0
        $nothing.AcceptanceRate, $nothing.PreparedToSentMean, $nothing.AttemptsToAcceptance | Where-Object { $null -ne $_ } | Should -BeNullOrEmpty
        Measure-HandoffPreparation -GroupBy Status, Week -Before '1999-01-01Z' | Should -BeNullOrEmpty
    }

    It 'survive CSV and a job' {
        $csv = Measure-HandoffPreparation -GroupBy Status | ConvertTo-Csv | ConvertFrom-Csv
        $csv.Status | Should -Be 'Preparing', 'Ready', 'Sent', 'Accepted', 'Rejected'
        ($csv | Measure-Object Count -Sum).Sum | Should -Be 8
        $text = [System.Management.Automation.PSSerializer]::Serialize((Measure-HandoffPreparation), 3)
        [System.Management.Automation.PSSerializer]::Deserialize($text).PreparedToSentP50 | Should -Be ([timespan]'02:00')
    }
}

Describe 'What is refused' -Tag Core {
    BeforeAll {
        Reset-Measured
    }

    It 'is a group that is none, a number, or several in one text: <Given>' -ForEach @(
        @{ Given = 'Month' }, @{ Given = 3 }, @{ Given = 'Status,SdId' }, @{ Given = 'Sta' }, @{ Given = $null }
    ) {
        $outcome = Get-Outcome { Measure-HandoffPreparation -GroupBy $Given }
        $outcome.Ended | Get-ErrorName | Should -Be 'ParameterArgumentTransformationError'
        $outcome.Ended.Exception.Message | Should -Match "is not a group\. Allowed are Status, SdId, SessionId, Day, Week"
    }

    It 'is an SD that nobody knows, beside the figures of the others; a wildcard is not' {
        $outcome = Get-Outcome { Measure-HandoffPreparation -SdId 'SD-A-001', 'SD-NONE-1' }
        $outcome.Out[0].Count | Should -Be 4
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound'
        $outcome.Errors[0].TargetObject | Should -Be 'SD-NONE-1'
        (Get-Outcome { Measure-HandoffPreparation -SdId 'SD-NONE*' }).Errors | Should -BeNullOrEmpty
    }

    It 'is a database without the table' {
        $null = Invoke-TestSql 'drop database if exists measure_none with (force); create database measure_none'
        $bare = Connect-LeoDatabase ($server.Uri -replace '/leops$', '/measure_none') -Name 'pester-measure-none'
        try {
            (Get-Outcome { Measure-HandoffPreparation -Connection $bare }).Ended | Get-ErrorName | Should -Be 'SchemaMissing'
        }
        finally {
            Disconnect-LeoDatabase $bare
            $null = Invoke-TestSql 'drop database measure_none with (force)'
            $null = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-measure'
        }
    }

    It 'is a statement that takes too long' {
        $held = Open-TestTransaction 'lock table public.exec_handoff_preparations in access exclusive mode;'
        try {
            (Get-Outcome { Measure-HandoffPreparation -CommandTimeout 300ms }).Ended | Get-ErrorName | Should -Be 'CommandTimedOut'
            (Get-Outcome { Measure-HandoffPreparation -LockTimeout 300ms }).Ended | Get-ErrorName | Should -Be 'RowLocked'
        }
        finally {
            Close-TestTransaction $held
        }
    }
}

Describe 'What is shown' -Tag Core {
    BeforeAll {
        Reset-Measured
    }

    It 'fits 120 columns and names the group in short: <Group>' -ForEach @(
        @{ Group = @(); First = 'all' }
        @{ Group = 'Week', 'Status'; First = '2026-W01 Preparing|2026-W01 Accepted' }
        @{ Group = 'SdId', 'Day'; First = 'SD-B-002 2026-01-02' }
        @{ Group = 'SessionId'; First = '[0-9a-f]{8}' }
    ) {
        Invoke-TestSql "update public.exec_handoff_preparations set sent_at = prepared_at + interval '399 days 23:59:59' where id = md5('h6')::uuid"
        $text = (Measure-HandoffPreparation -GroupBy $Group | Out-String -Width 120) -replace "`e\[[0-9;]*m"
        $lines = $text -split '\r?\n' | Where-Object { $_.Trim() }
        $lines | Where-Object Length -GT 120 | Should -BeNullOrEmpty
        $lines[0].Trim() -split '\s{2,}|(?<=[a-z5]) ' | Select-Object -First 2 | Should -Be 'Group', 'Count'
        $lines[2] | Should -Match "^\s*($First)\s"
    }

    It 'has a dash for handoffs that have no such time' {
        Invoke-TestSql "update public.exec_handoff_preparations set prepared_at = 'infinity' where id = md5('h8')::uuid"
        (Measure-HandoffPreparation -GroupBy Day | Out-String -Width 120) -replace "`e\[[0-9;]*m" -split '\r?\n' | Where-Object { $_ -match '^-\s+1\s' } | Should -HaveCount 1
    }

    It 'has every figure in the list, and the groups that were asked for' {
        $list = (Measure-HandoffPreparation -GroupBy SdId | Select-Object -First 1 | Format-List | Out-String -Width 120) -replace "`e\[[0-9;]*m"
        $names = [LeoPS.HandoffMeasure].GetProperties().Name
        foreach ($name in $names | Where-Object { $_ -notin 'Status', 'SessionId', 'Day', 'Week' }) {
            $list | Should -Match "(?m)^$name\s*:"
        }
        $list | Should -Not -Match '(?m)^(Status|SessionId|Day|Week)\s*:'
    }

    It 'tells what the statement does, its rows and its time on the verbose stream, and no value' {
        $outcome = Get-Outcome { Measure-HandoffPreparation -GroupBy Status -SdId 'SD-A*' -Verbose }
        $outcome.Verbose -join "`n" | Should -Match 'measure handoffs: 4 rows, \d+ ms'
        $outcome.Verbose -join "`n" | Should -Not -Match 'SD-A'
    }
}

Describe 'Measures with a history' -Tag Core {
    BeforeAll {
        # A server's history stays: the database of this one is its own.
        $null = Invoke-TestSql 'drop database if exists measured_history with (force)'
        $null = Invoke-TestSql 'create database measured_history'
        $own = Connect-LeoDatabase ($server.Uri -replace '/leops(?=\?|$)', '/measured_history') -Name measured-history
        $null = Install-LeoSchema -WithHistory -Connection $own
        $PSDefaultParameterValues['*-*Handoff*:Connection'] = $own
        $PSDefaultParameterValues['New-StrategicDirective:Connection'] = $own
        $PSDefaultParameterValues['New-ImplementationSession:Connection'] = $own
    }

    AfterAll {
        $PSDefaultParameterValues.Clear()
        Disconnect-LeoDatabase $own
    }

    It 'count a rejection that was sent back, the attempt after it, and say what they were counted from' {
        $null = New-StrategicDirective -SdKey SD-HISTORY-1 -Title t -Category c -Priority high -Description d -Rationale r -Scope s
        $null = New-ImplementationSession -SdId SD-HISTORY-1 -ImplementationType GENERAL_FEATURE
        $h = New-HandoffPreparation -SdId SD-HISTORY-1 -ImplementationSummary 'What was done, and how it was tried'
        $h = $h | Set-HandoffStatus Ready | Set-HandoffStatus Sent | Set-HandoffStatus Rejected -Reason 'no tests'
        $h = $h | Set-HandoffStatus Preparing | Set-HandoffStatus Ready | Set-HandoffStatus Sent | Set-HandoffStatus Accepted
        $all = Measure-HandoffPreparation
        $all.Basis, $all.Count, $all.Accepted, $all.Rejections, $all.AcceptanceRate, $all.AttemptsToAcceptance, $all.StillBlocked | Should -Be 'History', 1, 1, 1, 0.5, 2, 0
        $all.HoursBlocked | Should -BeGreaterThan 0
        $all.HoursBlocked | Should -BeLessThan 0.1
        Get-HandoffHistory -Id $h.Id | Where-Object { $_.From -eq 'Rejected' -or $_.To -eq 'Rejected' } | Should -HaveCount 2
    }
}
