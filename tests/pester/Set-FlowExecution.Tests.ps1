# Set-FlowExecution, runs under a budget, recorded runs and runs that are put back: how the parameters bind, and what each bad row gets.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-set-execution'
    $columns = 'add column venture_id uuid, add column prd_id uuid, add column sd_id varchar(50), add column budget_consumed integer default 0, ' +
        'add column budget_limit integer, add column killed_by_budget boolean default false'
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Editing runs that go on' {
    BeforeEach {
        Reset-RunData -Runs 4
    }

    It 'adds, replaces and merges, by object, id and key, and gives the runs in input order' {
        $rows = @(3, 1 | ForEach-Object { Get-FlowExecution -Id (Get-RunId $_) })
        $set = @($rows | Set-FlowExecution -AddTokens 5 -CostUsd 0.0886)
        $set.Id | Should -Be $rows.Id
        @($set.TokenCount) + $set.CostUsd + $set.Status | Should -Be 5, 5, 0.0886, 0.0886, 'Running', 'Running'
        (Set-FlowExecution -Id (Get-RunId 1) -AddTokens 2 -Metadata @{ a = 1 }).Metadata.a | Should -Be 1
        $merged = Set-FlowExecution -ExecutionKey RUN-1 -Metadata @{ b = 2 } -Merge
        $merged.TokenCount, $merged.Metadata.a, $merged.Metadata.b | Should -Be 7, 1, 2
        (Set-FlowExecution -Id (Get-RunId 1) -Metadata $null).Metadata | Should -BeNullOrEmpty
    }

    It 'reads values from rows that are no objects of ours, and never from our own' {
        $usage = [pscustomobject]@{ Id = Get-RunId 1; AddTokens = '3'; AddCostUsd = '0.5' }, @{ Id = Get-RunId 2; TokenCount = 9 }
        ($usage | Set-FlowExecution).TokenCount | Should -Be 3, 9
        $outcome = Get-Outcome { Get-Run 1 | Set-FlowExecution }
        $outcome.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
    }

    It 'refuses what has ended unless forced, two ways to write one column, and nothing to write' {
        Invoke-TestSql "update public.crewai_flow_executions set status = 'failed' where execution_key = 'RUN-2'"
        $outcome = Get-Outcome { Get-RunId 1, 2 | Set-FlowExecution -TokenCount 1 }
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidTransition'
        @($outcome.Out).Count | Should -Be 1
        (Set-FlowExecution -Id (Get-RunId 2) -TokenCount 1 -Force).TokenCount | Should -Be 1
        { Set-FlowExecution -Id (Get-RunId 1) -TokenCount 1 -AddTokens 1 } | Should -Throw -ErrorId 'ValueOutOfRange*'
        { Set-FlowExecution -Id (Get-RunId 1) } | Should -Throw -ErrorId 'ValueOutOfRange*'
    }

    It 'asks with the resolved run and writes nothing with -WhatIf' {
        Set-FlowExecution -Id (Get-RunId 1) -TokenCount 1 -WhatIf
        Get-RunValue (Get-RunId 1) 'token_count' | Should -BeNullOrEmpty
    }
}

Describe 'A table without the columns of governance' {
    BeforeEach {
        Reset-RunData -Runs 1
    }

    It 'refuses each parameter before anything is written, and names column and table' {
        $id = [guid]::NewGuid()
        $calls = @(
            { New-FlowExecution weekly-1 -VentureId $id }, { Start-FlowExecution weekly-1 -BudgetLimit 5 }, { Start-FlowExecution -Next -PrdId $id },
            { Invoke-FlowExecution weekly-1 { throw 'never' } -SdId SD-1 }, { Get-FlowExecution -VentureId $id }, { Measure-FlowExecution -SdId SD-1 },
            { Set-FlowExecution -Id (Get-RunId 1) -AddBudget 1 }, { New-FlowExecution weekly-1 -VentureId $id -WhatIf })
        foreach ($call in $calls) {
            $call | Should -Throw -ErrorId 'SchemaMissing*' -ExpectedMessage '*public.crewai_flow_executions*no column*'
        }
        $outcome = Get-Outcome { [pscustomobject]@{ FlowKey = 'weekly-1'; BudgetLimit = 5 }, 'weekly-2' | New-FlowExecution }
        $outcome.Errors | Get-ErrorName | Should -Be 'SchemaMissing'
        @($outcome.Out).Count | Should -Be 1
        Get-RunCount | Should -Be 'pending 1, running 1'
    }
}

Describe 'Runs under a budget' {
    BeforeAll {
        Invoke-TestSql "alter table public.crewai_flow_executions $columns"
    }

    AfterAll {
        Invoke-TestSql ('alter table public.crewai_flow_executions ' + ($columns -replace 'add column (\S+) [^,]+', 'drop column $1'))
    }

    BeforeEach {
        Reset-RunData
    }

    It 'starts them, finds them and takes what they are for along to a restart' {
        $venture = [guid]::NewGuid()
        $run = Start-FlowExecution weekly-1 -VentureId $venture -SdId SD-UAT-001 -BudgetLimit 1000
        $run.VentureId, $run.SdId, $run.BudgetLimit, $run.BudgetConsumed, $run.KilledByBudget | Should -Be $venture, 'SD-UAT-001', 1000, 0, $false
        (Get-FlowExecution -VentureId $venture -SdId 'sd-uat*' -BudgetLimit 1000).Id | Should -Be $run.Id
        (Measure-FlowExecution -VentureId $venture).Count | Should -Be 1
        $null = $run | Complete-FlowExecution
        $again = Restart-FlowExecution -Id $run.Id
        $again.VentureId, $again.SdId, $again.BudgetLimit | Should -Be $venture, 'SD-UAT-001', 1000
        ([pscustomobject]@{ FlowKey = 'weekly-2'; BudgetLimit = '7' } | New-FlowExecution).BudgetLimit | Should -Be 7
    }

    It 'ends a run over its limit, with the object and an error beside it' {
        $run = Start-FlowExecution weekly-1 -BudgetLimit 10
        (Set-FlowExecution -Id $run.Id -AddBudget 10).Status | Should -Be 'Running'
        $outcome = Get-Outcome { Set-FlowExecution -Id $run.Id -AddBudget 1 }
        $outcome.Out.Status, $outcome.Out.KilledByBudget, $outcome.Out.BudgetConsumed | Should -Be 'Cancelled', $true, 11
        $outcome.Errors | Get-ErrorName | Should -Be 'ExecutionCancelled'
        (Get-FlowExecution -KilledByBudget).Id | Should -Be $run.Id
    }

    It 'stops a block that consumes more than its limit, and records what it consumed' {
        $outcome = Get-Outcome {
            Invoke-FlowExecution weekly-1 -BudgetLimit 10 {
                param($run)
                foreach ($n in 1..5) { $run.BudgetConsumed = 4 * $n; $run.TokenCount = 100 * $n; Start-Sleep -Milliseconds 50 }
                Start-Sleep -Seconds 60
            }
        }
        Get-ErrorName $outcome.Ended | Should -Be 'ExecutionCancelled'
        $run = Get-FlowExecution
        $run.Status, $run.KilledByBudget, $run.ErrorType | Should -Be 'Cancelled', $true, 'BudgetExceeded'
        $run.BudgetConsumed | Should -BeGreaterThan 10
        $run.DurationMs | Should -BeLessThan 30000
        $null = Invoke-FlowExecution weekly-2 -BudgetLimit 10 { param($run) $run.BudgetConsumed = 10 }
        (Get-FlowExecution -FlowKey weekly-2).ForEach{ $_.Status, $_.BudgetConsumed, $_.KilledByBudget } | Should -Be 'Completed', 10, $false
    }

    It 'stops a block whose run is ended over its budget by Set-FlowExecution' {
        $outcome = Get-Outcome {
            Invoke-FlowExecution weekly-1 -BudgetLimit 10 { param($run) $null = Set-FlowExecution -Id $run.Id -AddBudget 11 -ErrorAction SilentlyContinue; Start-Sleep -Seconds 60 }
        }
        Get-ErrorName $outcome.Ended | Should -Be 'ExecutionCancelled'
        (Get-FlowExecution).KilledByBudget | Should -BeTrue
    }
}

Describe 'Runs of the past' {
    BeforeEach {
        Reset-RunData -Runs 3 -Status completed
    }

    It 'records runs that ended elsewhere, by parameters and from rows' {
        $run = New-FlowExecution archived-flow -Status Failed -StartedAt '2026-01-10T03:37:46Z' -CompletedAt '2026-01-10T03:38:21.5Z' -TokenCount 9 -ErrorMessage 'No quorum'
        $run.Status, $run.DurationMs, $run.TokenCount, $run.ErrorMessage | Should -Be 'Failed', 35500, 9, 'No quorum'
        $rows = @'
FlowKey,Status,StartedAt,CompletedAt,CostUsd
weekly-1,Completed,2026-01-10T03:00:00Z,2026-01-10T03:00:01Z,0.5
weekly-2,Timeout,2026-01-10T03:00:00Z,2026-01-10T03:05:00Z,
weekly-3,Completed,2026-01-10T03:00:00Z,,
weekly-3,,2026-01-10T03:00:00Z,,
'@ | ConvertFrom-Csv
        $outcome = Get-Outcome { $rows | New-FlowExecution }
        $outcome.Out.DurationMs | Should -Be 1000, 300000
        $outcome.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange', 'ValueOutOfRange'
        # The status of a flow is none of a run.
        (Get-Flow weekly-1 | Select-Object FlowKey, Status | New-FlowExecution).Status | Should -Be 'Pending'
        { New-FlowExecution weekly-1 -TokenCount 5 -ErrorAction Stop } | Should -Throw -ErrorId 'ValueOutOfRange*'
    }

    It 'puts back what Remove-FlowExecution exported' {
        $before = Invoke-TestSql 'select e::text from public.crewai_flow_executions e order by id'
        $path = Join-Path $TestDrive 'runs.jsonl'
        $null = Get-FlowExecution | Remove-FlowExecution -ExportPath $path -Confirm:$false
        Get-RunCount | Should -BeNullOrEmpty
        Get-Content $path | New-FlowExecution -FromJson -WhatIf
        Get-RunCount | Should -BeNullOrEmpty
        @(Get-Content $path | New-FlowExecution -FromJson).Count | Should -Be 3
        Invoke-TestSql 'select e::text from public.crewai_flow_executions e order by id' | Should -Be $before
        $outcome = Get-Outcome { Get-Content $path -TotalCount 1 | New-FlowExecution -FromJson }
        $outcome.Errors | Get-ErrorName | Should -Be 'StatusConflict'
        { Get-Content $path | New-FlowExecution -FromJson -Status Completed } | Should -Throw -ErrorId 'ValueOutOfRange*'
    }
}
