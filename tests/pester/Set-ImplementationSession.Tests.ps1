# Set-ImplementationSession: ends and edits by id and from the pipe, the guard, one active session at the most, rehearsals, and what is refused.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-set-session'

    # SD-A-001 has an active session (s1) and a paused one (s3); SD-B-002, whose id is a UUID, has an active one (s2).
    function Reset-Session {
        Reset-TestData
        Invoke-TestSql @'
insert into public.exec_implementation_sessions (id, sd_id, status, implementation_type, started_at)
values (md5('s3')::uuid, 'SD-A-001', 'paused', 'UI_COMPONENT', now() - interval '9 days');
alter table public.exec_implementation_sessions add column if not exists implementation_progress integer, add column if not exists quality_score integer;
'@
        $script:first, $script:second, $script:paused = 's1', 's2', 's3' | ForEach-Object {
            [guid][Convert]::ToHexString([Security.Cryptography.MD5]::HashData([Text.Encoding]::UTF8.GetBytes($_)))
        }
    }

    function Get-State([guid] $Id) {
        Invoke-TestSql "select concat_ws(' ', status, implementation_progress, (completed_at > now() - interval '1 minute')::text) from public.exec_implementation_sessions where id = '$Id'"
    }
}

AfterAll {
    Invoke-TestSql 'alter table public.exec_implementation_sessions drop column if exists implementation_progress, drop column if exists quality_score'
    Disconnect-LeoDatabase $connection
}

Describe 'Editing sessions' {
    BeforeEach {
        Reset-Session
    }

    It 'ends sessions from the pipe by the server''s clock and returns them in order' {
        $ended = Get-ImplementationSession -Id $second, $first | Sort-Object SdKey | Set-ImplementationSession -Status completed
        $ended | Should -BeOfType ([LeoPS.ImplementationSession])
        "$($ended.SdKey)" | Should -Be 'SD-A-001 SD-B-002'
        "$($ended.Status)" | Should -Be 'Completed Completed'
        $ended[0].CompletedAt | Should -Be $ended[0].UpdatedAt
        Get-State $first | Should -Be 'completed true'
    }

    It 'edits by id, with progress and columns that LeoPS does not know, and leaves the rest' {
        $edited = Set-ImplementationSession -Id $first -Progress '40' -AdditionalColumns @{ quality_score = 91 } -ImplementationType api_endpoint
        $edited.Status, $edited.ImplementationType, $edited.AdditionalColumns.quality_score | Should -Be 'Active', 'API_ENDPOINT', 91
        Get-State $first | Should -Be 'active 40'
        $null = $edited | Set-ImplementationSession -AdditionalColumns { @{ quality_score = $_.AdditionalColumns.quality_score + 1 } }
        (Get-ImplementationSession -Id $first).AdditionalColumns.quality_score | Should -Be 92
    }

    It 'keeps the guard of an object through <Name>' -ForEach @(
        @{ Name = 'nothing'; Through = { $_ } }
        @{ Name = 'JSON'; Through = { $_ | ConvertTo-Json | ConvertFrom-Json } }
        @{ Name = 'CSV'; Through = { $_ | ConvertTo-Csv | ConvertFrom-Csv } }
    ) {
        $known = Get-ImplementationSession -Id $first | ForEach-Object $Through
        Invoke-TestSql "update public.exec_implementation_sessions set updated_at = now() where id = '$first'"
        $outcome = Get-Outcome { $known | Set-ImplementationSession -Status Failed }
        $outcome.Errors | Get-ErrorName | Should -Be 'EditConflict'
        Get-State $first | Should -Be 'active'
    }

    It 'makes no second active session, and says which one to end and how' {
        $outcome = Get-Outcome { Get-ImplementationSession -Id $paused | Set-ImplementationSession -Status Active }
        $outcome.Errors | Get-ErrorName | Should -Be 'StatusConflict'
        $outcome.Errors[0].Exception.Message | Should -BeLike "*$first*Set-ImplementationSession -Id $first -Status Completed*"
        (Get-Outcome { New-ImplementationSession SD-A-001 UI_COMPONENT }).Errors[0].Exception.Message | Should -BeLike "*Set-ImplementationSession -Id $first*"
        $null = Set-ImplementationSession -Id $first -Status Completed
        (Set-ImplementationSession $paused -Status Active).Status | Should -Be 'Active'
    }

    It 'takes no target and no status from the row' {
        { Get-ImplementationSession -Id $first | Set-ImplementationSession -ErrorAction Stop } | Should -Throw -ErrorId 'ValueOutOfRange*'
        $outcome = Get-Outcome { [pscustomobject]@{ Id = $first; Status = 'failed'; Progress = 9 } | Set-ImplementationSession -Progress 5 }
        $outcome.Errors | Should -BeNullOrEmpty
        Get-State $first | Should -Be 'active 5'
    }

    It 'reports what names no session in its place and edits the others' {
        $rows = @($first.ToString(), (Get-StrategicDirective SD-B-002), (New-Guid), $null, @{ Id = 'x' }, $first)
        $outcome = Get-Outcome { $rows | Set-ImplementationSession -Status Paused }
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidIdentity', 'NotFound', 'InvalidIdentity', 'InvalidIdentity', 'StatusConflict'
        $outcome.Errors[0].Exception.Message | Should -BeLike '*Get-ImplementationSession -SdId*'
        Get-State $first | Should -Be 'paused'
    }

    It 'refuses before anything is sent: <Name>' -ForEach @(
        @{ Name = 'nothing to change'; With = @{} }
        @{ Name = 'a progress of 101'; With = @{ Progress = 101 } }
        @{ Name = 'a blank progress'; With = @{ Progress = ' '; Status = 'Paused' }; Id = 'ParameterArgumentTransformationError' }
    ) {
        { Set-ImplementationSession -Id $first @With } | Should -Throw -ErrorId (($_.ContainsKey('Id') ? $_.Id : 'ValueOutOfRange') + '*')
        Get-State $first | Should -Be 'active'
    }

    It 'rehearses with the resolved target, and refuses what would be refused' {
        $shown = Get-HostOutput { Get-ImplementationSession -Id $first | Set-ImplementationSession -Status Completed -WhatIf }
        "$shown" | Should -BeLike "*Edit Status (Completed)*SD-A-001 implementation session $first, Active*"
        $outcome = Get-Outcome { Set-ImplementationSession -Id $paused -Status Active -WhatIf }
        $outcome.Errors | Get-ErrorName | Should -Be 'StatusConflict'
        (Get-Outcome { Set-ImplementationSession -Id $first -AdditionalColumns @{ nothing_such = 1 } -WhatIf }).Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
        Get-State $first | Should -Be 'active'
    }

    It 'changes all or none with -Atomic, and counts with -Summary' {
        $outcome = Get-Outcome { $first, (New-Guid) | Set-ImplementationSession -Status Failed -Atomic }
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound', 'BatchRolledBack'
        Get-State $first | Should -Be 'active'
        $summary = $first, $second | Set-ImplementationSession -Status Failed -Summary
        $summary.Total, $summary.Changed | Should -Be 2, 2
    }

    It 'finds old sessions by age' {
        (Get-ImplementationSession -OlderThan 7d).Id | Should -Be $paused
        { Get-ImplementationSession -OlderThan 7 } | Should -Throw -ErrorId 'ParameterArgumentTransformationError*'
    }
}
