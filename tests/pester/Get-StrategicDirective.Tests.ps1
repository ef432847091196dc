# Get-StrategicDirective: names and wildcards, filters, what is not there, what is piped in.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-directives'
    Reset-TestData -Count 4
    # Beside SD-A-001 and SD-B-002: C, whose key is the id of A, and D.
    Invoke-TestSql @'
insert into public.strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
values ('SD-C-003', 'SD-A-001x', 'Third', 'Draft', 'Feature', 'HIGH', 'd', 'r', 's'),
       ('SD-D-004', 'SD-D[4]', 'Fourth', 'draft', 'feature', 'low', 'd', 'r', 's');
insert into public.strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
values ('SD-E-005', 'SD-D-004', 'Fifth', 'done', 'feature', 'low', 'd', 'r', 's');
'@
    $uuid = '6e6fb2a1-0000-4000-8000-000000000002'
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'By name' {
    It 'takes ids and keys, and an id before another directive''s key' {
        (Get-StrategicDirective SD-A-001).Title | Should -Be 'First directive'
        (Get-StrategicDirective SD-B-002).Id | Should -Be $uuid
        (Get-StrategicDirective $uuid).SdKey | Should -Be 'SD-B-002'
        (Get-StrategicDirective -SdKey SD-D-004).Title | Should -Be 'Fourth'
        (Get-StrategicDirective -Id SD-E-005).SdKey | Should -Be 'SD-D-004'
    }

    It 'takes PowerShell''s wildcards over both, in any case: <Pattern>' -ForEach @(
        @{ Pattern = 'sd-[ab]-*'; Titles = 'First directive', 'Second directive', 'Third' }
        @{ Pattern = '*0002'; Titles = @('Second directive') }
        @{ Pattern = 'SD-?-00[45]'; Titles = 'Fourth', 'Fifth' }
        @{ Pattern = 'SD-D`[4`]'; Titles = @('Fourth') }
        @{ Pattern = 'SD-D[4]'; Titles = @() }
    ) {
        @(Get-StrategicDirective $Pattern | ForEach-Object Title | Sort-Object) | Should -Be @($Titles | Sort-Object)
    }

    It 'reports one that does not exist, and gives the others' {
        $seen = Get-Outcome { Get-StrategicDirective SD-A-001, nope, 'sd-a-001', SD-B-002, "a`0b", 'none*' }
        $seen.Out.SdKey | Should -Be 'SD-A-001', 'SD-B-002'
        $seen.Errors | Get-ErrorName | Should -Be 'NotFound', 'NotFound', 'NotFound'
        $seen.Errors.TargetObject | Should -Be 'nope', 'sd-a-001', "a`0b"
        $seen.Errors[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $seen.Errors[0].Exception.Message | Should -Match 'strategic directive nope.*hidden from role leops'
    }

    It 'reports none that another filter or a limit leaves out' {
        $seen = Get-Outcome {
            Get-StrategicDirective SD-A-001 -Status nothing
            Get-StrategicDirective SD-A-001, SD-B-002 -First 1
            Get-StrategicDirective SD-A-001 -Skip 1
        }
        $seen.Errors | Should -BeNullOrEmpty
        $seen.Out.SdKey | Should -Be 'SD-A-001'
        (Get-Outcome { Get-StrategicDirective nope -Status nothing }).Errors | Get-ErrorName | Should -Be 'NotFound'
    }

    It 'refuses a pattern that is not valid' {
        (Get-Outcome { Get-StrategicDirective 'SD-[A' }).Ended | Get-ErrorName | Should -Be 'InvalidIdentity'
    }
}

Describe 'Filters and order' {
    It 'matches words in any case and with wildcards, and all filters must hold' {
        (Get-StrategicDirective -Status draft).Title | Should -Be 'Third', 'Fourth'
        (Get-StrategicDirective -Category 'FEAT*' -Priority high, low).Title | Should -Be 'Third', 'Fifth', 'Fourth'
        (Get-StrategicDirective 'SD-A*' -Priority high).Title | Should -Be 'Third'
        Get-StrategicDirective -Category feature -Priority medium | Should -BeNullOrEmpty
    }

    It 'orders by key unless told otherwise' {
        (Get-StrategicDirective).SdKey | Should -Be 'SD-A-001', 'SD-A-001x', 'SD-B-002', 'SD-D-004', 'SD-D[4]'
        (Get-StrategicDirective -OrderBy Title -Descending -First 2).Title | Should -Be 'Third', 'Second directive'
    }

    It 'goes on after an object, an id or a key, and pages' {
        $rows = @(Get-StrategicDirective)
        foreach ($place in $rows[1], $rows[1].Id, $rows[1].SdKey) {
            (Get-StrategicDirective -ResumeAfter $place).SdKey | Should -Be $rows[2..4].SdKey
        }
        (Get-StrategicDirective -PageSize 2).SdKey | Should -Be $rows.SdKey
        (Get-Outcome { Get-StrategicDirective -ResumeAfter nope }).Ended | Get-ErrorName | Should -Be 'NotFound'
    }

    It 'stops early without an error' {
        $seen = Get-Outcome { Get-StrategicDirective | Select-Object -First 1 }
        $seen.Errors | Should -BeNullOrEmpty
        $seen.Out.Count | Should -Be 1
        Get-RunningCall | Should -Be 0
    }
}

Describe 'From the pipe' {
    It 'reads again what is piped: <Name>' -ForEach @(
        @{ Name = 'objects'; Pipe = { Get-StrategicDirective SD-B-002 } }
        @{ Name = 'ids'; Pipe = { '6e6fb2a1-0000-4000-8000-000000000002' } }
        @{ Name = 'Guids'; Pipe = { [guid]'6e6fb2a1-0000-4000-8000-000000000002' } }
        @{ Name = 'keys'; Pipe = { ' SD-B-002 ' } }
        @{ Name = 'rows with a key'; Pipe = { [pscustomobject]@{ SdKey = 'SD-B-002'; Id = 7 } } }
        @{ Name = 'rows with an SdId'; Pipe = { @{ SdId = '6e6fb2a1-0000-4000-8000-000000000002'; Id = 'x' } } }
        @{ Name = 'CSV'; Pipe = { Get-StrategicDirective SD-B-002 | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Name = 'lines of JSON'; Pipe = { Get-StrategicDirective SD-B-002 -AsJson } }
        @{ Name = 'deserialized objects'; Pipe = { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-StrategicDirective SD-B-002))) } }
        @{ Name = 'handoffs'; Pipe = { Get-HandoffPreparation -Id (Get-TestId 2) } }
        @{ Name = 'selected handoffs'; Pipe = { Get-HandoffPreparation -Id (Get-TestId 2) | Select-Object Id, SdKey } }
        @{ Name = 'sessions'; Pipe = { Get-ImplementationSession -SdId SD-B-002 } }
    ) {
        $seen = Get-Outcome { & $Pipe | Get-StrategicDirective }
        $seen.Errors | Should -BeNullOrEmpty
        $seen.Out.Title | Should -Be 'Second directive'
    }

    It 'gives each directive once, however many handoffs it has' {
        (Get-HandoffPreparation | Get-StrategicDirective).SdKey | Should -Be 'SD-A-001', 'SD-B-002'
    }

    It 'reports what names none and what is not there, and reads the others' {
        $seen = Get-Outcome { 'nope', $null, 7, '', [pscustomobject]@{ Name = 'x' }, 'SD-A-001', "`0" | Get-StrategicDirective }
        $seen.Out.SdKey | Should -Be 'SD-A-001'
        $seen.Errors | Get-ErrorName | Sort-Object | Should -Be ('InvalidIdentity', 'InvalidIdentity', 'InvalidIdentity', 'InvalidIdentity', 'NotFound', 'NotFound')
        @($seen.Errors.TargetObject) | Should -Contain 'nope'
    }

    It 'refuses another kind by name, and an Id that is another kind''s' {
        Invoke-TestSql "insert into public.crewai_flows (flow_key, flow_name, flow_definition) values ('f', 'F', '{}') on conflict do nothing;
            insert into public.crewai_flow_executions (flow_id, execution_key) select id, 'run-1' from public.crewai_flows on conflict do nothing"
        $seen = Get-Outcome { (Get-FlowExecution -First 1), (Get-HandoffPreparation -First 1 | Select-Object Id) | Get-StrategicDirective }
        $seen.Errors | Get-ErrorName | Should -Be 'InvalidIdentity', 'InvalidIdentity'
        $seen.Errors[0].Exception.Message | Should -Match 'A FlowExecution does not identify a strategic directive'
    }

    It 'applies filters to what is piped, and then misses nobody' {
        $seen = Get-Outcome { 'SD-A-001', 'SD-C-003', 'nope' | Get-StrategicDirective -Priority high }
        $seen.Out.SdKey | Should -Be 'SD-A-001x'
        $seen.Errors | Should -BeNullOrEmpty
    }
}

Describe 'The objects' {
    It 'have a property per column, and none can be set' {
        $row = Get-StrategicDirective SD-C-003
        $row.SdId, $row.SdKey, $row.Title, $row.Status, $row.Category, $row.Priority, $row.Description, $row.Rationale, $row.Scope |
            Should -Be 'SD-C-003', 'SD-A-001x', 'Third', 'Draft', 'Feature', 'HIGH', 'd', 'r', 's'
        $row.CreatedAt | Should -BeOfType DateTimeOffset
        { $row.Title = 'x' } | Should -Throw
    }

    It 'are lines of JSON on demand' {
        $line = Get-StrategicDirective SD-C-003 -AsJson
        ($line | ConvertFrom-Json).SdKey | Should -Be 'SD-A-001x'
    }

    It 'fit a table of 120 columns and a list with every property, whatever their texts are' {
        Invoke-TestSql "update public.strategic_directives_v2 set title = repeat('long' || chr(10), 90), sd_key = repeat('K', 90), category = repeat('c', 50) where id = 'SD-E-005'"
        $rows = @(Get-StrategicDirective)
        $text = ($rows | Out-String -Width 120) -replace "`e\[[0-9;]*m"
        $filled = @($text -split '\r?\n' | Where-Object { $_.Trim() })
        $filled[0].Trim() -split '\s+' | Should -Be 'SdKey', 'Status', 'Priority', 'Category', 'Title'
        $filled.Count | Should -Be ($rows.Count + 2)
        $filled | Where-Object Length -GT 120 | Should -BeNullOrEmpty
        $list = ($rows[0] | Format-List | Out-String -Width 120) -replace "`e\[[0-9;]*m"
        foreach ($property in $rows[0].PSObject.Properties) {
            $list | Should -Match "(?m)^\s*$($property.Name)\s*:"
        }
    }
}
