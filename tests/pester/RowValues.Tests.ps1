# A value of a piped row that is there and cannot be read is that row's error, whatever form the row has; an empty cell is no value.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-row-values'

    # The forms in which a row of text cells comes through the pipe.
    $forms = @{
        'a hashtable'           = { param($Row) $Row }
        'an object'             = { param($Row) [pscustomobject]$Row }
        'a row of CSV'          = { param($Row) [pscustomobject]$Row | ConvertTo-Csv | ConvertFrom-Csv }
        'a line of JSON'        = { param($Row) $Row | ConvertTo-Json -Compress }
        'an object of JSON'     = { param($Row) $Row | ConvertTo-Json -Compress | ConvertFrom-Json }
        'a deserialized object' = { param($Row) [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize([pscustomobject]$Row)) }
    }

    # One row that is fine, and one that is the same but for one value.
    function Get-Pair {
        param([string] $Form, [hashtable] $Good, [hashtable] $Bad, [string] $Column, $Value)
        $wrong = $Bad.Clone()
        $wrong[$Column] = $Value
        foreach ($row in $wrong, $Good) { & $forms[$Form] $row }
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

BeforeDiscovery {
    $formNames = 'a hashtable', 'an object', 'a row of CSV', 'a line of JSON', 'an object of JSON', 'a deserialized object'
    $handoffWriters = @(
        @{ Name = 'Set-HandoffStatus'; Call = { $_ | Set-HandoffStatus Sent } }
        @{ Name = 'Set-HandoffPreparation'; Call = { $_ | Set-HandoffPreparation -DemoUrl 'https://demo' } }
        @{ Name = 'Remove-HandoffPreparation'; Call = { $_ | Remove-HandoffPreparation -Confirm:$false } }
    )
    $runWriters = @(
        @{ Name = 'Complete-FlowExecution'; Status = 'running'; Call = { $_ | Complete-FlowExecution } }
        @{ Name = 'Stop-FlowExecution'; Status = 'running'; Call = { $_ | Stop-FlowExecution -Reason why } }
        @{ Name = 'Restart-FlowExecution'; Status = 'failed'; Call = { $_ | Restart-FlowExecution } }
        @{ Name = 'Remove-FlowExecution'; Status = 'failed'; Call = { $_ | Remove-FlowExecution -Confirm:$false } }
        @{ Name = 'Start-FlowExecution'; Status = 'pending'; Call = { $_ | Start-FlowExecution } }
    )
}

Describe 'A handoff' {
    BeforeEach {
        Reset-TestData -Count 2
        $row = @{ Id = "$(Get-TestId 1)"; HandoffStatus = 'ready' }
        $good = @{ Id = "$(Get-TestId 2)"; HandoffStatus = 'ready'; RowVersion = "$((Get-HandoffPreparation -Id (Get-TestId 2)).RowVersion)" }
        $untouched = "select concat_ws('|', handoff_status, demo_url, implementation_summary) from public.exec_handoff_preparations where id = md5('h1')::uuid"
        $stillThere = "select count(*) from public.exec_handoff_preparations where id = md5('h2')::uuid and handoff_status = 'ready' and demo_url is null"
        Invoke-TestSql "update public.exec_handoff_preparations set implementation_summary = 'a colleague''s edit' where id = md5('h1')::uuid"
    }

    Context '<Name>' -ForEach $handoffWriters {
        BeforeAll { $call = $Call }

        It 'changes nothing where RowVersion of <_> cannot be read, and goes on' -ForEach $formNames {
            ($form, $last) = ($_, 1)
            foreach ($value in '1.2E+03', '1.234', 'abc', '-5', '0x1F', '4294967296', '1 234', '12.5') {
                $pair = @(Get-Pair $form $good $row RowVersion $value)[0..$last]
                $outcome = Get-Outcome { $pair | ForEach-Object { , $_ } | ForEach-Object $call }
                $outcome.Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
                "$($outcome.Errors[0])" | Should -BeLike "*RowVersion*'$value'*"
                Invoke-TestSql $untouched | Should -Be "ready|a colleague's edit"
                Invoke-TestSql $stillThere | Should -Be 0
                # The good one is changed once.
                $last = 0
            }
        }

        It 'changes nothing where the status or the time of change of <_> cannot be read' -ForEach $formNames {
            $version = "$((Get-HandoffPreparation -Id (Get-TestId 1)).RowVersion)"
            foreach ($case in @(
                    @{ Column = 'HandoffStatus'; Value = 'redy'; Row = @{ Id = $row.Id; RowVersion = $version } }
                    @{ Column = 'HandoffStatus'; Value = '17'; Row = @{ Id = $row.Id; RowVersion = $version } }
                    @{ Column = 'UpdatedAt'; Value = 'yesterday'; Row = $row }
                    @{ Column = 'UpdatedAt'; Value = '1.2E+03'; Row = $row }
                    @{ Column = 'Id'; Value = 'abc'; Row = $row }
                    @{ Column = 'Id'; Value = '00000000-0000-0000-0000-000000000000'; Row = $row }
                )) {
                $pair = @(Get-Pair $_ $good $case.Row $case.Column $case.Value)[0]
                $outcome = Get-Outcome { , $pair | ForEach-Object $call }
                $outcome.Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
                "$($outcome.Errors[0])" | Should -BeLike "*$($case.Column)*'$($case.Value)'*"
                Invoke-TestSql $untouched | Should -Be "ready|a colleague's edit"
            }
        }
    }

    It 'is changed without a guard where the cells of a CSV file are empty' {
        $lines = 'Id,HandoffStatus,RowVersion,UpdatedAt', "$(Get-TestId 1),ready,,", "$(Get-TestId 2),,  ,"
        ($lines | ConvertFrom-Csv | Set-HandoffPreparation -DemoUrl 'https://demo').Id | Should -Be (Get-TestId 1), (Get-TestId 2)
    }

    It 'is read even so, to bring it up to date, and judged' {
        $row.RowVersion = '1.2E+03'
        ($row | Get-HandoffPreparation).ImplementationSummary | Should -Be "a colleague's edit"
        ($row | Test-HandoffPreparation).Id | Should -Be (Get-TestId 1)
    }

    It 'has values that are refused where they cannot be read: <Column> <Value>' -ForEach @(
        @{ Column = 'QualityMetrics'; Value = '{"coverage": '; Id = 'InvalidJson' }
        @{ Column = 'TestResults'; Value = '12,5'; Id = 'InvalidJson' }
        @{ Column = 'KnownIssues'; Value = '["a", '; Id = 'InvalidJson' }
        @{ Column = 'DeliverablesManifest'; Value = 'a; b'; Id = 'InvalidJson' }
        @{ Column = 'SessionId'; Value = 'abc'; Id = 'ValueOutOfRange' }
        @{ Column = 'QualityMetric'; Value = '{}'; Id = 'ValueOutOfRange' }
        @{ Column = 'DemoUrl'; Value = @{ a = 1 }; Id = 'ValueOutOfRange' }
    ) {
        $bad = @{ SdId = 'SD-A-001'; ImplementationSummary = 's'; $Column = $Value }
        $outcome = Get-Outcome { $bad, @{ SdId = 'SD-A-001'; ImplementationSummary = 'fine' } | New-HandoffPreparation }
        $outcome.Errors | Get-ErrorName | Should -Be $Id
        "$($outcome.Errors[0])" | Should -BeLike "*$Column*"
        $outcome.Out.ImplementationSummary | Should -Be 'fine'
    }
}

Describe 'A handoff of a relation that has no versions' {
    BeforeAll {
        Reset-TestData -Count 2
        Invoke-TestSql @'
alter table public.exec_handoff_preparations rename to handoffs_behind;
create view public.exec_handoff_preparations as select * from public.handoffs_behind;
'@
        $own = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-row-values-view'
    }

    AfterAll {
        Disconnect-LeoDatabase $own
        Invoke-TestSql 'drop view public.exec_handoff_preparations; alter table public.handoffs_behind rename to exec_handoff_preparations'
        Connect-LeoDatabase -Uri $server.Uri -Name 'pester-row-values' | Out-Null
    }

    BeforeEach {
        Invoke-TestSql "update public.handoffs_behind set updated_at = '2026-01-10T03:37:46.396001Z', demo_url = null"
        $file = Join-Path $TestDrive 'rows.csv'
    }

    It 'carries its time of change through <Name>' -ForEach @(
        @{ Name = 'CSV'; Trip = { Get-HandoffPreparation -Connection $own | Export-Csv -LiteralPath $file; Import-Csv -LiteralPath $file } }
        @{ Name = 'JSON lines'; Trip = { Get-HandoffPreparation -Connection $own -AsJson } }
        @{ Name = 'objects of JSON'; Trip = { Get-HandoffPreparation -Connection $own -AsJson | ConvertFrom-Json } }
        @{ Name = 'Select-Object'; Trip = { Get-HandoffPreparation -Connection $own | Select-Object Id, UpdatedAt } }
        @{ Name = 'a job'; Trip = { Get-HandoffPreparation -Connection $own | ForEach-Object { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($_)) } } }
    ) {
        $rows = @(& $Trip)
        $rows | Should -HaveCount 2
        Invoke-TestSql "update public.handoffs_behind set updated_at = '2026-01-10T03:37:47Z' where id = md5('h2')::uuid"
        $outcome = Get-Outcome { $rows | Set-HandoffPreparation -DemoUrl 'https://demo' -Connection $own }
        $outcome.Errors | Get-ErrorName | Should -Be 'EditConflict'
        $outcome.Out.Id | Should -Be (Get-TestId 1)
        Invoke-TestSql 'select count(demo_url) from public.handoffs_behind' | Should -Be 1
    }

    It 'is not changed where that time cannot be read' {
        $row = [pscustomobject]@{ Id = Get-TestId 1; HandoffStatus = 'Ready'; RowVersion = ''; UpdatedAt = '46032.15' }
        $outcome = Get-Outcome { $row | Set-HandoffPreparation -DemoUrl 'https://demo' -Connection $own }
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
        Invoke-TestSql 'select count(demo_url) from public.handoffs_behind' | Should -Be 0
    }
}

Describe 'A run' {
    Context '<Name>' -ForEach $runWriters {
        BeforeAll { $call = $Call; $status = $Status }

        It 'changes nothing where a value of <_> cannot be read, and goes on' -ForEach $formNames {
            Reset-RunData -Runs 2 -Status $status
            $own = @{ Id = "$(Get-RunId 1)"; FlowId = "$(Get-FlowId 1)"; FlowKey = 'weekly-1'; RowVersion = '7' }
            $before = Invoke-TestSql 'select count(*), string_agg(e::text, ''|'' order by id) filter (where id = md5(''e1'')::uuid) from public.crewai_flow_executions e'
            foreach ($case in @(
                    @{ Column = 'RowVersion'; Value = '1.2E+03' }, @{ Column = 'RowVersion'; Value = '1.234' }, @{ Column = 'RowVersion'; Value = 'abc' }, @{ Column = 'RowVersion'; Value = '-5' }
                    @{ Column = 'Status'; Value = 'runing' }
                    @{ Column = 'Id'; Value = 'abc' }, @{ Column = 'Id'; Value = '00000000-0000-0000-0000-000000000000' }
                )) {
                $bad = @(Get-Pair $_ @{} $own $case.Column $case.Value)[0]
                $outcome = Get-Outcome { , $bad | ForEach-Object $call }
                $outcome.Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
                "$($outcome.Errors[0])" | Should -BeLike "*$($case.Column)*'$($case.Value)'*"
            }
            Invoke-TestSql 'select count(*), string_agg(e::text, ''|'' order by id) filter (where id = md5(''e1'')::uuid) from public.crewai_flow_executions e' | Should -Be $before
            $good = & $forms[$_] @{ Id = "$(Get-RunId 2)"; FlowId = "$(Get-FlowId 3)"; RowVersion = '' }
            $bad = & $forms[$_] @{ Id = "$(Get-RunId 1)"; FlowId = "$(Get-FlowId 2)"; RowVersion = 'abc' }
            (Get-Outcome { $bad, $good | ForEach-Object $call }).Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
            Invoke-TestSql "select count(*) from public.crewai_flow_executions where id = md5('e2')::uuid and status = '$status' and metadata is null" | Should -Be 0
        }
    }

    It 'is not completed with <Column> <Value>' -ForEach @(
        @{ Column = 'TokenCount'; Value = '1.234'; Id = 'ValueOutOfRange' }
        @{ Column = 'TokenCount'; Value = '-1'; Id = 'ValueOutOfRange' }
        @{ Column = 'TokenCount'; Value = $true; Id = 'ValueOutOfRange' }
        @{ Column = 'CostUsd'; Value = '0,0886'; Id = 'ValueOutOfRange' }
        @{ Column = 'CostUsd'; Value = 'free'; Id = 'ValueOutOfRange' }
        @{ Column = 'OutputState'; Value = '{"a": '; Id = 'InvalidJson' }
        @{ Column = 'OutputState'; Value = 'done'; Id = 'InvalidJson' }
    ) {
        Reset-RunData -Runs 2
        $bad = @{ Id = Get-RunId 1; $Column = $Value }
        $outcome = Get-Outcome { $bad, @{ Id = Get-RunId 2; $Column = '' } | Complete-FlowExecution }
        $outcome.Errors | Get-ErrorName | Should -Be $Id
        "$($outcome.Errors[0])" | Should -BeLike ("$Value" -eq '-1' ? '*token count of -1*' : "*$Column*")
        $outcome.Out.Id | Should -Be (Get-RunId 2)
    }

    It 'is not failed with an error column that is an object' {
        Reset-RunData -Runs 1
        $row = @{ Id = Get-RunId 1; ErrorMessage = @{ text = 'boom' } }
        (Get-Outcome { $row | Complete-FlowExecution -Status Failed }).Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
    }

    It 'is not started by a row with <Column> <Value>' -ForEach @(
        @{ Column = 'FlowId'; Value = 'abc'; Is = 'InvalidIdentity' }
        @{ Column = 'FlowId'; Value = '00000000-0000-0000-0000-000000000000'; Is = 'InvalidIdentity' }
        @{ Column = 'Id'; Value = 'abc'; Is = 'InvalidIdentity' }
        @{ Column = 'ExecutedBy'; Value = 'me'; Is = 'ValueOutOfRange' }
        @{ Column = 'BoardMeetingId'; Value = '17'; Is = 'ValueOutOfRange' }
        @{ Column = 'ExecutionMode'; Value = 'manuall'; Is = 'ValueOutOfRange' }
        @{ Column = 'InputState'; Value = '{'; Is = 'InvalidJson' }
        @{ Column = 'Metadata'; Value = 'x'; Is = 'InvalidJson' }
        @{ Column = 'ExecutionKey'; Value = @('a', 'b'); Is = 'ValueOutOfRange' }
    ) {
        Reset-RunData
        $bad = @{ FlowKey = 'weekly-1'; $Column = $Value }
        foreach ($call in { $bad, @{ FlowKey = 'weekly-2'; $Column = '' } | Start-FlowExecution }, { $bad, @{ FlowKey = 'weekly-2'; $Column = $null } | New-FlowExecution }) {
            $outcome = Get-Outcome $call
            $outcome.Errors | Get-ErrorName | Should -Be $Is
            "$($outcome.Errors[0])" | Should -BeLike "*$Column*"
            $outcome.Out.FlowKey | Should -Be 'weekly-2'
        }
    }
}

Describe 'A flow' {
    BeforeEach { Reset-RunData }

    It 'is not edited where <Column> of a row is <Value>, in any form' -ForEach @(
        @{ Column = 'RowVersion'; Value = '1.2E+03' }, @{ Column = 'RowVersion'; Value = '1.234' }, @{ Column = 'RowVersion'; Value = 'abc' }, @{ Column = 'RowVersion'; Value = '-5' }
        @{ Column = 'FlowId'; Value = 'abc' }, @{ Column = 'Id'; Value = 'abc' }
    ) {
        foreach ($form in $forms.Keys) {
            foreach ($row in @{ Id = "$(Get-FlowId 1)"; FlowKey = 'weekly-1' }, @{ FlowId = "$(Get-FlowId 1)" }, @{ FlowKey = 'weekly-1' }) {
                $pair = @(Get-Pair $form @{ FlowKey = 'weekly-2' } $row $Column $Value)
                $outcome = Get-Outcome { $pair | Set-Flow -Description 'new' }
                $outcome.Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
                "$($outcome.Errors[0])" | Should -BeLike "*$Column*'$Value'*"
                $outcome.Out.FlowKey | Should -Be 'weekly-2'
            }
        }
        Invoke-TestSql "select description is null from public.crewai_flows where flow_key = 'weekly-1'" | Should -Be t
    }

    It 'is not made with <Column> <Value>' -ForEach @(
        @{ Column = 'Version'; Value = '1.5'; Is = 'ValueOutOfRange' }
        @{ Column = 'Version'; Value = '1.2E+03'; Is = 'ValueOutOfRange' }
        @{ Column = 'CreatedBy'; Value = 'me'; Is = 'ValueOutOfRange' }
        @{ Column = 'Metadata'; Value = '{'; Is = 'InvalidJson' }
        @{ Column = 'FlowDefinition'; Value = 'x'; Is = 'InvalidJson' }
        @{ Column = 'Tags'; Value = '["a", "b"'; Is = 'InvalidJson' }
        @{ Column = 'Description'; Value = @{ a = 1 }; Is = 'ValueOutOfRange' }
    ) {
        $bad = @{ FlowKey = 'k1'; FlowName = 'n'; FlowDefinition = '{}' }
        $good = @{ FlowKey = 'k2'; FlowName = 'n'; FlowDefinition = '{}' }
        $bad[$Column] = $Value
        if ($Column -ne 'FlowDefinition') { $good[$Column] = '' }
        $outcome = Get-Outcome { $bad, $good | New-Flow }
        $outcome.Errors | Get-ErrorName | Should -Be $Is
        "$($outcome.Errors[0])" | Should -BeLike "*$Column*"
        $outcome.Out.FlowKey | Should -Be 'k2'
    }
}

Describe 'A session' {
    BeforeEach { Reset-TestData -Count 0 }

    It 'is not taken for another where <Column> of a row is <Value>' -ForEach @(
        @{ Column = 'SessionId'; Value = 'abc' }, @{ Column = 'SessionId'; Value = '00000000-0000-0000-0000-000000000000' }, @{ Column = 'Id'; Value = 'abc' }
    ) {
        $row = @{ SdId = 'SD-A-001'; $Column = $Value }
        $outcome = Get-Outcome { $row | Get-ImplementationSession }
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
        "$($outcome.Errors[0])" | Should -BeLike "*$Column*'$Value'*"
        $outcome.Out | Should -BeNullOrEmpty
    }

    It 'is not made for what cannot be read' {
        $outcome = Get-Outcome { @{ SdId = 'SD-A-001'; ImplementationType = 'GENERAL' } | New-ImplementationSession }
        $outcome.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
        (Get-Outcome { @{ SdKey = 'SD-N'; Title = @('a', 'b') } | New-StrategicDirective }).Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
    }
}
