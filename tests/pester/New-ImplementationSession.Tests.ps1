# New-ImplementationSession: by name and from the pipe, one active session at the most, what is refused, and rehearsals.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-new-session'

    # SD-A-001 has an active session; SD-B-002, whose id is a UUID, has a paused one; SD-C-003 has none.
    function Reset-Session {
        Reset-TestData
        Invoke-TestSql @'
update public.exec_implementation_sessions set status = 'paused' where id = md5('s2')::uuid;
insert into public.strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
values ('SD-C-003', 'KEY-C', 'Third', 'completed', 'c', 'low', 'd', 'r', 's');
'@
    }

    # Sessions beside those of Reset-TestData, as "SD key status TYPE".
    function Get-Made {
        @(Invoke-TestSql "select concat_ws(' ', d.sd_key, s.status, s.implementation_type) from public.exec_implementation_sessions s
            join public.strategic_directives_v2 d on d.id = s.sd_id where s.id not in (md5('s1')::uuid, md5('s2')::uuid) order by 1")
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'By name' {
    BeforeEach {
        Reset-Session
    }

    It 'begins a session of a directive, by its id or its key' {
        $made = New-ImplementationSession SD-B-002 api_endpoint
        $made | Should -BeOfType ([LeoPS.ImplementationSession])
        $made.SdId, $made.SdKey, $made.SdTitle | Should -Be '6e6fb2a1-0000-4000-8000-000000000002', 'SD-B-002', 'Second directive'
        "$($made.Status) $($made.ImplementationType)" | Should -BeExactly 'Active API_ENDPOINT'
        ([DateTimeOffset]::UtcNow - $made.StartedAt).TotalMinutes | Should -BeLessThan 5
        (New-ImplementationSession -SdId SD-C-003 -Type UI_COMPONENT).SdKey | Should -Be 'KEY-C'
        Get-Made | Should -Be 'KEY-C active UI_COMPONENT', 'SD-B-002 active API_ENDPOINT'
    }

    It 'refuses a second active one and names the first, and makes one of another status' {
        $first = Get-ImplementationSession -SdId SD-A-001
        $seen = Get-Outcome { New-ImplementationSession SD-A-001 UI_COMPONENT }
        $seen.Errors | Get-ErrorName | Should -Be 'StatusConflict'
        $seen.Errors.Exception.Message | Should -Match "SD-A-001 has an active session already: $($first.Id), GENERAL_FEATURE, started"
        $seen.Errors.TargetObject | Should -Be 'SD-A-001'
        (New-ImplementationSession SD-A-001 UI_COMPONENT -Status paused).CompletedAt | Should -BeNullOrEmpty
        (New-ImplementationSession SD-A-001 UI_COMPONENT -Status Completed).CompletedAt | Should -Not -BeNullOrEmpty
        Get-Made | Should -Be 'SD-A-001 completed UI_COMPONENT', 'SD-A-001 paused UI_COMPONENT'
    }

    It 'reports an unknown directive and a pattern, and makes the others' {
        $seen = Get-Outcome { New-ImplementationSession nope, KEY-C, 'SD-*', "`0", '', SD-B-002 SYSTEM_TOOLING }
        $seen.Out.SdKey | Should -Be 'KEY-C', 'SD-B-002'
        $seen.Errors | Get-ErrorName | Should -Be 'ReferenceNotFound', 'InvalidIdentity', 'ReferenceNotFound', 'InvalidIdentity'
        $seen.Errors[0].Exception.Message | Should -Match 'id or key nope.*Get-StrategicDirective'
        $seen.Errors[1].Exception.Message | Should -Match 'Get-StrategicDirective ''SD-\*'' \| New-ImplementationSession'
    }

    It 'refuses a type or a status that is none: <Value>' -ForEach @(
        @{ Value = { New-ImplementationSession KEY-C UI } }
        @{ Value = { New-ImplementationSession KEY-C 1 } }
        @{ Value = { New-ImplementationSession KEY-C UI_COMPONENT -Status done } }
    ) {
        (Get-Outcome $Value).Ended | Get-ErrorName | Should -Be 'ParameterArgumentTransformationError'
        Get-Made | Should -BeNullOrEmpty
    }

    It 'can be given a time and further columns, and no other directive' {
        (New-ImplementationSession KEY-C UI_COMPONENT -AdditionalColumns @{ started_at = '2026-01-01T00:00:00Z' }).StartedAt | Should -Be ([DateTimeOffset]'2026-01-01Z')
        (Get-Outcome { New-ImplementationSession SD-B-002 UI_COMPONENT -AdditionalColumns @{ sd_id = 'SD-C-003' } }).Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
    }
}

Describe 'From the pipe' {
    BeforeEach {
        Reset-Session
    }

    It 'takes directives, ids, keys and rows: <Name>' -ForEach @(
        @{ Name = 'objects'; Pipe = { Get-StrategicDirective SD-B-002 } }
        @{ Name = 'ids'; Pipe = { '6e6fb2a1-0000-4000-8000-000000000002' } }
        @{ Name = 'keys'; Pipe = { 'SD-B-002' } }
        @{ Name = 'CSV of directives'; Pipe = { Get-StrategicDirective SD-B-002 | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Name = 'lines of JSON'; Pipe = { Get-StrategicDirective SD-B-002 -AsJson } }
        @{ Name = 'rows of their own'; Pipe = { [pscustomobject]@{ SdKey = 'SD-B-002' } } }
    ) {
        $seen = Get-Outcome { & $Pipe | New-ImplementationSession -ImplementationType AUTHENTICATION }
        $seen.Errors | Should -BeNullOrEmpty
        Get-Made | Should -Be 'SD-B-002 active AUTHENTICATION'
    }

    It 'never takes the directive''s status for the session''s' {
        # KEY-C is completed.
        Get-StrategicDirective KEY-C | ConvertTo-Csv | ConvertFrom-Csv | New-ImplementationSession -Type UI_COMPONENT | ForEach-Object Status | Should -Be 'Active'
    }

    It 'reads the type from each row, and a bad row stops none' {
        $seen = Get-Outcome {
            @'
SdId,ImplementationType
KEY-C,ui_component
nope,UI_COMPONENT
SD-B-002,SOMETHING
SD-A-001,UI_COMPONENT
,UI_COMPONENT
SD-B-002,
SD-B-002,DATABASE_CHANGE
'@ | ConvertFrom-Csv | New-ImplementationSession
        }
        $seen.Out.SdKey | Should -Be 'KEY-C', 'SD-B-002'
        $seen.Errors | Get-ErrorName | Should -Be 'ReferenceNotFound', 'ValueOutOfRange', 'StatusConflict', 'InvalidIdentity', 'ValueOutOfRange'
        $seen.Errors[1].Exception.Message | Should -Match 'SOMETHING.*UI_COMPONENT, API_ENDPOINT'
        Get-Made | Should -Be 'KEY-C active UI_COMPONENT', 'SD-B-002 active DATABASE_CHANGE'
    }

    It 'refuses another kind by name, and an empty value' {
        $seen = Get-Outcome { (Get-ImplementationSession -First 1), $null | New-ImplementationSession -Type UI_COMPONENT }
        $seen.Errors | Get-ErrorName | Should -Be 'InvalidIdentity', 'InvalidIdentity'
        $seen.Errors[0].Exception.Message | Should -Match 'An ImplementationSession does not identify a strategic directive'
    }
}

Describe 'Rehearsals' {
    BeforeEach {
        Reset-Session
    }

    It 'names the directive by its key and title, refuses what would be refused, and writes nothing' {
        $said = Get-HostOutput { '6e6fb2a1-0000-4000-8000-000000000002', 'SD-A-001', 'nope' | New-ImplementationSession -Type UI_COMPONENT -WhatIf } -Outcome seen
        @($said -match '^What if') | Should -Be 'What if: Performing the operation "Create an implementation session, UI_COMPONENT, Active" on target "strategic directive SD-B-002, ''Second directive''".'
        $seen.Errors | Get-ErrorName | Should -Be 'StatusConflict', 'ReferenceNotFound'
        Get-Made | Should -BeNullOrEmpty
    }
}

Describe 'With a directive and a handoff' {
    BeforeEach {
        Reset-Session
    }

    It 'gives all that a handoff needs, without psql' {
        $session = New-StrategicDirective SD-N-1 'A new one' | New-ImplementationSession -ImplementationType API_ENDPOINT
        Invoke-TestSql "insert into public.exec_handoff_preparations (session_id, sd_id, implementation_summary) values ('$($session.SessionId)', '$($session.SdId)', 'x')"
        (Get-HandoffPreparation -SdId SD-N-1).SessionId | Should -Be $session.Id
    }

    It 'finds in a transaction what was made in it' {
        Invoke-LeoTransaction { New-StrategicDirective SD-N-1 T | New-ImplementationSession -ImplementationType API_ENDPOINT; Get-ImplementationSession -SdId SD-N-1 } | ForEach-Object SdKey | Should -Be 'SD-N-1', 'SD-N-1'
    }
}
