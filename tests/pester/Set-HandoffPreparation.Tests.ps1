# Set-HandoffPreparation: what is edited, merged, appended and cleared, whose change wins, and what each bad row gets.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-edit'
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Editing' {
    BeforeEach {
        Reset-TestData -Count 4 -Status sent
    }

    It 'writes what is given to piped objects, leaves the rest, stamps updated_at, and returns them' {
        Invoke-TestSql "update public.exec_handoff_preparations set updated_at = '2020-01-01Z', sent_at = '2020-01-02Z'"
        $before = @(Get-HandoffPreparation)
        $after = @($before | Set-HandoffPreparation -ImplementationSummary $awkward -QualityMetrics @{ coverage = 90.5 } -DemoUrl 'https://demo' -KnownIssues 'a', $null)
        $after.Id | Should -Be $before.Id
        $after.ImplementationSummary | Select-Object -Unique | Should -Be $awkward
        $after | ForEach-Object { "$($_.QualityMetrics)|$($_.DemoUrl)|$($_.KnownIssues.ToString())|$($_.Status)" } | Select-Object -Unique | Should -Be '{"coverage": 90.5}|https://demo|["a",null]|Sent'
        $after.DeliverablesManifest | ForEach-Object ToString | Should -Be ($before.DeliverablesManifest | ForEach-Object ToString)
        Invoke-TestSql "select count(*) from public.exec_handoff_preparations where updated_at > now() - interval '1 minute' and sent_at = '2020-01-02Z'" | Should -Be 4
        # The objects that went in are what they were; what came out can be edited on.
        $before[0].DemoUrl | Should -BeNullOrEmpty
        ($after | Set-HandoffPreparation -DemoUrl 'again').DemoUrl | Select-Object -Unique | Should -Be 'again'
    }

    It 'takes ids, by -Id and from the pipe, and says on the verbose stream that nothing guards them' {
        (Set-HandoffPreparation -Id (Get-TestId 3), (Get-TestId 1) -DemoUrl 'd').Id | Should -Be (Get-TestId 3), (Get-TestId 1)
        $outcome = Get-Outcome { (Get-TestId 2), "$(Get-TestId 4)" | Set-HandoffPreparation -DemoUrl 'e' -Verbose }
        $outcome.Out.Id | Should -Be (Get-TestId 2), (Get-TestId 4)
        $outcome.Verbose -join "`n" | Should -BeLike '*bare ids*no guard*'
    }

    It 'clears every column but the summary with $null' {
        $null = Get-HandoffPreparation | Set-HandoffPreparation -DemoUrl 'd' -DocumentationUrl 'o' -TestReportUrl 't' -PostImplementationNotes 'n' -KnownIssues 'k'
        $null = Get-HandoffPreparation | Set-HandoffPreparation -QualityMetrics $null -TestResults $null -PerformanceBenchmarks $null -SecurityValidation $null -AccessibilityCompliance $null -DemoUrl $null `
            -DocumentationUrl $null -TestReportUrl $null -DeliverablesManifest $null -KnownIssues $null -PostImplementationNotes $null
        Invoke-TestSql 'select count(*) from public.exec_handoff_preparations where num_nulls(quality_metrics, test_results, performance_benchmarks, security_validation, accessibility_compliance,
            demo_url, documentation_url, test_report_url, deliverables_manifest, known_issues, post_implementation_notes) = 11' | Should -Be 4
    }

    It 'merges the keys of JSON objects with -Merge, and replaces documents without' {
        Invoke-TestSql "update public.exec_handoff_preparations set quality_metrics = '{""coverage"": 70, ""nested"": {""a"": 1}}', test_results = null"
        $row = Get-HandoffPreparation -Id (Get-TestId 1) | Set-HandoffPreparation -QualityMetrics @{ lint = 0; nested = @{ b = 2 } } -TestResults @{ n = 1 } -Merge
        "$($row.QualityMetrics)", "$($row.TestResults)" | Should -Be '{"lint": 0, "nested": {"b": 2}, "coverage": 70}', '{"n": 1}'
        "$((Get-TestId 2 | Set-HandoffPreparation -QualityMetrics @{ lint = 0 }).QualityMetrics)" | Should -Be '{"lint": 0}'
        $rows = Get-HandoffPreparation -Id (Get-TestId 3), (Get-TestId 4) | Set-HandoffPreparation -QualityMetrics { @{ summary = $_.ImplementationSummary.Length } } -Merge
        $rows.QualityMetrics.summary | Should -Be 20, 20
        $rows.QualityMetrics.coverage | Should -Be 70, 70
    }

    It 'adds to the two lists with -Append, and replaces them without' {
        $row = Get-HandoffPreparation -Id (Get-TestId 1) | Set-HandoffPreparation -DeliverablesManifest 'docs/new.md' -KnownIssues '["x", "y"]' -Append
        $row.DeliverablesManifest.ToString(), $row.KnownIssues.ToString() | Should -Be '["src/part1.cs","docs/new.md"]', '["x","y"]'
        (Get-TestId 1 | Set-HandoffPreparation -KnownIssues 'z' -Append).KnownIssues | Should -Be 'x', 'y', 'z'
        (Get-TestId 1 | Set-HandoffPreparation -KnownIssues 'only').KnownIssues | Should -Be 'only'
    }

    It 'ends with its error and writes nothing: <Name>' -ForEach @(
        @{ Name = 'nothing to change'; With = @{}; Id = 'ValueOutOfRange'; Says = 'Nothing to change was given*-KnownIssues*' }
        @{ Name = 'an empty summary'; With = @{ ImplementationSummary = '' }; Id = 'ValueOutOfRange'; Says = '*summary is empty*' }
        @{ Name = 'no summary'; With = @{ ImplementationSummary = $null }; Id = 'ValueOutOfRange'; Says = '*summary is empty*' }
        @{ Name = 'broken JSON'; With = @{ TestResults = '{' }; Id = 'InvalidJson'; Says = '-TestResults*line 1*' }
        @{ Name = 'an array to merge'; With = @{ TestResults = @(1, 2); Merge = $true }; Id = 'InvalidJson'; Says = 'TestResults*no object*-Merge*' }
        @{ Name = 'nothing to merge'; With = @{ TestResults = $null; Merge = $true }; Id = 'ValueOutOfRange'; Says = 'TestResults is null*-Merge*' }
        @{ Name = 'nothing to append'; With = @{ KnownIssues = $null; Append = $true }; Id = 'ValueOutOfRange'; Says = 'KnownIssues is null*-Append*' }
        @{ Name = 'a NUL'; With = @{ DemoUrl = "a`0" }; Id = 'ValueOutOfRange'; Says = 'DemoUrl holds a NUL*' }
    ) {
        $outcome = Get-Outcome { Set-HandoffPreparation -Id (Get-TestId 1) @With }
        $outcome.Out | Should -BeNullOrEmpty
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $outcome.Ended.Exception.Message | Should -BeLike $Says
        Invoke-TestSql 'select count(*) from public.exec_handoff_preparations where updated_at <> created_at' | Should -Be 0
    }

    It 'reports objects for which nothing to change is given, and refuses a script block for a text' {
        (Get-Outcome { Get-HandoffPreparation | Set-HandoffPreparation }).Errors | Get-ErrorName | Should -Be (@('ValueOutOfRange') * 4)
        { Get-TestId 1 | Set-HandoffPreparation -DemoUrl { 'x' } } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
    }

    It 'says with -WhatIf what it would edit, refuses what would be refused, and writes nothing' {
        Invoke-TestSql "update public.exec_handoff_preparations set quality_metrics = '[1]' where id = md5('h2')::uuid"
        $stale = Get-HandoffPreparation -Id (Get-TestId 3)
        Invoke-TestSql "update public.exec_handoff_preparations set demo_url = 'theirs' where id = md5('h3')::uuid"
        $said = Get-HostOutput -Outcome outcome { (Get-TestId 1), (Get-TestId 2), $stale, [guid]::NewGuid() | Set-HandoffPreparation -QualityMetrics @{ a = 1 } -DemoUrl 'd' -Merge -WhatIf }
        @($said -like "*""Edit QualityMetrics, DemoUrl"" on target ""SD-A-001 handoff $(Get-TestId 1)""*") | Should -HaveCount 1
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidJson', 'EditConflict', 'NotFound'
        $outcome.Out | Should -BeNullOrEmpty
        Invoke-TestSql "select count(*) from public.exec_handoff_preparations where demo_url = 'd'" | Should -Be 0
    }

    It 'edits all or none with -Atomic, and counts with -Summary' {
        $outcome = Get-Outcome { (Get-TestId 1), [guid]::NewGuid(), (Get-TestId 2) | Set-HandoffPreparation -DemoUrl 'd' -Atomic }
        $outcome.Out | Should -BeNullOrEmpty
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound', 'BatchRolledBack'
        @((Get-TestId 2), (Get-TestId 1) | Set-HandoffPreparation -DemoUrl 'd' -Atomic).Id | Should -Be (Get-TestId 2), (Get-TestId 1)
        $summary = (Get-TestId 3), [guid]::NewGuid() | Set-HandoffPreparation -DemoUrl 'd' -Summary -ErrorAction SilentlyContinue
        $summary.Changed, $summary.Failed | Should -Be 1, 1
    }
}

Describe 'Rows that bring their own edits' {
    BeforeEach {
        Reset-TestData -Count 4
    }

    It 'may be an export that somebody edited, guarded by its version' {
        $csv = Join-Path $TestDrive 'edited.csv'
        Get-HandoffPreparation | Export-Csv -LiteralPath $csv
        $rows = @(Import-Csv -LiteralPath $csv)
        $rows[0].DemoUrl = 'https://first'
        $rows[1].KnownIssues = '["found by hand"]'
        $rows[2].QualityMetrics = '{"coverage": 1.10}'
        Invoke-TestSql "update public.exec_handoff_preparations set demo_url = 'theirs' where id = '$($rows[3].Id)'"
        $outcome = Get-Outcome { $rows | Set-HandoffPreparation }
        $outcome.Out | Should -HaveCount 3
        $outcome.Out[0].DemoUrl, $outcome.Out[1].KnownIssues.ToString(), "$($outcome.Out[2].QualityMetrics)" | Should -Be 'https://first', '["found by hand"]', '{"coverage": 1.10}'
        $outcome.Out.ImplementationSummary | Should -Be $rows[0..2].ImplementationSummary
        $outcome.Errors | Get-ErrorName | Should -Be 'EditConflict'
        $outcome.Errors[0].TargetObject | Should -Be $rows[3]
        Get-TestCount | Should -Be 'ready 4'
    }

    It 'may be lines of JSON, hashtables and objects, each with columns of its own, in one pipe' {
        $rows = @(
            "{""Id"": ""$(Get-TestId 1)"", ""TestResults"": {""n"": 12345678901234567890}}"
            @{ Id = Get-TestId 2; KnownIssues = 'a', 'b'; DeliverablesManifest = $null }
            [pscustomobject]@{ Id = "$(Get-TestId 3)"; DemoUrl = 'd'; DocumentationUrl = $null; TestReportUrl = '' }
        )
        Invoke-TestSql "update public.exec_handoff_preparations set documentation_url = 'kept', test_report_url = 'kept'"
        $after = @($rows | Set-HandoffPreparation)
        "$($after[0].TestResults)", $after[1].KnownIssues.ToString(), $after[2].DemoUrl, $after[2].DocumentationUrl, $after[2].TestReportUrl |
            Should -Be '{"n": 12345678901234567890}', '["a","b"]', 'd', 'kept', 'kept'
        # A null that was written into a hashtable is meant.
        $after[1].DeliverablesManifest | Should -BeNullOrEmpty
        $after[0].DeliverablesManifest | Should -Not -BeNullOrEmpty
    }

    It 'merge and append like parameters, which win over them' {
        $row = @{ Id = Get-TestId 1; QualityMetrics = @{ lint = 0 }; KnownIssues = @('new'); DemoUrl = 'theirs' } | Set-HandoffPreparation -Merge -Append -DemoUrl 'mine'
        "$($row.QualityMetrics)", $row.KnownIssues.ToString(), $row.DemoUrl | Should -Be '{"lint": 0, "coverage": 61}', '["new"]', 'mine'
    }

    It 'give each its own error, and the others are done' {
        Invoke-TestSql "update public.exec_handoff_preparations set quality_metrics = '[1, 2]' where id = md5('h3')::uuid"
        $unknown = [guid]::NewGuid()
        $rows = @(
            [pscustomobject]@{ Id = Get-TestId 1; QualityMetrics = @{ a = 1 } }
            [pscustomobject]@{ Id = Get-TestId 2; QualityMetric = @{ a = 1 } }
            [pscustomobject]@{ Id = Get-TestId 2; QualityMetrics = '{' }
            [pscustomobject]@{ Id = Get-TestId 2; KnownIssues = 'a; b' }
            [pscustomobject]@{ Id = Get-TestId 2; QualityMetrics = '[1]' }
            [pscustomobject]@{ Id = Get-TestId 2 }
            [pscustomobject]@{ Id = Get-TestId 3; QualityMetrics = @{ a = 1 } }
            [pscustomobject]@{ Id = $unknown; QualityMetrics = @{ a = 1 } }
            [pscustomobject]@{ QualityMetrics = @{ a = 1 } }
            [pscustomobject]@{ Id = Get-TestId 1; QualityMetrics = @{ a = 2 } }
            $null
            [pscustomobject]@{ Id = Get-TestId 4; QualityMetrics = @{ a = 1 } }
        )
        $outcome = Get-Outcome { $rows | Set-HandoffPreparation -Merge }
        $outcome.Out.Id | Should -Be (Get-TestId 1), (Get-TestId 4)
        $outcome.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange', 'InvalidJson', 'InvalidJson', 'InvalidJson', 'ValueOutOfRange', 'InvalidJson', 'NotFound', 'InvalidIdentity', 'StatusConflict', 'InvalidIdentity'
        $outcome.Errors[0].Exception.Message | Should -BeLike "*'QualityMetric'*Perhaps QualityMetrics is meant*"
        $outcome.Errors[5].Exception.Message | Should -BeLike "QualityMetrics of handoff $(Get-TestId 3)*an array*-Merge*"
        Invoke-TestSql "select count(*) from public.exec_handoff_preparations where quality_metrics @> '{""a"": 1}'" | Should -Be 2
    }

    It 'do not when they are objects of ours, live or from a job: what these hold was read and not given' {
        $row = Get-HandoffPreparation -Id (Get-TestId 1)
        $null = Get-TestId 1 | Set-HandoffPreparation -KnownIssues 'theirs'
        $row = Get-HandoffPreparation -Id (Get-TestId 1)
        $job = Start-Job { $args[0] } -ArgumentList $row | Receive-Job -Wait -AutoRemoveJob
        (Get-Outcome { $job | Set-HandoffPreparation }).Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
        ($job | Set-HandoffPreparation -DemoUrl 'd').DemoUrl | Should -Be 'd'
        (Get-Outcome { $job | Set-HandoffPreparation -DemoUrl 'e' }).Errors | Get-ErrorName | Should -Be 'EditConflict'
    }
}

Describe 'Whose change wins' {
    BeforeEach {
        Reset-TestData -Count 3
    }

    It 'is never the second from the same reading: a concurrent edit is an EditConflict that names the row' {
        $mine = @(Get-HandoffPreparation)
        $null = Get-HandoffPreparation | Set-HandoffPreparation -PostImplementationNotes 'theirs'
        $outcome = Get-Outcome { $mine | Set-HandoffPreparation -PostImplementationNotes 'mine' }
        $outcome.Out | Should -BeNullOrEmpty
        $outcome.Errors | Get-ErrorName | Should -Be (@('EditConflict') * 3)
        $outcome.Errors.TargetObject | Should -Be $mine
        $outcome.Errors[0].Exception.Message | Should -BeLike "*$($mine[0].Id)*read it again*"
        Invoke-TestSql "select distinct post_implementation_notes from public.exec_handoff_preparations" | Should -Be 'theirs'
    }

    It 'is both where they are merged and appended by ids, from many sessions at once' {
        $id = Get-TestId 1
        1..40 | ForEach-Object -ThrottleLimit 8 -Parallel {
            Import-Module $using:LeoManifest
            $null = Set-HandoffPreparation -Connection pester-edit -Id $using:id -QualityMetrics @{ "k$_" = $_ } -KnownIssues "issue $_" -Merge -Append
        } 2>&1 | Should -BeNullOrEmpty
        $row = Get-HandoffPreparation -Id $id
        $row.QualityMetrics.Keys | Should -HaveCount 41
        $row.KnownIssues | Sort-Object { [int]($_ -replace '\D') } | Should -Be (1..40 | ForEach-Object { "issue $_" })
    }

    It 'waits for a held row only so long' {
        $holder = Open-TestTransaction "select from public.exec_handoff_preparations where id = md5('h2')::uuid for update"
        try {
            $outcome = Get-Outcome { 1..3 | ForEach-Object { Get-TestId $_ } | Set-HandoffPreparation -DemoUrl 'd' -LockTimeout 200ms }
        }
        finally {
            Close-TestTransaction $holder
        }
        $outcome.Out.Id | Should -Be (Get-TestId 1), (Get-TestId 3)
        $outcome.Errors | Get-ErrorName | Should -Be 'RowLocked'
    }

    It 'is taken back with its transaction, in which a bad row leaves the others usable' {
        { Invoke-LeoTransaction {
                Get-HandoffPreparation | Set-HandoffPreparation -DemoUrl 'd'
                New-HandoffPreparation SD-A-001 -ImplementationSummary 'in it'
                [guid]::NewGuid() | Set-HandoffPreparation -DemoUrl 'd' -ErrorAction SilentlyContinue
                (Get-HandoffPreparation).Count | Should -Be 4
            } } | Should -Throw -ErrorId 'BatchRolledBack,*'
        Invoke-TestSql "select count(*) || ' ' || count(demo_url) from public.exec_handoff_preparations" | Should -Be '3 0'
        $null = Invoke-LeoTransaction { Get-HandoffPreparation | Set-HandoffPreparation -DemoUrl 'd'; New-HandoffPreparation SD-A-001 -ImplementationSummary 'in it' }
        Invoke-TestSql "select count(*) || ' ' || count(demo_url) from public.exec_handoff_preparations" | Should -Be '4 3'
    }

    It 'ten thousand rows are edited in bulk, each its own value, in order' {
        Reset-TestData -Count 10000
        $rows = @(Get-HandoffPreparation)
        $after = @($rows | Set-HandoffPreparation -TestResults { @{ id = $_.Id } } -KnownIssues { , $_.SdKey } -Append)
        [Linq.Enumerable]::SequenceEqual([guid[]]$after.Id, [guid[]]$rows.Id) | Should -BeTrue
        Invoke-TestSql "select count(*) from public.exec_handoff_preparations where test_results ->> 'id' = id::text and cardinality(known_issues) = 1" | Should -Be 10000
    }
}
