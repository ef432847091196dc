# New-HandoffPreparation: what a new handoff is, what each bad row gets, and what comes back from lines of JSON.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-new'
    $sessionA = [guid](Invoke-TestSql "select md5('s1')::uuid")
    $sessionB = [guid](Invoke-TestSql "select md5('s2')::uuid")

    function Get-TestRow {
        # All columns of all rows as the database has them.
        Invoke-TestSql 'select h::text from public.exec_handoff_preparations h order by id'
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'One handoff' {
    BeforeEach {
        Reset-TestData
    }

    It 'is Preparing since now, for the one active session of the directive, and comes out as it stands' {
        $row = New-HandoffPreparation -SdId SD-A-001 -ImplementationSummary $awkward
        $row | Should -HaveCount 1
        $row | Should -BeOfType LeoPS.HandoffPreparation
        $row.Status, $row.SdKey, $row.SessionId, $row.ImplementationSummary | Should -Be 'Preparing', 'SD-A-001', $sessionA, $awkward
        $row.PreparedAt | Should -Be $row.UpdatedAt
        "$($row.QualityMetrics)", "$($row.TestResults)" | Should -Be '{}', '{}'
        "$($row.DemoUrl)$($row.KnownIssues)$($row.SentAt)" | Should -BeNullOrEmpty
        Get-HandoffPreparation -AsJson | Should -Be (Get-HandoffPreparation -Id $row.Id -AsJson)
        # It can go on at once.
        ($row | Set-HandoffStatus Ready).Status | Should -Be 'Ready'
    }

    It 'takes every column as a parameter' {
        $row = New-HandoffPreparation SD-B-002 -SessionId $sessionB -ImplementationSummary 's' -QualityMetrics @{ coverage = 82.5 } -TestResults '{"rate": 1.10}' `
            -PerformanceBenchmarks ([pscustomobject]@{ P95 = 1; p = $null }) -SecurityValidation '"text"' -AccessibilityCompliance 1, $null -DemoUrl 'd' -DocumentationUrl 'o' -TestReportUrl 't' `
            -DeliverablesManifest 'a', $null, 'b' -KnownIssues '["x", null]' -PostImplementationNotes 'n'
        "$($row.QualityMetrics)", "$($row.TestResults)", "$($row.PerformanceBenchmarks)", $row.SecurityValidation, $row.AccessibilityCompliance.ToString() |
            Should -Be '{"coverage": 82.5}', '{"rate": 1.10}', '{"p": null, "P95": 1}', 'text', '[1, null]'
        $row.DemoUrl, $row.DocumentationUrl, $row.TestReportUrl, $row.PostImplementationNotes | Should -Be 'd', 'o', 't', 'n'
        "$($row.DeliverablesManifest)", $row.DeliverablesManifest.ToString(), $row.KnownIssues.ToString() | Should -Be 'a  b', '["a",null,"b"]', '["x",null]'
    }

    It 'finds the directive by its key or its id, and takes the session''s where only that is named' {
        (New-HandoffPreparation SD-B-002 -ImplementationSummary 's').SdId | Should -Be '6e6fb2a1-0000-4000-8000-000000000002'
        (New-HandoffPreparation '6e6fb2a1-0000-4000-8000-000000000002' -ImplementationSummary 's').SdKey | Should -Be 'SD-B-002'
        (New-HandoffPreparation -SessionId $sessionB -ImplementationSummary 's').SdKey | Should -Be 'SD-B-002'
    }

    It 'makes a null column of $null, and the default of what is not given' {
        $row = New-HandoffPreparation SD-A-001 -ImplementationSummary 's' -QualityMetrics $null -DemoUrl $null -KnownIssues $null
        "$($row.QualityMetrics)$($row.DemoUrl)$($row.KnownIssues)" | Should -BeNullOrEmpty
        Invoke-TestSql "select quality_metrics is null and test_results = '{}' from public.exec_handoff_preparations" | Should -Be 't'
    }

    It 'takes a text for a list as its one element, and an array as it is' {
        (New-HandoffPreparation SD-A-001 -ImplementationSummary 's' -KnownIssues 'Slow; really').KnownIssues.ToString() | Should -Be '["Slow; really"]'
        (New-HandoffPreparation SD-A-001 -ImplementationSummary 's' -KnownIssues @('[Safari] slow')).KnownIssues.ToString() | Should -Be '["[Safari] slow"]'
    }

    It 'ends with its error and makes nothing: <Name>' -ForEach @(
        @{ Name = 'an empty summary'; With = @{ SdId = 'SD-A-001'; ImplementationSummary = '' }; Id = 'ValueOutOfRange'; Says = '*summary is empty*' }
        @{ Name = 'a blank summary'; With = @{ SdId = 'SD-A-001'; ImplementationSummary = " `n" }; Id = 'ValueOutOfRange'; Says = '*summary is empty*' }
        @{ Name = 'no summary'; With = @{ SdId = 'SD-A-001'; ImplementationSummary = $null }; Id = 'ValueOutOfRange'; Says = '*summary is empty*' }
        @{ Name = 'neither directive nor session'; With = @{ ImplementationSummary = 's' }; Id = 'ValueOutOfRange'; Says = '*-SdId*-SessionId*' }
        @{ Name = 'an unknown directive'; With = @{ SdId = 'SD-C-003'; ImplementationSummary = 's' }; Id = 'ReferenceNotFound'; Says = '*SD-C-003*' }
        @{ Name = 'a pattern'; With = @{ SdId = 'SD-*'; ImplementationSummary = 's' }; Id = 'InvalidIdentity'; Says = '*is a pattern*' }
        @{ Name = 'an unknown session'; With = @{ SessionId = [guid]'11111111-0000-0000-0000-000000000000'; ImplementationSummary = 's' }; Id = 'ReferenceNotFound'; Says = '*11111111-0000*' }
        @{ Name = 'another directive''s session'; With = @{ SdId = 'SD-B-002'; SessionId = 'A'; ImplementationSummary = 's' }; Id = 'ValueOutOfRange'; Says = '*belongs to*SD-A-001*-Force*' }
        @{ Name = 'broken JSON'; With = @{ SdId = 'SD-A-001'; ImplementationSummary = 's'; TestResults = '{"a":' }; Id = 'InvalidJson'; Says = '-TestResults is not valid JSON at line 1*' }
        @{ Name = 'a list that is begun and not ended'; With = @{ SdId = 'SD-A-001'; ImplementationSummary = 's'; KnownIssues = '["a"' }; Id = 'InvalidJson'; Says = '-KnownIssues*no JSON array*' }
        @{ Name = 'a list of objects'; With = @{ SdId = 'SD-A-001'; ImplementationSummary = 's'; KnownIssues = @(@{ a = 1 }) }; Id = 'ValueOutOfRange'; Says = '-KnownIssues*Hashtable*' }
        @{ Name = 'a NUL'; With = @{ SdId = 'SD-A-001'; ImplementationSummary = "a`0b" }; Id = 'ValueOutOfRange'; Says = 'ImplementationSummary holds a NUL*' }
    ) {
        if ($With['SessionId'] -eq 'A') { $With.SessionId = $sessionA }
        $outcome = Get-Outcome { New-HandoffPreparation @With }
        $outcome.Out | Should -BeNullOrEmpty
        $record = $outcome.Ended ? $outcome.Ended : $outcome.Errors[0]
        $record.FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $record.Exception.Message | Should -BeLike $Says
        Get-TestCount | Should -BeNullOrEmpty
    }

    It 'is for a directive that is not the session''s with -Force' {
        $row = New-HandoffPreparation SD-B-002 -SessionId $sessionA -ImplementationSummary 's' -Force
        $row.SdKey, $row.SessionId | Should -Be 'SD-B-002', $sessionA
    }

    It 'needs exactly one active session where none is named' {
        Invoke-TestSql "update public.exec_implementation_sessions set status = 'completed' where id = md5('s1')::uuid"
        $none = Get-Outcome { New-HandoffPreparation SD-A-001 -ImplementationSummary 's' }
        $none.Errors | Get-ErrorName | Should -Be 'ReferenceNotFound'
        $none.Errors[0].Exception.Message | Should -BeLike '*SD-A-001 has no active session*New-ImplementationSession*'
        Invoke-TestSql "drop index public.idx_exec_sessions_sd_active;
            insert into public.exec_implementation_sessions (id, sd_id, implementation_type) select md5('t' || n)::uuid, 'SD-A-001', 'GENERAL_FEATURE' from generate_series(1, 2) n"
        try {
            $two = Get-Outcome { New-HandoffPreparation SD-A-001 -ImplementationSummary 's' }
            $two.Errors[0].Exception.Message | Should -BeLike "*2 active sessions: *$(Invoke-TestSql "select md5('t1')::uuid")*-SessionId*"
        }
        finally {
            Invoke-TestSql "delete from public.exec_implementation_sessions; create unique index idx_exec_sessions_sd_active on public.exec_implementation_sessions using btree (sd_id) where (status = 'active'::text)"
        }
    }

    It 'refuses a script block for a text, whose source would be stored otherwise' {
        { New-HandoffPreparation SD-A-001 -ImplementationSummary { 's' } } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*' -ExpectedMessage '*Select-Object*'
    }

    It 'is only told with -WhatIf, which refuses what would be refused' {
        (Get-HostOutput { New-HandoffPreparation SD-A-001 -ImplementationSummary 's' -WhatIf }) -like '*"Create" on target "SD-A-001 handoff"*' | Should -HaveCount 1
        $null = Get-HostOutput -Outcome refused { New-HandoffPreparation SD-C-003 -ImplementationSummary 's' -WhatIf }
        $refused.Errors | Get-ErrorName | Should -Be 'ReferenceNotFound'
        Get-TestCount | Should -BeNullOrEmpty
    }
}

Describe 'Rows from the pipe' {
    BeforeEach {
        Reset-TestData
    }

    It 'may be objects, hashtables, JSON objects, rows of a CSV file and our own rows, in one pipe' {
        $csv = Join-Path $TestDrive 'rows.csv'
        @'
SdId,ImplementationSummary,QualityMetrics,KnownIssues,DemoUrl
SD-B-002,from csv,"{""coverage"": 71}","[""a"", ""b""]",
'@ | Set-Content -LiteralPath $csv
        $own = New-HandoffPreparation SD-A-001 -ImplementationSummary 'our own' -QualityMetrics '{"n": 1.10}' -KnownIssues 'k' | Set-HandoffStatus Ready
        $rows = @(
            [pscustomobject]@{ SdId = 'SD-A-001'; ImplementationSummary = 'object'; QualityMetrics = @{ coverage = 1 }; DeliverablesManifest = 'a', 'b' }
            @{ sdid = 'SD-B-002'; implementationsummary = 'hashtable'; TestResults = $null }
            [ordered]@{ SessionId = "$sessionB"; ImplementationSummary = 'ordered' }
            '{"SdId": "SD-A-001", "ImplementationSummary": "json", "QualityMetrics": {"big": 12345678901234567890}, "KnownIssues": ["x", null]}'
            '{"SdId": "SD-A-001", "ImplementationSummary": "converted"}' | ConvertFrom-Json
            Import-Csv -LiteralPath $csv
            $own
        )
        $made = @($rows | New-HandoffPreparation)
        $made.ImplementationSummary | Should -Be 'object', 'hashtable', 'ordered', 'json', 'converted', 'from csv', 'our own'
        $made.SdKey | Should -Be 'SD-A-001', 'SD-B-002', 'SD-B-002', 'SD-A-001', 'SD-A-001', 'SD-B-002', 'SD-A-001'
        $made | ForEach-Object { "$($_.QualityMetrics)" } | Should -Be '{"coverage": 1}', '{}', '{}', '{"big": 12345678901234567890}', '{}', '{"coverage": 71}', '{"n": 1.10}'
        $made | ForEach-Object { $_.KnownIssues ? $_.KnownIssues.ToString() : '' } | Should -Be '', '', '', '["x",null]', '', '["a","b"]', '["k"]'
        $made[1].TestResults | Should -BeNullOrEmpty
        $made[5].DemoUrl | Should -BeNullOrEmpty
        # A copy of a row is a new handoff.
        $made[6].Id | Should -Not -Be $own.Id
        $made[6].Status | Should -Be 'Preparing'
    }

    It 'may be an export of ours: its id, its status and its times are not taken over' {
        Reset-TestData -Count 3
        $csv = Join-Path $TestDrive 'export.csv'
        Get-HandoffPreparation | Export-Csv -LiteralPath $csv
        $made = @(Import-Csv -LiteralPath $csv | New-HandoffPreparation)
        $made | Should -HaveCount 3
        $made.ImplementationSummary | Should -Be (Get-HandoffPreparation -Status Ready).ImplementationSummary
        $made[0].DeliverablesManifest.ToString() | Should -BeLike '`["src/part*"`]'
        Get-TestCount | Should -Be 'preparing 3, ready 3'
        @(Get-HandoffPreparation -Status Ready -AsJson | New-HandoffPreparation -Summary).Changed | Should -Be 3
        (Start-Job { $args[0] } -ArgumentList (Get-HandoffPreparation -Status Ready -First 1) | Receive-Job -Wait -AutoRemoveJob | New-HandoffPreparation).Status | Should -Be 'Preparing'
    }

    It 'may be sessions and directives' {
        $session = Get-ImplementationSession -Id $sessionB
        $directive = Get-StrategicDirective SD-A-001
        $made = @($session, $directive | New-HandoffPreparation -ImplementationSummary 's')
        $made.SdKey | Should -Be 'SD-B-002', 'SD-A-001'
        $selected = @($session | Select-Object Id, @{ n = 'ImplementationSummary'; e = { "of $($_.SdId)" } }) + @($directive | Select-Object Id, @{ n = 'ImplementationSummary'; e = { $_.Title } })
        $made = @($selected | New-HandoffPreparation)
        $made.SdKey | Should -Be 'SD-B-002', 'SD-A-001'
        $made.ImplementationSummary | Should -Be 'of 6e6fb2a1-0000-4000-8000-000000000002', 'First directive'
    }

    It 'give each its own error, and the others are made' {
        $unknown = [guid]::NewGuid()
        $rows = @(
            [pscustomobject]@{ SdId = 'SD-A-001'; ImplementationSummary = 'first' }
            [pscustomobject]@{ SdId = 'SD-A-001'; ImplementationSummary = 'wrong column'; QualityMetric = '{}' }
            [pscustomobject]@{ SdId = 'SD-A-001'; ImplementationSummary = 'broken cell'; QualityMetrics = '{"a": 1' }
            [pscustomobject]@{ SessionId = $unknown; ImplementationSummary = 'unknown session' }
            [pscustomobject]@{ SdId = 'SD-X-999'; ImplementationSummary = 'unknown SD' }
            [pscustomobject]@{ SdId = 'SD-A-001'; ImplementationSummary = '' }
            [pscustomobject]@{ SdId = 'SD-A-001'; ImplementationSummary = 'list as text'; DeliverablesManifest = 'a.cs; b.cs' }
            [pscustomobject]@{ SdId = 'SD-B-002'; SessionId = $sessionA; ImplementationSummary = 'another session' }
            [pscustomobject]@{ SdId = 'SD-A-001'; SessionId = 'one'; ImplementationSummary = 'no GUID' }
            [pscustomobject]@{ SdId = 'SD-A-001'; ImplementationSummary = 'object as text'; DemoUrl = @{ a = 1 } }
            $null
            'text'
            '{"SdId": '
            42
            [guid]::NewGuid()
            [pscustomobject]@{ PSTypeName = 'LeoPS.FlowExecution'; Id = [guid]::NewGuid() }
            [pscustomobject]@{ SdId = 'SD-B-002'; ImplementationSummary = 'last' }
        )
        $outcome = Get-Outcome { $rows | New-HandoffPreparation }
        $outcome.Out.ImplementationSummary | Should -Be 'first', 'last'
        $outcome.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange', 'InvalidJson', 'ReferenceNotFound', 'ReferenceNotFound', 'ValueOutOfRange', 'InvalidJson', 'ValueOutOfRange', 'ValueOutOfRange',
        'ValueOutOfRange', 'InvalidIdentity', 'InvalidIdentity', 'InvalidJson', 'InvalidIdentity', 'InvalidIdentity', 'InvalidIdentity'
        $outcome.Errors[0..8].TargetObject | Should -Be $rows[1..9]
        $messages = $outcome.Errors.Exception.Message
        $messages[0] | Should -BeLike "*'QualityMetric'*Perhaps QualityMetrics is meant*"
        $messages[1] | Should -BeLike 'Column QualityMetrics is not valid JSON at line 1*'
        $messages[2] | Should -BeLike "*$unknown*"
        $messages[3] | Should -BeLike '*SD-X-999*'
        $messages[5] | Should -BeLike 'Column DeliverablesManifest*no JSON array*'
        $messages[14] | Should -BeLike 'A FlowExecution is no row*'
        $outcome.All[0].ImplementationSummary, $outcome.All[-1].ImplementationSummary | Should -Be 'first', 'last'
        Get-TestCount | Should -Be 'preparing 2'
    }

    It 'are overruled by parameters, whatever their own columns hold' {
        $made = [pscustomobject]@{ SdId = 'SD-X-999'; ImplementationSummary = 'mine'; QualityMetrics = '{broken'; DemoUrl = 'theirs' } |
            New-HandoffPreparation -SdId SD-A-001 -QualityMetrics @{ a = 1 } -DemoUrl $null
        $made.SdId, $made.ImplementationSummary, "$($made.QualityMetrics)" | Should -Be 'SD-A-001', 'mine', '{"a": 1}'
        $made.DemoUrl | Should -BeNullOrEmpty
    }

    It 'are seen by script blocks as $_, whose columns are then no mistake' {
        $rows = @(
            [pscustomobject]@{ SdId = 'SD-A-001'; ImplementationSummary = 'a'; Coverage = '71'; Issues = 'x; y' }
            [pscustomobject]@{ SdId = 'SD-B-002'; ImplementationSummary = 'b'; Coverage = 'none'; Issues = '' }
            [pscustomobject]@{ SdId = 'SD-B-002'; ImplementationSummary = 'c'; Coverage = '72'; Isues = '' }
        )
        $outcome = Get-Outcome { $rows | New-HandoffPreparation -QualityMetrics { @{ coverage = [int]$_.Coverage } } -KnownIssues { $_.Issues -split '; ' | Where-Object { $_ } } }
        "$($outcome.Out.QualityMetrics)", $outcome.Out[0].KnownIssues.ToString() | Should -Be '{"coverage": 71}', '["x","y"]'
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidJson', 'ValueOutOfRange'
        $outcome.Errors[0].Exception.Message | Should -BeLike '*-QualityMetrics failed for this row*'
        $outcome.Errors[1].Exception.Message | Should -BeLike "*'Isues'*KnownIssues*"
    }

    It 'come out in the order in which they went in, thousands of them, with the bad ones in their places' {
        $rows = foreach ($n in 1..3200) {
            [pscustomobject]@{ SdId = $n % 100 ? ('SD-A-001', 'SD-B-002')[$n % 2] : 'SD-X-999'; ImplementationSummary = "row $n"; QualityMetrics = @{ n = $n } }
        }
        $outcome = Get-Outcome { $rows | New-HandoffPreparation -BatchSize 500 }
        $came = $outcome.All | ForEach-Object { $_ -is [Management.Automation.ErrorRecord] ? $_.TargetObject.ImplementationSummary : $_.ImplementationSummary }
        [Linq.Enumerable]::SequenceEqual([string[]]$came, [string[]]$rows.ImplementationSummary) | Should -BeTrue
        $outcome.Errors | Should -HaveCount 32
        Get-TestCount | Should -Be 'preparing 3168'
        Invoke-TestSql "select count(*) from public.exec_handoff_preparations where implementation_summary = 'row ' || (quality_metrics ->> 'n')" | Should -Be 3168
    }

    It 'are all made or none with -Atomic' {
        $rows = @([pscustomobject]@{ SdId = 'SD-A-001'; ImplementationSummary = 'a' }, [pscustomobject]@{ SdId = 'SD-X-999'; ImplementationSummary = 'b' })
        $bad = Get-Outcome { $rows | New-HandoffPreparation -Atomic }
        $bad.Out | Should -BeNullOrEmpty
        $bad.Errors | Get-ErrorName | Should -Be 'ReferenceNotFound', 'BatchRolledBack'
        $early = Get-Outcome { $rows[0], [pscustomobject]@{ SdId = 'SD-A-001' } | New-HandoffPreparation -Atomic }
        $early.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange', 'BatchRolledBack'
        Get-TestCount | Should -BeNullOrEmpty
        @($rows[0], $rows[0] | New-HandoffPreparation -Atomic) | Should -HaveCount 2
        Get-TestCount | Should -Be 'preparing 2'
    }

    It 'are counted with -Summary, and none of an empty pipe is made' {
        $summary = [pscustomobject]@{ SdId = 'SD-A-001' }, [pscustomobject]@{ SdId = 'SD-A-001'; ImplementationSummary = 'a' } | New-HandoffPreparation -Summary -ErrorAction SilentlyContinue
        $summary.Total, $summary.Changed, $summary.FailedByErrorId['ValueOutOfRange'] | Should -Be 2, 1, 1
        @() | New-HandoffPreparation -SdId SD-A-001 -ImplementationSummary 'none' | Should -BeNullOrEmpty
        (@() | New-HandoffPreparation -Summary).Total | Should -Be 0
        Get-TestCount | Should -Be 'preparing 1'
    }

    It 'end at the first bad one with -ErrorAction Stop and -BatchSize 1' {
        $rows = 'SD-A-001', 'SD-X-999', 'SD-B-002' | ForEach-Object { @{ SdId = $_; ImplementationSummary = 's' } }
        { $rows | New-HandoffPreparation -BatchSize 1 -ErrorAction Stop } | Should -Throw -ErrorId 'ReferenceNotFound,*'
        Get-TestCount | Should -Be 'preparing 1'
    }

    It 'go on through the pipe' {
        $moved = 1..5 | ForEach-Object { @{ SdId = 'SD-A-001'; ImplementationSummary = "s$_" } } | New-HandoffPreparation | Set-HandoffStatus Ready | Set-HandoffStatus Sent
        $moved.ImplementationSummary | Should -Be 's1', 's2', 's3', 's4', 's5'
        Get-TestCount | Should -Be 'sent 5'
    }
}

Describe '-FromJson' {
    BeforeEach {
        Reset-TestData -Count 5 -Status sent
        Invoke-TestSql @'
update public.exec_handoff_preparations set quality_metrics = '{"big": 1e400, "a": 0.1, "b": 1.10, "c": 12345678901234567890, "K": 1, "k": 2}', test_results = null,
       performance_benchmarks = 'null', security_validation = '[1, "2", null]', known_issues = array['a', null, '', 'NULL', '"', '\'], sent_at = '2026-01-10 03:37:46.396001Z',
       post_implementation_notes = E'line\nline\r\t🚀', updated_at = '2026-02-01 00:00:00.000001Z' where id = md5('h2')::uuid;
update public.exec_handoff_preparations set handoff_status = 'accepted', implementation_summary = '', prepared_at = null, response_at = '9999-12-31 23:59:59.999999Z', created_at = null, updated_at = null, deliverables_manifest = '{}'
where id = md5('h3')::uuid
'@
        $before = Get-TestRow
        $lines = Get-HandoffPreparation -AsJson
    }

    It 'puts back rows as they were, every column, through a file' {
        $file = Join-Path $TestDrive 'rows.jsonl'
        $lines | Set-Content -LiteralPath $file
        Invoke-TestSql 'delete from public.exec_handoff_preparations'
        $back = Get-Content -LiteralPath $file | New-HandoffPreparation -FromJson
        Get-TestRow | Should -Be $before
        $back | Should -HaveCount 5
        $back.Id | Should -Be ($lines | ForEach-Object { [guid]($_ -replace '^{"Id":"([^"]*)".*', '$1') })
        $back[0].Status | Should -BeIn 'Sent', 'Accepted'
    }

    It 'leaves a row alone that is there already, and puts back the others' {
        Invoke-TestSql "delete from public.exec_handoff_preparations where id <> md5('h2')::uuid"
        $outcome = Get-Outcome { $lines | New-HandoffPreparation -FromJson }
        $outcome.Out | Should -HaveCount 4
        $outcome.Errors | Get-ErrorName | Should -Be 'StatusConflict'
        $outcome.Errors[0].Exception.Message | Should -BeLike "*$(Get-TestId 2)*Remove-HandoffPreparation*"
        Get-TestRow | Should -Be $before
        # The same line twice in one pipe: the first counts.
        Invoke-TestSql 'delete from public.exec_handoff_preparations'
        (Get-Outcome { $lines[0], $lines[0] | New-HandoffPreparation -FromJson }).Errors | Get-ErrorName | Should -Be 'StatusConflict'
    }

    It 'gives each line that is none its own error, and passes over blank ones' {
        Invoke-TestSql 'delete from public.exec_handoff_preparations'
        $row = [pscustomobject]@{ Id = [guid]::NewGuid() }
        $other = ($lines[1] -replace '"SdId":"[^"]*"', '"SdId":"SD-GONE"'), ($lines[4] -replace '"SessionId":"[^"]*"', """SessionId"":""$(Get-TestId 9)""")
        $outcome = Get-Outcome { '', $lines[2], 'no json', '[1]', $row, '{}', ($lines[3] -replace '"DeliverablesManifest"', '"Deliverables"'), $null, $other, $lines[0] | ForEach-Object { $_ } | New-HandoffPreparation -FromJson }
        $outcome.Out | Should -HaveCount 2
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidJson', 'InvalidJson', 'InvalidJson', 'InvalidIdentity', 'ValueOutOfRange', 'InvalidJson', 'ReferenceNotFound', 'ReferenceNotFound'
        $outcome.Errors[2].Exception.Message | Should -BeLike '*Pipe the lines themselves*'
    }

    It 'puts back all or none with -Atomic, says with -WhatIf what it would, and takes no values beside' {
        Invoke-TestSql "delete from public.exec_handoff_preparations where id <> md5('h2')::uuid"
        (Get-Outcome { $lines | New-HandoffPreparation -FromJson -Atomic }).Errors | Get-ErrorName | Should -Be 'StatusConflict', 'BatchRolledBack'
        $said = Get-HostOutput -Outcome rehearsed { $lines | New-HandoffPreparation -FromJson -WhatIf }
        @($said -like '*Put back as*') | Should -HaveCount 4
        $rehearsed.Errors | Get-ErrorName | Should -Be 'StatusConflict'
        Get-TestCount | Should -Be 'sent 1'
        { $lines | New-HandoffPreparation -FromJson -DemoUrl 'x' } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
    }

    It 'puts back ten thousand rows to the byte' {
        Reset-TestData -Count 10000
        Invoke-TestSql "update public.exec_handoff_preparations set quality_metrics = case length(implementation_summary) % 3 when 0 then null when 1 then 'null' else jsonb_build_object('n', random()::numeric, 'e', 1e400) end,
            known_issues = case when random() < 0.3 then array['a', null, E'q""\\\\'] end, sent_at = now() - random() * interval '1 year', handoff_status = (array['preparing', 'ready', 'sent', 'accepted', 'rejected'])[1 + floor(random() * 5)::int]"
        $print = "select count(*) || ' ' || md5(string_agg(h::text, '' order by id)) from public.exec_handoff_preparations h"
        $before = Invoke-TestSql $print
        $file = Join-Path $TestDrive 'many.jsonl'
        Get-HandoffPreparation -AsJson | Set-Content -LiteralPath $file
        Invoke-TestSql 'delete from public.exec_handoff_preparations'
        (Get-Content -LiteralPath $file | New-HandoffPreparation -FromJson -Summary).Changed | Should -Be 10000
        Invoke-TestSql $print | Should -Be $before
    }
}

Describe 'Who may' {
    It 'makes handoffs as service_role, and is Forbidden as authenticated' {
        Reset-TestData
        foreach ($role in 'service_role', 'authenticated') {
            Invoke-TestSql "do `$`$ begin if not exists (select from pg_roles where rolname = 'pester_$role') then create role pester_$role login inherit password 'of these tests alone' in role $role; end if; end `$`$"
            $null = Connect-LeoDatabase -Uri ($server.Uri -replace '//[^@]*@', "//pester_${role}:of%20these%20tests%20alone@") -Name "pester-$role"
        }
        try {
            (New-HandoffPreparation SD-A-001 -ImplementationSummary 's' -Connection pester-service_role).Status | Should -Be 'Preparing'
            $outcome = Get-Outcome { New-HandoffPreparation SD-A-001 -ImplementationSummary 's' -Connection pester-authenticated }
            $outcome.Errors | Get-ErrorName | Should -Be 'Forbidden'
            $outcome.Errors[0].Exception.Message | Should -BeLike '*Role pester_authenticated*service_role*'
            Get-TestCount | Should -Be 'preparing 1'
        }
        finally {
            Disconnect-LeoDatabase pester-service_role
            Disconnect-LeoDatabase pester-authenticated
            $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-new'
        }
    }
}
