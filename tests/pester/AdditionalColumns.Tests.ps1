# Columns that LeoPS does not know: read, written and copied by each New- and Set- cmdlet, in tables as wide as real ones.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $tables = 'exec_handoff_preparations', 'crewai_flow_executions', 'strategic_directives_v2', 'exec_implementation_sessions', 'crewai_flows'
    foreach ($table in $tables) {
        # 92 columns as in the widest real table; a computed one, an identity and a unique one among them.
        $wide = 1..89 | ForEach-Object { "add wide_$_ int default $_" }
        Invoke-TestSql "alter table public.$table add note text, add wide_sum int generated always as (1 + 1) stored, add wide_no int generated always as identity, add wide_code uuid unique default gen_random_uuid(), $($wide -join ', ')"
    }
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-additional'
}

AfterAll {
    foreach ($table in $tables) {
        $wide = 1..89 | ForEach-Object { "drop wide_$_" }
        Invoke-TestSql "alter table public.$table drop note, drop wide_sum, drop wide_no, drop wide_code, $($wide -join ', ')"
    }
    Disconnect-LeoDatabase $connection
}

Describe 'Additional columns' {
    BeforeEach {
        Reset-RunData
        Invoke-TestSql "delete from public.strategic_directives_v2 where id like 'SD-WIDE%'; delete from public.crewai_flows where flow_key like 'wide%'"
        $null = New-StrategicDirective SD-WIDE 'Wide' -AdditionalColumns @{ note = 'directive' }
        $session = New-ImplementationSession SD-WIDE UI_COMPONENT -AdditionalColumns @{ note = 'session' }
        $flow = New-Flow wide 'Wide' @{ nodes = @() } -AdditionalColumns @{ note = 'flow'; wide_1 = 100 }
    }

    It 'are read from every table' {
        (Get-StrategicDirective SD-WIDE).AdditionalColumns.note | Should -Be 'directive'
        (Get-ImplementationSession -Id $session.Id).AdditionalColumns.note | Should -Be 'session'
        $flow.AdditionalColumns.note, $flow.AdditionalColumns.wide_1, $flow.AdditionalColumns.wide_89 | Should -Be 'flow', 100, 89
        $flow.AdditionalColumns.Keys.Count | Should -Be 93
        (New-FlowExecution wide -AdditionalColumns @{ note = 'run' } | Get-FlowExecution).AdditionalColumns.note | Should -Be 'run'
        (Invoke-FlowExecution wide -AdditionalColumns '{"note": "invoked"}' { param($run) $run.Id } | Get-FlowExecution).AdditionalColumns.note | Should -Be 'invoked'
        (Get-Outcome { Invoke-FlowExecution wide -AdditionalColumns @{ wide_sum = 1 } { throw 'was run' } }).Ended | Get-ErrorName | Should -Be 'ValueOutOfRange'
        (New-HandoffPreparation -SdId SD-WIDE -ImplementationSummary built -AdditionalColumns @{ note = 'handoff' } | Get-HandoffPreparation).AdditionalColumns.note | Should -Be 'handoff'
        (Test-LeoDatabase).Healthy | Should -BeTrue
    }

    It 'go along with a copy, without those that the database fills or that are unique: <Case>' -ForEach @(
        @{ Case = 'a live object'; Form = { $_ } }
        @{ Case = 'an object of a job'; Form = { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($_, 3)) } }
    ) {
        $copy = Get-Flow wide | ForEach-Object $Form | New-Flow -FlowKey wide-copy
        $copy.AdditionalColumns.note, $copy.AdditionalColumns.wide_1, $copy.AdditionalColumns.wide_2 | Should -Be 'flow', 100, 2
        $copy.AdditionalColumns.wide_code | Should -Not -Be $flow.AdditionalColumns.wide_code
        $copy.AdditionalColumns.wide_no | Should -Not -Be $flow.AdditionalColumns.wide_no
        $directive = Get-StrategicDirective SD-WIDE | ForEach-Object $Form | New-StrategicDirective -SdKey SD-WIDE-2
        $directive.AdditionalColumns.note | Should -Be 'directive'
    }

    It 'of a line of JSON and a CSV file are written as they are' {
        $line = Get-Flow wide -AsJson
        $rows = Get-Flow wide | ConvertTo-Csv | ConvertFrom-Csv
        Invoke-TestSql "delete from public.crewai_flows where flow_key = 'wide'"
        $back = $line | New-Flow
        $back.AdditionalColumns.note, $back.AdditionalColumns.wide_code | Should -Be 'flow', $flow.AdditionalColumns.wide_code
        Invoke-TestSql "delete from public.crewai_flows where flow_key = 'wide'"
        ($rows | New-Flow).AdditionalColumns.wide_1 | Should -Be 100
    }

    It 'a copy without them, with others, and one that is given' {
        (Get-Flow wide | Select-Object * -ExcludeProperty AdditionalColumns | New-Flow -FlowKey wide-2).AdditionalColumns.wide_1 | Should -Be 1
        (Get-Flow wide | New-Flow -FlowKey wide-3 -AdditionalColumns @{ note = 'mine' }).AdditionalColumns.note | Should -Be 'mine'
        (@{ FlowKey = 'wide-4'; FlowName = 'n'; FlowDefinition = @{}; AdditionalColumns = @{ note = 'row' } } | New-Flow).AdditionalColumns.note | Should -Be 'row'
        (Get-Flow wide, wide-3 | Set-Flow -AdditionalColumns { @{ note = "was $($_.AdditionalColumns.note)" } }).AdditionalColumns.note | Should -Be 'was flow', 'was mine'
    }

    It 'are edited under the guard of the row' {
        $known = Get-Flow wide
        ($known | Set-Flow -AdditionalColumns @{ note = $null }).AdditionalColumns.note | Should -BeNullOrEmpty
        (Get-Outcome { $known | Set-Flow -AdditionalColumns @{ note = 'late' } }).Errors | Get-ErrorName | Should -Be 'EditConflict'
        $handoff = New-HandoffPreparation -SdId SD-WIDE -ImplementationSummary built
        $edited = $handoff | Set-HandoffPreparation -AdditionalColumns @{ note = 'edited' } -DemoUrl 'https://x'
        $edited.AdditionalColumns.note, $edited.DemoUrl | Should -Be 'edited', 'https://x'
        (Get-Outcome { $handoff | Set-HandoffPreparation -AdditionalColumns @{ note = 'late' } }).Errors | Get-ErrorName | Should -Be 'EditConflict'
    }

    It 'that cannot be written are refused by name, and the other rows are written: <Column>' -ForEach @(
        @{ Column = 'wide_sum'; Says = '*column wide_sum of table crewai_flows, and the database computes it*' }
        @{ Column = 'wide_no'; Says = '*column wide_no of table crewai_flows, and the database numbers it*' }
        @{ Column = 'Note'; Says = "*'Note', and table crewai_flows has no such column*" }
        @{ Column = 'flow_name'; Says = '*column flow_name, for which there is a parameter*' }
    ) {
        $rows = 'wide-5', 'wide-6' | ForEach-Object { [pscustomobject]@{ FlowKey = $_; FlowName = 'n'; FlowDefinition = '{}' } }
        $outcome = Get-Outcome { $rows | New-Flow -AdditionalColumns { $_.FlowKey -eq 'wide-5' ? @{ $Column = 1 } : @{ note = 'n' } } }
        $outcome.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
        $outcome.Errors[0].Exception.Message | Should -BeLike $Says
        $outcome.Out.FlowKey | Should -Be 'wide-6'
    }

    It 'are for new runs alone' {
        $queued = New-FlowExecution wide -AdditionalColumns @{ note = 'queued' }
        (Get-Outcome { $queued | Start-FlowExecution -AdditionalColumns @{ note = 'x' } }).Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
        (Get-Outcome { Start-FlowExecution wide -Next -AdditionalColumns @{ note = 'x' } }).Ended | Get-ErrorName | Should -Be 'ValueOutOfRange'
        ($queued | Start-FlowExecution).AdditionalColumns.note | Should -Be 'queued'
        (Start-FlowExecution wide -AdditionalColumns @{ note = 'new' }).AdditionalColumns.note | Should -Be 'new'
    }
}

Describe 'Columns of a timestamp without time zone' {
    It 'are UTC whatever PGTZ and the role''s own time zone are' {
        $zone = $env:PGTZ
        Invoke-TestSql "alter table public.strategic_directives_v2 alter created_at type timestamp using created_at at time zone 'UTC'; update public.strategic_directives_v2 set created_at = '2026-07-01 12:00' where id = 'SD-WIDE'; alter role current_user set timezone = 'Asia/Tokyo'"
        try {
            $env:PGTZ = 'America/New_York'
            $other = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-zone'
            (Get-StrategicDirective SD-WIDE -Connection $other).CreatedAt | Should -Be ([DateTimeOffset]'2026-07-01T12:00:00Z')
            $new = New-StrategicDirective SD-WIDE-ZONE 'New' -Connection $other
            ([DateTimeOffset]::UtcNow - $new.CreatedAt).Duration() | Should -BeLessThan ([timespan]::FromMinutes(5))
        }
        finally {
            $env:PGTZ = $zone
            Disconnect-LeoDatabase pester-zone
            Invoke-TestSql "alter role current_user reset timezone; alter table public.strategic_directives_v2 alter created_at type timestamptz using created_at at time zone 'UTC'"
        }
    }
}
