# New-StrategicDirective: from parameters and from rows, what is taken, what is refused, and rehearsals.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-new-directive'

    # The ids in the table beside those of Reset-TestData.
    function Get-Made {
        @(Invoke-TestSql "select id from public.strategic_directives_v2 where id not in ('SD-A-001', '6e6fb2a1-0000-4000-8000-000000000002') order by id")
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'From parameters' {
    BeforeEach {
        Reset-TestData
    }

    It 'makes one, with defaults for what nobody wrote' {
        $made = New-StrategicDirective SD-N-1 'A new one'
        $made | Should -BeOfType ([LeoPS.StrategicDirective])
        $made.Id, $made.SdKey, $made.Title, $made.Status, $made.Category, $made.Priority | Should -Be 'SD-N-1', 'SD-N-1', 'A new one', 'draft', 'general', 'medium'
        $made.Description, $made.Rationale, $made.Scope | Should -Be '', '', ''
        Invoke-TestSql "select concat_ws('|', id, sd_key, title, status, category, priority, description, rationale, scope, now() - created_at < '1 minute') from public.strategic_directives_v2 where id = 'SD-N-1'" |
            Should -Be 'SD-N-1|SD-N-1|A new one|draft|general|medium||||t'
    }

    It 'writes what was given' {
        $made = New-StrategicDirective -SdKey SD-N-1 -Title T -Id own -Status active -Category c -Priority p -Description d -Rationale r -Scope s
        $made.Id, $made.Status, $made.Category, $made.Priority, $made.Description, $made.Rationale, $made.Scope | Should -Be 'own', 'active', 'c', 'p', 'd', 'r', 's'
    }

    It 'gives a key that no id holds a UUID' {
        (New-StrategicDirective ('K' * 50) T).Id | Should -Be ('K' * 50)
        [guid](New-StrategicDirective ('K' * 51) T).Id | Should -Not -Be ([guid]::Empty)
    }

    It 'names whoever has the key or the id: <Key>, <Id>' -ForEach @(
        @{ Key = 'SD-A-001'; Id = 'x'; Says = 'key SD-A-001 is taken by strategic directive SD-A-001, ''First directive'', active' }
        @{ Key = 'x'; Id = 'SD-A-001'; Says = 'id SD-A-001 is taken by' }
        @{ Key = '6e6fb2a1-0000-4000-8000-000000000002'; Id = 'x'; Says = 'is the id of strategic directive SD-B-002' }
        @{ Key = 'x'; Id = 'SD-B-002'; Says = 'is the key of strategic directive SD-B-002' }
    ) {
        $seen = Get-Outcome { New-StrategicDirective -SdKey $Key -Title T -Id $Id }
        $seen.Out | Should -BeNullOrEmpty
        $seen.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
        $seen.Errors.Exception.Message | Should -Match ([regex]::Escape($Says))
        Get-Made | Should -BeNullOrEmpty
    }

    It 'refuses what no column holds before it asks the server: <Name>' -ForEach @(
        @{ Name = 'Title'; Value = 'T' * 501; Limit = 500 }
        @{ Name = 'Id'; Value = 'I' * 51; Limit = 50 }
        @{ Name = 'Priority'; Value = 'p' * 21; Limit = 20 }
        @{ Name = 'Status'; Value = 's' * 51; Limit = 50 }
        @{ Name = 'Category'; Value = 'c' * 51; Limit = 50 }
        @{ Name = 'Description'; Value = "a`0b"; Limit = 'NUL' }
    ) {
        $arguments = @{ SdKey = 'SD-N-1'; Title = 'T' }
        $arguments[$Name] = $Value
        $seen = Get-Outcome { New-StrategicDirective @arguments -Verbose }
        $seen.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
        $seen.Errors.Exception.Message | Should -Match "-$Name .*$Limit"
        $seen.Verbose | Where-Object { $_ -match 'rows, \d+ ms' } | Should -BeNullOrEmpty
    }

    It 'refuses a blank title and a script block' {
        (Get-Outcome { New-StrategicDirective SD-N-1 ' ' }).Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
        (Get-Outcome { New-StrategicDirective SD-N-1 { 'T' } }).Ended | Get-ErrorName | Should -Be 'ParameterArgumentTransformationError'
    }

    It 'takes further columns of the table by -AdditionalColumns' {
        Invoke-TestSql "alter table public.strategic_directives_v2 add column sd_type text not null default 'x', add column rank int[]; alter table public.strategic_directives_v2 alter sd_type drop default"
        try {
            $seen = Get-Outcome { New-StrategicDirective SD-N-1 T }
            $seen.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
            $seen.Errors.Exception.Message | Should -Match 'sd_type'
            $made = New-StrategicDirective SD-N-1 T -AdditionalColumns @{ sd_type = 'feature'; rank = 1, 2 }
            $made.AdditionalColumns.sd_type | Should -Be 'feature'
            $made.AdditionalColumns.rank | Should -Be 1, 2
            $rows = [pscustomobject]@{ SdKey = 'SD-N-2'; Title = 'T'; Type = 'fix' }, [pscustomobject]@{ SdKey = 'SD-N-3'; Title = 'T'; Type = $null }
            $seen = Get-Outcome { $rows | New-StrategicDirective -AdditionalColumns { @{ sd_type = $_.Type } } }
            $seen.Out.AdditionalColumns.sd_type | Should -Be 'fix'
            $seen.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
            $seen.Errors.TargetObject.SdKey | Should -Be 'SD-N-3'
            (Get-Outcome { New-StrategicDirective SD-N-4 T -AdditionalColumns 'no json' }).Ended | Get-ErrorName | Should -Be 'InvalidJson'
            (Get-Outcome { New-StrategicDirective SD-N-4 T -AdditionalColumns @{ status = 's' } }).Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
        }
        finally {
            Invoke-TestSql 'alter table public.strategic_directives_v2 drop column sd_type, drop column rank'
        }
    }
}

Describe 'From the pipe' {
    BeforeEach {
        Reset-TestData
    }

    It 'makes one of each row of a CSV file, and a bad row stops none' {
        $seen = Get-Outcome {
            @'
SdKey,Title,Status,Category,Priority,Id
SD-N-1,First,active,feature,high,
SD-A-001,Taken,,,,x
,No key,,,,
SD-N-2,,,,,
SD-N-3,Too long,,,priority-of-many-letters,
SD-N-4,Last,,,,own-id
SD-N-1,Again,,,,
'@ | ConvertFrom-Csv | New-StrategicDirective -Priority low
        }
        # What a parameter gives holds for all rows.
        $seen.Out.SdKey | Should -Be 'SD-N-1', 'SD-N-3', 'SD-N-4'
        $seen.Out.Priority | Should -Be 'low', 'low', 'low'
        $seen.Out.Status | Should -Be 'active', 'draft', 'draft'
        $seen.Out.Category | Should -Be 'feature', 'general', 'general'
        $seen.Out.Id | Should -Be 'SD-N-1', 'SD-N-3', 'own-id'
        $seen.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange', 'ValueOutOfRange', 'ValueOutOfRange', 'ValueOutOfRange'
        $seen.Errors.TargetObject.Title | Should -Be 'Taken', 'No key', '', 'Again'
        $seen.All | ForEach-Object { $_ -is [LeoPS.StrategicDirective] } | Should -Be $true, $false, $false, $false, $true, $true, $false
    }

    It 'takes hashtables, lines of JSON and deserialized objects' {
        @{ SdKey = 'SD-N-1'; Title = 'T' }, '{"SdKey":"SD-N-2","Title":"T","Scope":"all"}' | New-StrategicDirective | ForEach-Object SdKey | Should -Be 'SD-N-1', 'SD-N-2'
        (Get-StrategicDirective SD-N-2).Scope | Should -Be 'all'
    }

    It 'moves directives from one database to another by way of CSV, with their ids and statuses' {
        Get-StrategicDirective SD-B-002 | ConvertTo-Csv | Set-Variable csv
        Invoke-TestSql "delete from public.strategic_directives_v2 where sd_key = 'SD-B-002'"
        $made = $csv | ConvertFrom-Csv | New-StrategicDirective
        $made.Id, $made.SdKey, $made.Status, $made.Description | Should -Be '6e6fb2a1-0000-4000-8000-000000000002', 'SD-B-002', 'active', 'd'
    }

    It 'copies a directive without its id and its status, and needs a new key' {
        $copy = Get-StrategicDirective SD-B-002 | New-StrategicDirective -SdKey SD-N-1
        $copy.Id, $copy.Status, $copy.Category, $copy.Title | Should -Be 'SD-N-1', 'draft', 'engineering', 'Second directive'
        (Get-Outcome { Get-StrategicDirective SD-B-002 | New-StrategicDirective }).Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
    }

    It 'refuses another kind by name, and an empty value' {
        $seen = Get-Outcome { (Get-ImplementationSession -First 1), $null | New-StrategicDirective }
        $seen.Errors | Get-ErrorName | Should -Be 'InvalidIdentity', 'ValueOutOfRange'
        $seen.Errors[0].Exception.Message | Should -Match 'An ImplementationSession is not what a strategic directive is made of'
        Get-Made | Should -BeNullOrEmpty
    }

    It 'ends at the first error under Stop, and keeps what was made before' {
        $rows = 'SD-N-1', 'SD-A-001', 'SD-N-2' | ForEach-Object { [pscustomobject]@{ SdKey = $_; Title = 'T' } }
        $seen = Get-Outcome { $rows | New-StrategicDirective -ErrorAction Stop }
        $seen.Ended | Get-ErrorName | Should -Be 'ValueOutOfRange'
        Get-Made | Should -Be 'SD-N-1'
    }
}

Describe 'Rehearsals' {
    BeforeEach {
        Reset-TestData
    }

    It 'says what would be made, refuses what would be refused, and writes nothing' {
        $rows = [pscustomobject]@{ SdKey = 'SD-N-1'; Title = 'A title' }, [pscustomobject]@{ SdKey = 'SD-A-001'; Title = 'T' }
        $said = Get-HostOutput { $rows | New-StrategicDirective -WhatIf } -Outcome seen
        $said | Should -Contain 'What if: Performing the operation "Create" on target "strategic directive SD-N-1, ''A title''".'
        @($said -match '^What if').Count | Should -Be 1
        $seen.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
        $seen.Out | Should -BeNullOrEmpty
        Get-Made | Should -BeNullOrEmpty
    }

    It 'takes several back together in a transaction' {
        $seen = Get-Outcome {
            Invoke-LeoTransaction {
                New-StrategicDirective SD-N-1 T
                New-StrategicDirective SD-A-001 T
            }
        }
        $seen.Ended | Get-ErrorName | Should -Be 'BatchRolledBack'
        Get-Made | Should -BeNullOrEmpty
    }
}

Describe 'Who may not' {
    BeforeEach {
        Reset-TestData
    }

    It 'is told so for each row: <Role>' -ForEach @(@{ Role = 'authenticated' }, @{ Role = 'anon' }) {
        Invoke-TestSql "do `$`$ begin if not exists (select from pg_roles where rolname = 'pester_sd_$Role') then create role pester_sd_$Role login inherit password '$($server.Password)' in role $Role; end if; end `$`$"
        $member = Connect-LeoDatabase -HostName 127.0.0.1 -Port $server.Port -Database leops -Credential ([pscredential]::new("pester_sd_$Role", (ConvertTo-SecureString $server.Password -AsPlainText))) -Name "pester-$Role"
        try {
            $seen = Get-Outcome { @{ SdKey = 'SD-N-1'; Title = 'T' }, @{ SdKey = 'SD-N-2'; Title = 'T' } | New-StrategicDirective -Connection $member }
            $seen.Errors | Get-ErrorName | Should -Be 'Forbidden', 'Forbidden'
            $seen.Errors[0].Exception.Message | Should -Match "pester_sd_$Role may not make a strategic directive"
            $seen.Errors[0].CategoryInfo.Category | Should -Be 'PermissionDenied'
            Get-Made | Should -BeNullOrEmpty
        }
        finally {
            Disconnect-LeoDatabase $member
            $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-new-directive'
        }
    }
}
