# Test-HandoffPreparation: what is judged as it is, what is read first, what each bad input gets, and how it looks. The judgement itself has unit tests.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-readiness'

    # Of four handoffs 1 and 4 pass, 2 has known issues that say nothing, 3 is as empty as the table allows.
    function Reset-Readiness {
        Reset-TestData -Count 4 -Status preparing
        Invoke-TestSql @'
update public.exec_handoff_preparations set
    implementation_summary = 'Median answer time is 38 ms over 41,000 documents, and all of the unit tests pass.',
    quality_metrics = '{"coverage": 85}', test_results = '{"unit": {"total": 212, "passed": 212, "failed": 0}}',
    deliverables_manifest = array['src/api/search.ts'], known_issues = array['Umlauts rank lower than their plain forms'],
    post_implementation_notes = 'Decided: the public API stays. Used: 14 hours of EXEC. Next: PLAN verifies the acceptance criteria.';
update public.exec_handoff_preparations set known_issues = array['No issues identified'] where id = md5('h2')::uuid;
update public.exec_handoff_preparations set implementation_summary = '', quality_metrics = null, test_results = 'null', deliverables_manifest = null,
    known_issues = null, post_implementation_notes = null where id = md5('h3')::uuid;
'@
    }

    function Get-Trouble([scriptblock] $Script) {
        try { & $Script } catch { ($_.FullyQualifiedErrorId -split ',')[0] }
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Judging handoffs' {
    BeforeAll {
        Reset-Readiness
        $rows = 1..4 | ForEach-Object { Get-HandoffPreparation -Id (Get-TestId $_) }
        $reports = @($rows | Test-HandoffPreparation)
    }

    It 'gives one report for each, in the order of the input' {
        $reports | Should -HaveCount 4
        $reports[0] | Should -BeOfType LeoPS.HandoffReadinessReport
        $reports.Id | Should -Be $rows.Id
        $reports.Verdict | Should -Be 'Pass', 'Warning', 'Blocked', 'Pass'
        $reports.Score | Should -Be 100, 95, 0, 100
    }

    It 'gives all findings at once, as objects' {
        $reports[0].Findings | Should -BeNullOrEmpty
        $reports[2].Findings | Should -HaveCount 8
        ($reports[2].Findings.Element | Select-Object -Unique) | Should -Be ([enum]::GetNames([LeoPS.ReadinessElement]))
        $finding = $reports[1].Findings[0]
        $finding.Element, $finding.Severity | Should -Be 'KnownIssues', 'Warning'
        $finding.Message | Should -Be "known_issues says only 'No issues identified'."
        $finding.Remedy | Should -Not -BeNullOrEmpty
    }

    It 'takes one as an argument, and several' {
        (Test-HandoffPreparation $rows[1]).Score | Should -Be 95
        (Test-HandoffPreparation -InputObject $rows[0], $rows[1]).Score | Should -Be 100, 95
    }

    It 'gives one Boolean for each with -Quiet, and false only where a handoff is blocked' {
        $rows | Test-HandoffPreparation -Quiet | Should -Be $true, $true, $false, $true
    }

    It 'writes nothing' {
        $before = Invoke-TestSql 'select id, xmin from public.exec_handoff_preparations order by id'
        $null = $rows.Id | Test-HandoffPreparation
        Invoke-TestSql 'select id, xmin from public.exec_handoff_preparations order by id' | Should -Be $before
    }
}

Describe 'Thresholds' {
    BeforeAll {
        Reset-Readiness
        $row = Get-HandoffPreparation -Id (Get-TestId 1)
    }

    It 'judges by <Name>' -ForEach @(
        @{ Name = 'a higher coverage'; With = @{ MinimumCoverage = 85.5 }; Verdict = 'Blocked' }
        @{ Name = 'the same coverage'; With = @{ MinimumCoverage = 85 }; Verdict = 'Pass' }
        @{ Name = 'a coverage that is text'; With = @{ MinimumCoverage = '90' }; Verdict = 'Blocked' }
        @{ Name = 'a longer summary'; With = @{ MinimumSummaryLength = 1000 }; Verdict = 'Blocked' }
        @{ Name = 'everything at its end'; With = @{ MinimumCoverage = 0; MinimumDeliverables = 100; WarningDeliverables = 0; MaximumFailedTests = [int]::MaxValue; MinimumSummaryLength = 0 }; Verdict = 'Pass' }
    ) {
        ($row | Test-HandoffPreparation @With).Verdict | Should -Be $Verdict
    }

    It 'refuses -<Name> <Value> while it binds' -ForEach @(
        @{ Name = 'MinimumCoverage'; Value = 101 }
        @{ Name = 'MinimumCoverage'; Value = 100.01 }
        @{ Name = 'MinimumCoverage'; Value = -1 }
        @{ Name = 'MinimumDeliverables'; Value = 100.4 }
        @{ Name = 'WarningDeliverables'; Value = 200 }
        @{ Name = 'MaximumFailedTests'; Value = -1 }
        @{ Name = 'MinimumSummaryLength'; Value = -1 }
    ) {
        $with = @{ $Name = $Value }
        Get-Trouble { $row | Test-HandoffPreparation @with -ErrorAction Stop } | Should -Be 'ParameterArgumentValidationError'
    }

    It 'binds no threshold from the pipe' {
        [pscustomobject]@{ Id = $row.Id; MinimumCoverage = 99 } | Test-HandoffPreparation | ForEach-Object Verdict | Should -Be 'Pass'
    }
}

Describe 'What has to be read first' {
    BeforeEach {
        Reset-Readiness
    }

    It 'judges an object as it is, and an id as the row is now' {
        $row = Get-HandoffPreparation -Id (Get-TestId 1)
        Invoke-TestSql "update public.exec_handoff_preparations set known_issues = null where id = md5('h1')::uuid"
        ($row, $row.Id | Test-HandoffPreparation).Verdict | Should -Be 'Pass', 'Blocked'
    }

    It 'takes <Name>' -ForEach @(
        @{ Name = 'ids'; From = { $_.Id } }
        @{ Name = 'ids as text'; From = { "$($_.Id)" } }
        @{ Name = 'lines of -AsJson'; From = { Get-HandoffPreparation $_ -AsJson } }
        @{ Name = 'rows of CSV'; From = { $_ | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Name = 'rows of JSON'; From = { $_ | ConvertTo-Json -Depth 4 | ConvertFrom-Json } }
        @{ Name = 'objects of a job'; From = { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($_, 3)) } }
        @{ Name = 'hashtables with an Id'; From = { @{ Id = $_.Id } } }
        @{ Name = 'its own reports'; From = { $_ | Test-HandoffPreparation } }
    ) {
        $rows = 1..4 | ForEach-Object { Get-HandoffPreparation -Id (Get-TestId $_) }
        $outcome = Get-Outcome { $rows | ForEach-Object $From | Test-HandoffPreparation }
        $outcome.Errors | Should -BeNullOrEmpty
        $outcome.Out.Score | Should -Be 100, 95, 0, 100
    }

    It 'gives each bad input its error in its place, and judges the others' {
        $row = Get-HandoffPreparation -Id (Get-TestId 2)
        $unknown = [guid]::NewGuid()
        $inputs = $row, (Get-TestId 1), 'garbage', $unknown, $null, @{ Name = 'x' }, $connection, $row, (Get-TestId 4)
        $outcome = Get-Outcome { $inputs | Test-HandoffPreparation }
        $outcome.Ended | Should -BeNullOrEmpty
        $outcome.All | ForEach-Object { $_ -is [System.Management.Automation.ErrorRecord] ? ($_ | Get-ErrorName) : $_.Score } |
            Should -Be 95, 100, 'InvalidIdentity', 'NotFound', 'InvalidIdentity', 'InvalidIdentity', 'InvalidIdentity', 95, 100
        $outcome.Errors[0].TargetObject | Should -Be 'garbage'
        $outcome.Errors[1].TargetObject | Should -Be $unknown
        $outcome.Errors[1].CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'gives no Boolean for what cannot be judged' {
        $outcome = Get-Outcome { (Get-TestId 1), [guid]::NewGuid(), (Get-TestId 3) | Test-HandoffPreparation -Quiet }
        $outcome.Out | Should -Be $true, $false
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound'
    }

    It 'reports a row that cannot be read, and judges the others' {
        Invoke-TestSql "update public.exec_handoff_preparations set prepared_at = 'infinity' where id = md5('h1')::uuid"
        $outcome = Get-Outcome { (Get-TestId 1), (Get-TestId 2) | Test-HandoffPreparation }
        $outcome.Errors | Get-ErrorName | Should -Be 'UnreadableRow'
        $outcome.Out.Score | Should -Be 95
    }

    It 'reads a thousand ids with one statement' {
        Reset-TestData -Count 2500
        $ids = (Get-HandoffPreparation).Id
        $outcome = Get-Outcome { $ids | Test-HandoffPreparation -Verbose }
        $outcome.Out.Id | Should -Be $ids
        $outcome.Verbose -match '^read handoffs' | Should -Be 'read handoffs: 1000 rows', 'read handoffs: 1000 rows', 'read handoffs: 500 rows'
    }

    It 'stops with Select-Object -First, and goes on afterwards' {
        $rows = @(Get-HandoffPreparation)
        @($rows + $rows.Id | Test-HandoffPreparation | Select-Object -First 2) | Should -HaveCount 2
        @($rows.Id | Test-HandoffPreparation) | Should -HaveCount 4
    }

    It 'ends at the first bad input under -ErrorAction Stop' {
        $outcome = Get-Outcome { 'garbage', (Get-TestId 1) | Test-HandoffPreparation -ErrorAction Stop }
        $outcome.Ended | Get-ErrorName | Should -Be 'InvalidIdentity'
        $outcome.Out | Should -BeNullOrEmpty
    }
}

Describe 'Without a connection' {
    BeforeAll {
        Reset-Readiness
        $seen = Invoke-FreshPowerShell -Argument $server.Uri {
            param($uri)
            Get-ChildItem Env: | Where-Object Name -Match '^(PG|LEOPS_|SUPABASE_|DATABASE_URL|POSTGRES_URL)' | Remove-Item
            Import-Module $LeoManifest
            $null = Connect-LeoDatabase $uri
            $rows = @(Get-HandoffPreparation)
            Get-LeoConnection | Disconnect-LeoDatabase
            function Get-Trouble([scriptblock] $Script) { try { & $Script } catch { ($_.FullyQualifiedErrorId -split ',')[0] } }
            [pscustomobject]@{
                Scores  = @(($rows | Test-HandoffPreparation).Score | Sort-Object)
                Id      = Get-Trouble { $rows[0].Id | Test-HandoffPreparation }
                Name    = Get-Trouble { $rows | Test-HandoffPreparation -Connection nosuch }
                Garbage = Get-Trouble { 'garbage' | Test-HandoffPreparation -ErrorAction Stop }
            }
        }
    }

    It 'judges objects' {
        $seen.Scores | Should -Be 0, 95, 100, 100
    }

    It 'says that there is none where an id has to be read, or one is named that is not there' {
        $seen.Id | Should -Be 'NotConnected'
        $seen.Name | Should -Be 'NotConnected'
    }

    It 'says what is wrong with garbage' {
        $seen.Garbage | Should -Be 'InvalidIdentity'
    }
}

Describe 'In a transaction' {
    BeforeEach {
        Reset-Readiness
    }

    It 'judges what the block has done so far' {
        $report = Invoke-LeoTransaction {
            $null = Get-HandoffPreparation -Id (Get-TestId 1) | Set-HandoffStatus Ready
            Get-TestId 1 | Test-HandoffPreparation
        }
        $report.RowVersion | Should -Be (Invoke-TestSql "select xmin from public.exec_handoff_preparations where id = md5('h1')::uuid")
    }

    It 'lets a bad input roll the block back, whether or not anything was read' {
        $row = Get-HandoffPreparation -Id (Get-TestId 1)
        $outcome = Get-Outcome {
            Invoke-LeoTransaction {
                $null = $row | Set-HandoffStatus Ready
                $row, 'garbage' | Test-HandoffPreparation -Quiet
            }
        }
        @($outcome.Errors) + @($outcome.Ended) | Where-Object { $_ } | Get-ErrorName | Should -Be 'InvalidIdentity', 'BatchRolledBack'
        Get-TestStatus 1 | Should -Be 'preparing'
    }
}

Describe 'A report that goes on to Set-HandoffStatus' {
    BeforeEach {
        Reset-Readiness
    }

    It 'moves the handoff that was judged' {
        $moved = @(Get-HandoffPreparation | Test-HandoffPreparation | Where-Object Verdict -NE Blocked | Set-HandoffStatus Ready)
        $moved | Should -HaveCount 3
        $moved[0] | Should -BeOfType LeoPS.HandoffPreparation
        Get-TestStatus 1, 2, 3, 4 | Should -Be 'ready', 'ready', 'preparing', 'ready'
    }

    It 'leaves a row alone that changed since it was judged, as <Name>' -ForEach @(
        @{ Name = 'an object'; Through = { $_ } }
        @{ Name = 'a row of CSV'; Through = { $_ | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Name = 'an object of a job'; Through = { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($_, 3)) } }
    ) {
        $reports = (Get-TestId 1), (Get-TestId 4) | Test-HandoffPreparation | ForEach-Object $Through
        Invoke-TestSql "update public.exec_handoff_preparations set known_issues = null where id = md5('h1')::uuid"
        $outcome = Get-Outcome { $reports | Set-HandoffStatus Ready }
        $outcome.Errors | Get-ErrorName | Should -Be 'StatusConflict'
        Get-TestStatus 1, 4 | Should -Be 'preparing', 'ready'
    }
}

Describe 'The views of a report' {
    BeforeAll {
        Reset-Readiness
        $reports = 1..3 | ForEach-Object { Get-TestId $_ } | Test-HandoffPreparation
        $lines = @(($reports | Out-String -Width 120) -replace "`e\[[0-9;]*m" -split '\r?\n' | Where-Object { $_.Trim() })
    }

    It 'are by default a table of one line for each' {
        $lines | Should -HaveCount 5
        $lines | Where-Object Length -GT 120 | Should -BeNullOrEmpty
        $lines[0].Trim() -split '\s+' | Should -Be 'Id', 'Verdict', 'Score', 'SdKey', 'Findings'
        $lines[2].Trim() | Should -Match "^$((Get-TestId 1).ToString().Substring(0, 8)) Pass\s+100 SD-A-001$"
        $lines[3] | Should -Match 'Warning\s+95 SD-B-002\s+1: known_issues says only'
        $lines[4] | Should -Match 'Blocked\s+0 SD-A-001\s+8: implementation_summary is empty'
    }

    It 'have everything as a list' {
        $text = ($reports[2] | Format-List | Out-String -Width 200) -replace "`e\[[0-9;]*m"
        foreach ($name in $reports[2].PSObject.Properties.Name) {
            $text | Should -Match "(?m)^\s*$name\s*:"
        }
        foreach ($finding in $reports[2].Findings) {
            $text | Should -Match ([regex]::Escape($finding.Message))
        }
    }

    It 'show findings with severity, element and the whole message' {
        $text = ($reports[2].Findings | Out-String -Width 60) -replace "`e\[[0-9;]*m" -replace '\s+'
        foreach ($finding in $reports[2].Findings) {
            $text | Should -Match $finding.Element
        }
        $text | Should -Match 'SeverityElementMessage'
    }
}
