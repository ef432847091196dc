# Get-ImplementationSession: filters, directives and sessions from the pipe, what is not there.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-sessions'
    Reset-TestData -Count 2
    # Beside one active session of each directive: two of SD-A-001 that are over, one of SD-B-002 that pauses.
    Invoke-TestSql @'
insert into public.exec_implementation_sessions (id, sd_id, status, implementation_type, started_at, completed_at)
values (md5('s3')::uuid, 'SD-A-001', 'completed', 'API_ENDPOINT', now() - interval '3 days', now()),
       (md5('s4')::uuid, 'SD-A-001', 'failed', 'UI_COMPONENT', now() - interval '2 days', now()),
       (md5('s5')::uuid, '6e6fb2a1-0000-4000-8000-000000000002', 'paused', 'UI_COMPONENT', now() - interval '1 day', null);
insert into public.strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
values ('SD-C-003', 'SD-C-003', 'Third', 'draft', 'c', 'low', 'd', 'r', 's');
'@
    $uuid = '6e6fb2a1-0000-4000-8000-000000000002'

    # The number n of a session whose id is md5('s' || n).
    function Get-Number([Parameter(ValueFromPipeline)] $Row) {
        process {
            1..9 | Where-Object { $Row.Id -eq [guid][Convert]::ToHexString([Security.Cryptography.MD5]::HashData([Text.Encoding]::UTF8.GetBytes("s$_"))) }
        }
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Filters' {
    It 'selects by SD, status and type' {
        Get-ImplementationSession -SdId SD-A-001 | Get-Number | Sort-Object | Should -Be 1, 3, 4
        Get-ImplementationSession -SdId SD-B-002 | Get-Number | Sort-Object | Should -Be 2, 5
        Get-ImplementationSession -SdId 'sd-[ab]*' -Status Active | Get-Number | Sort-Object | Should -Be 1, 2
        Get-ImplementationSession -Status completed, FAILED -OrderBy StartedAt | Get-Number | Should -Be 3, 4
        Get-ImplementationSession -Type ui_component | Get-Number | Sort-Object | Should -Be 4, 5
        Get-ImplementationSession -ImplementationType UI_COMPONENT -SdId $uuid | Get-Number | Should -Be 5
    }

    It 'selects by id, and -SessionId is the same' {
        $ids = (Get-ImplementationSession -SdId SD-A-001).Id
        (Get-ImplementationSession -Id $ids).Id | Sort-Object | Should -Be ($ids | Sort-Object)
        (Get-ImplementationSession -SessionId $ids[0]).Id | Should -Be $ids[0]
    }

    It 'refuses a status or type that is none, and a number: <Value>' -ForEach @(
        @{ Value = { Get-ImplementationSession -Status sleeping } }
        @{ Value = { Get-ImplementationSession -Status 0 } }
        @{ Value = { Get-ImplementationSession -Status 'active,paused' } }
        @{ Value = { Get-ImplementationSession -Type UI } }
        @{ Value = { Get-ImplementationSession -Type 1 } }
    ) {
        (Get-Outcome $Value).Ended | Get-ErrorName | Should -Be 'ParameterArgumentTransformationError'
    }

    It 'orders, pages and goes on after a session' {
        $rows = @(Get-ImplementationSession -OrderBy StartedAt)
        $rows | Get-Number | Select-Object -First 3 | Should -Be 3, 4, 5
        (Get-ImplementationSession -OrderBy StartedAt -ResumeAfter $rows[1]).Id | Should -Be $rows[2..4].Id
        (Get-ImplementationSession -OrderBy StartedAt -ResumeAfter $rows[1].Id -First 1).Id | Should -Be $rows[2].Id
        (Get-ImplementationSession -OrderBy StartedAt -PageSize 2).Id | Should -Be $rows.Id
    }
}

Describe 'What is not there' {
    It 'is an error where it was named, and the others come' {
        $none = [guid]::NewGuid()
        $seen = Get-Outcome { Get-ImplementationSession -SdId nope, SD-A-001, 'none*', "`0" -Status Active }
        $seen.Out | Get-Number | Should -Be 1
        $seen.Errors | Get-ErrorName | Should -Be 'NotFound', 'NotFound'
        $seen.Errors.TargetObject | Should -Be 'nope', "`0"
        $seen = Get-Outcome { Get-ImplementationSession -Id $none, (Get-ImplementationSession -First 1).Id }
        $seen.Out.Count | Should -Be 1
        $seen.Errors | Get-ErrorName | Should -Be 'NotFound'
        $seen.Errors.Exception.Message | Should -Match "implementation session $none"
    }

    It 'is none where a directive simply has no such session' {
        $seen = Get-Outcome {
            Get-ImplementationSession -SdId SD-C-003
            Get-ImplementationSession -SdId SD-A-001 -Status Cancelled
            Get-StrategicDirective SD-C-003 | Get-ImplementationSession
        }
        $seen.Errors | Should -BeNullOrEmpty
        $seen.Out | Should -BeNullOrEmpty
    }
}

Describe 'From the pipe' {
    It 'gives the sessions of a directive: <Name>' -ForEach @(
        @{ Name = 'objects'; Pipe = { Get-StrategicDirective SD-B-002 } }
        @{ Name = 'CSV'; Pipe = { Get-StrategicDirective SD-B-002 | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Name = 'lines of JSON'; Pipe = { Get-StrategicDirective SD-B-002 -AsJson } }
        @{ Name = 'selected objects'; Pipe = { Get-StrategicDirective SD-B-002 | Select-Object Id, Title } }
        @{ Name = 'deserialized objects'; Pipe = { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-StrategicDirective SD-B-002))) } }
        @{ Name = 'rows with a key'; Pipe = { [pscustomobject]@{ SdKey = 'SD-B-002' } } }
    ) {
        $seen = Get-Outcome { & $Pipe | Get-ImplementationSession }
        $seen.Errors | Should -BeNullOrEmpty
        $seen.Out | Get-Number | Sort-Object | Should -Be 2, 5
    }

    It 'reads sessions again: <Name>' -ForEach @(
        @{ Name = 'objects'; Pipe = { Get-ImplementationSession -Status Paused } }
        @{ Name = 'ids'; Pipe = { (Get-ImplementationSession -Status Paused).Id } }
        @{ Name = 'texts'; Pipe = { "$((Get-ImplementationSession -Status Paused).Id)" } }
        @{ Name = 'CSV'; Pipe = { Get-ImplementationSession -Status Paused | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Name = 'lines of JSON'; Pipe = { Get-ImplementationSession -Status Paused -AsJson } }
        @{ Name = 'selected objects'; Pipe = { Get-ImplementationSession -Status Paused | Select-Object SessionId, SdKey } }
    ) {
        $seen = Get-Outcome { & $Pipe | Get-ImplementationSession }
        $seen.Errors | Should -BeNullOrEmpty
        $seen.Out | Get-Number | Should -Be 5
    }

    It 'keeps the sessions of each directive together, in the order of the pipe, and what was named between them' {
        $pipe = @(Get-StrategicDirective SD-B-002) + @(Get-ImplementationSession -Status Failed) + @(Get-StrategicDirective SD-A-001)
        $pipe | Get-ImplementationSession -OrderBy StartedAt | Get-Number | Should -Be 5, 2, 4, 3, 4, 1
        $pipe | Get-ImplementationSession -OrderBy StartedAt -First 3 | Get-Number | Should -Be 5, 2, 4
    }

    It 'applies the filters to both' {
        (Get-StrategicDirective | Get-ImplementationSession -Status Active) | Get-Number | Sort-Object | Should -Be 1, 2
        Get-ImplementationSession | Get-ImplementationSession -Type API_ENDPOINT | Get-Number | Should -Be 3
    }

    It 'reports what names neither and what is not there, and reads the others' {
        $csv = Get-HandoffPreparation -First 1 | ConvertTo-Csv | ConvertFrom-Csv
        $seen = Get-Outcome {
            $null, 'text', 7, [pscustomobject]@{ SdKey = 'nope' }, (Get-HandoffPreparation -First 1), $csv, (Get-ImplementationSession -Status Paused), [guid]::NewGuid() | Get-ImplementationSession
        }
        $seen.Out | Get-Number | Should -Be 5
        $seen.Errors | Get-ErrorName | Should -Be 'InvalidIdentity', 'InvalidIdentity', 'InvalidIdentity', 'NotFound', 'InvalidIdentity', 'InvalidIdentity', 'NotFound'
        $seen.Errors[4].Exception.Message | Should -Match 'A HandoffPreparation does not identify an implementation session'
    }
}

Describe 'The objects' {
    It 'know their directive, and answer to SessionId' {
        $row = Get-ImplementationSession -Status Paused
        $row.SessionId | Should -Be $row.Id
        $row.SdId, $row.SdKey, $row.SdTitle | Should -Be $uuid, 'SD-B-002', 'Second directive'
        $row.Status | Should -BeOfType ([LeoPS.SessionStatus])
        "$($row.ImplementationType)" | Should -BeExactly 'UI_COMPONENT'
    }

    It 'fit a table of 120 columns and a list with every property' {
        $rows = @(Get-ImplementationSession)
        $text = ($rows | Out-String -Width 120) -replace "`e\[[0-9;]*m"
        $filled = @($text -split '\r?\n' | Where-Object { $_.Trim() })
        $filled[0].Trim() -split '\s+' | Should -Be 'Id', 'Status', 'ImplementationType', 'Started', 'SdKey', 'SdTitle'
        $filled.Count | Should -Be ($rows.Count + 2)
        $filled | Where-Object Length -GT 120 | Should -BeNullOrEmpty
        $text | Should -Match '3 d\b'
        $list = ($rows[0] | Format-List | Out-String -Width 120) -replace "`e\[[0-9;]*m"
        foreach ($property in $rows[0].PSObject.Properties) {
            $list | Should -Match "(?m)^\s*$($property.Name)\s*:"
        }
    }
}
