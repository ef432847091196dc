# Set-StrategicDirective: by id, key and from the pipe, the guard, columns that only some tables have, rehearsals, and what is refused.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-set-directive'
    function Get-Value([string] $Key, [string] $Expression) { Invoke-TestSql "select $Expression from public.strategic_directives_v2 where sd_key = '$Key'" }
}

AfterAll {
    Invoke-TestSql 'alter table public.strategic_directives_v2 drop column if exists current_phase, drop column if exists progress'
    Disconnect-LeoDatabase $connection
}

Describe 'Editing directives' {
    BeforeEach {
        Reset-TestData
        Invoke-TestSql 'alter table public.strategic_directives_v2 drop column if exists current_phase, drop column if exists progress'
    }

    It 'writes what is given by key, stamps updated_at, and returns the directive' {
        $edited = Set-StrategicDirective SD-B-002 -Title $awkward -Priority low -Description '' -Scope $awkward
        $edited | Should -BeOfType ([LeoPS.StrategicDirective])
        $edited.SdKey, $edited.Title, $edited.Priority, $edited.Description, $edited.Scope | Should -BeExactly 'SD-B-002', $awkward, 'low', '', $awkward
        Get-Value SD-B-002 "updated_at between now() - interval '1 minute' and now()" | Should -Be 't'
        Get-Value SD-A-001 "title <> '' and priority <> 'low'" | Should -Be 't'
    }

    It 'edits from the pipe in input order, and a changed one is left alone' {
        $rows = Get-StrategicDirective 'SD-*'
        Invoke-TestSql "update public.strategic_directives_v2 set title = 'theirs' where sd_key = 'SD-A-001'"
        $outcome = Get-Outcome { $rows | Set-StrategicDirective -Status paused }
        $outcome.Errors | Get-ErrorName | Should -Be 'EditConflict'
        $outcome.Out.SdKey | Should -Be 'SD-B-002'
        $again = Get-StrategicDirective -SdId SD-A-001 | ConvertTo-Json | ConvertFrom-Json
        ($again | Set-StrategicDirective -Status paused).Status | Should -Be 'paused'
    }

    It 'writes phase and progress where the table has them, and says so where it has not' {
        $outcome = Get-Outcome { Set-StrategicDirective SD-A-001 -Phase EXEC }
        $outcome.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
        $outcome.Errors[0].Exception.Message | Should -BeLike '*no column current_phase or phase, which -Phase writes*'
        Invoke-TestSql 'alter table public.strategic_directives_v2 add column current_phase text, add column progress integer'
        $edited = Set-StrategicDirective SD-A-001 -Phase EXEC -Progress 60
        $edited.AdditionalColumns.current_phase, $edited.AdditionalColumns.progress | Should -Be 'EXEC', 60
        ($edited | Set-StrategicDirective -AdditionalColumns { @{ current_phase = $null } } -ErrorVariable refused -ErrorAction SilentlyContinue) | Should -BeNullOrEmpty
        $refused[0].Exception.Message | Should -BeLike '*-Phase writes*'
    }

    It 'reports what names no directive in its place' {
        $session = Get-ImplementationSession -First 1
        $session | Should -Not -BeNullOrEmpty
        $rows = @('SD-A-001', 'none', $session, @{ Id = (New-Guid); SdId = 'SD-A-001' }, $null, 'SD-A-001')
        $outcome = Get-Outcome { $rows | Set-StrategicDirective -Category board }
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound', 'InvalidIdentity', 'InvalidIdentity', 'InvalidIdentity', 'StatusConflict'
        $outcome.Out.SdKey | Should -Be 'SD-A-001'
        (Get-Outcome { Set-StrategicDirective 'SD-*' -Category x }).Errors[0].Exception.Message | Should -BeLike "*pattern*Get-StrategicDirective 'SD-``**"
    }

    It 'refuses before anything is sent: <Name>' -ForEach @(
        @{ Name = 'nothing to change'; With = @{} }
        @{ Name = 'an empty title'; With = @{ Title = '' } }
        @{ Name = 'a priority of 21 characters'; With = @{ Priority = 'p' * 21 } }
        @{ Name = 'a NUL'; With = @{ Scope = "a`0" } }
        @{ Name = 'a progress below 0'; With = @{ Progress = -1 } }
    ) {
        { Set-StrategicDirective SD-A-001 @With } | Should -Throw -ErrorId 'ValueOutOfRange*'
    }

    It 'rehearses with the resolved target and writes nothing' {
        $shown = Get-HostOutput { Set-StrategicDirective SD-B-002 -Status done -WhatIf }
        "$shown" | Should -BeLike '*Edit Status*strategic directive SD-B-002 (6e6fb2a1-0000-4000-8000-000000000002)*'
        (Get-Outcome { Set-StrategicDirective none -Status done -WhatIf }).Errors | Get-ErrorName | Should -Be 'NotFound'
        Get-Value SD-B-002 "status = 'done'" | Should -Be 'f'
    }

    It 'changes all or none with -Atomic' {
        $outcome = Get-Outcome { 'SD-A-001', 'none' | Set-StrategicDirective -Category board -Atomic }
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound', 'BatchRolledBack'
        Get-Value SD-A-001 "category = 'board'" | Should -Be 'f'
        ('SD-A-001', 'SD-B-002' | Set-StrategicDirective -Category board -Atomic -Summary).Changed | Should -Be 2
    }
}
