# Complete-FlowExecution: how runs end, what each bad row gets, and what of it stands in the table afterwards.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-complete'
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Ending runs' {
    BeforeEach {
        Reset-RunData -Runs 4
    }

    It 'completes piped objects with output, tokens and cost, by the server''s clock, and returns them as they stand' {
        $before = Get-Run 3, 1, 2
        $after = @($before | Complete-FlowExecution -OutputState @{ ok = $true } -TokenCount 1200 -CostUsd 0.0036)
        $after.Id | Should -Be $before.Id
        $after[0] | Should -BeOfType LeoPS.FlowExecution
        foreach ($run in $after) {
            $run.Status, $run.OutputState.ok, $run.TokenCount, $run.CostUsd, $run.FlowName | Should -Be 'Completed', $true, 1200, 0.0036, $before.Where({ $_.Id -eq $run.Id }).FlowName
            Get-RunValue $run.Id "concat_ws(' ', status, output_state, token_count, cost_usd, completed_at between now() - interval '1 minute' and now(), xmin)" |
                Should -Be "completed {`"ok`": true} 1200 0.0036 t $($run.RowVersion)"
            [int](Get-RunValue $run.Id 'duration_ms') | Should -Be $run.DurationMs
            [Math]::Abs($run.DurationMs - ($run.CompletedAt - $run.StartedAt).TotalMilliseconds) | Should -BeLessOrEqual 1
        }
        # The objects that went in are what they were.
        $before.Status | Select-Object -Unique | Should -Be 'Running'
        Get-RunCount | Should -Be 'completed 3, running 1'
    }

    It 'completes ids, told by the pipe or by -Id, and says on the verbose stream that only the transition guards them' {
        $piped = Get-Outcome { "$(Get-RunId 2)", (Get-RunId 1) | Complete-FlowExecution -OutputState '[1]' -Verbose }
        $piped.Out.Id | Should -Be (Get-RunId 2, 1)
        $piped.Out.InputState.n | Should -Be 2, 1
        $piped.Verbose -join "`n" | Should -BeLike '*bare ids*an execution object*'
        (Complete-FlowExecution -Id (Get-RunId 4, 3)).Id | Should -Be (Get-RunId 4, 3)
        Get-RunCount | Should -Be 'completed 4'
    }

    It 'completes by whole execution keys, in their order; a pattern and an unknown one are errors of their own' {
        Invoke-TestSql "update public.crewai_flow_executions set execution_key = 'odd[3]*' where execution_key = 'RUN-3'"
        $outcome = Get-Outcome { Complete-FlowExecution -ExecutionKey RUN-4, 'RUN-*', NOWHERE, RUN-1, run-2, 'odd`[3`]`*', "N`0", RUN-1 -OutputState { @{ id = "$_" } } }
        $outcome.All | ForEach-Object { $_ -is [Management.Automation.ErrorRecord] ? (Get-ErrorName $_) : $_.ExecutionKey } |
            Should -Be 'RUN-4', 'InvalidIdentity', 'NotFound', 'RUN-1', 'NotFound', 'odd[3]*', 'NotFound', 'StatusConflict'
        $outcome.Errors.TargetObject | Should -Be 'RUN-*', 'NOWHERE', 'run-2', "N`0", 'RUN-1'
        "$($outcome.Errors[0])" | Should -BeLike "*'RUN-`*' is a pattern*Get-FlowExecution -ExecutionKey*"
        # The script block sees what names the run.
        $outcome.Out.OutputState.id | Should -Be 'RUN-4', 'RUN-1', 'odd`[3`]`*'
        Get-RunCount | Should -Be 'completed 3, running 1'
    }

    It 'ends in <Status>' -ForEach @(
        @{ Status = 'Failed' }
        @{ Status = 'cancelled' }
        @{ Status = 'TIMEOUT' }
    ) {
        $run = Get-Run 1 | Complete-FlowExecution -Status $Status -ErrorMessage 'too slow'
        $run.Status, $run.ErrorMessage, $run.DurationMs -gt 0 | Should -Be $Status, 'too slow', $true
        Get-RunValue $run.Id 'status' | Should -BeExactly $Status.ToLowerInvariant()
    }

    It 'fails by itself where an error is given, and completes where none is' {
        (Get-RunId 1 | Complete-FlowExecution -ErrorType TimeoutError).Status | Should -Be 'Failed'
        (Get-RunId 2 | Complete-FlowExecution -ErrorMessage '').Status | Should -Be 'Failed'
        (Get-RunId 3 | Complete-FlowExecution).Status | Should -Be 'Completed'
    }

    It 'takes the status by its whole name: <_> is refused with the four listed' -ForEach 3, '3', 'comp', 'completed,failed', 'Pending', 'running', '' {
        $outcome = Get-Outcome { Get-RunId 1 | Complete-FlowExecution -Status $_ }
        $outcome.Out | Should -BeNullOrEmpty
        $error1 = $outcome.Ended ?? $outcome.Errors[0]
        $error1.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
        $error1.Exception.Message | Should -BeLike "*Allowed are Completed, Failed, Cancelled, Timeout: whole names*"
        Get-RunCount | Should -Be 'running 4'
    }

    It 'never takes the status, or an error for a run that completes, from a piped row' {
        $row = [pscustomobject]@{ Id = (Get-RunId 1); Status = 'Failed'; ErrorMessage = 'old'; Force = $true; ExecutionKey = 'RUN-2' }
        $run = $row | Complete-FlowExecution
        $run.Status, $run.ErrorMessage, $run.ExecutionKey | Should -Be 'Completed', $null, 'RUN-1'
        # Where they fail by the caller's word, the row's error is its own.
        $failed = [pscustomobject]@{ Id = (Get-RunId 2); ErrorMessage = 'mine'; ErrorType = 'T'; ErrorStack = 'S' } | Complete-FlowExecution -Status Failed
        $failed.ErrorMessage, $failed.ErrorType, $failed.ErrorStack | Should -Be 'mine', 'T', 'S'
    }

    It 'reports <Name> as InvalidIdentity, that row its target, and does the others' -ForEach @(
        @{ Name = 'a key in the pipe'; Value = 'RUN-2' }
        @{ Name = 'a number'; Value = 42 }
        @{ Name = 'a null'; Value = $null }
        @{ Name = 'a row without an Id'; Value = [pscustomobject]@{ ExecutionKey = 'RUN-2' } }
        @{ Name = 'a flow'; Value = [pscustomobject]@{ PSTypeName = 'Deserialized.LeoPS.Flow'; Id = [guid]::NewGuid() } }
        @{ Name = 'a handoff'; Value = [pscustomobject]@{ PSTypeName = 'LeoPS.HandoffPreparation'; Id = [guid]::NewGuid() } }
    ) {
        $outcome = Get-Outcome { (Get-RunId 1), $Value, (Get-RunId 3) | Complete-FlowExecution }
        $outcome.Out.Id | Should -Be (Get-RunId 1, 3)
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
        [object]::Equals($outcome.Errors[0].TargetObject, $Value) | Should -BeTrue
        "$($outcome.Errors[0])" | Should -BeLike '*does not identify an execution*'
        if ($Value -is [pscustomobject] -and $Value.PSTypeNames[0] -like '*LeoPS*') {
            "$($outcome.Errors[0])" | Should -BeLike "A $($Value.PSTypeNames[0] -replace '.*\.')*"
        }
    }

    It 'takes objects back through <Name>, keeps their guard, and conflicts where the row moved' -ForEach @(
        @{ Name = 'JSON'; Trip = { ConvertTo-Json $args[0] -Depth 5 | ConvertFrom-Json } }
        @{ Name = 'lines of JSON'; Trip = { Get-FlowExecution -Id $args[0].Id -AsJson } }
        @{ Name = 'CSV'; Trip = { $args[0] | Export-Csv TestDrive:/runs; Import-Csv TestDrive:/runs } }
        @{ Name = 'CliXml'; Trip = { $args[0] | Export-Clixml TestDrive:/runs; Import-Clixml TestDrive:/runs } }
        @{ Name = 'Select-Object'; Trip = { $args[0] | Select-Object Id, RowVersion } }
        @{ Name = 'a job'; Trip = { $runs = $args[0]; Start-Job { Import-Module $using:LeoManifest; $null = Connect-LeoDatabase -Uri $using:server.Uri; Get-FlowExecution -Id $using:runs.Id } | Receive-Job -Wait -AutoRemoveJob } }
    ) {
        $rows = @(& $Trip (Get-Run 1, 2, 3))
        $rows | Should -HaveCount 3
        $rows | ForEach-Object { $_ | Should -Not -BeOfType LeoPS.FlowExecution }
        # The status is the same, so nothing but the row's version can tell.
        Invoke-TestSql "update public.crewai_flow_executions set metadata = '{`"edited`": true}' where execution_key = 'RUN-2'"
        $outcome = Get-Outcome { $rows | Complete-FlowExecution -OutputState '{"done": 1}' -Verbose }
        $outcome.Out.ExecutionKey | Sort-Object | Should -Be 'RUN-1', 'RUN-3'
        $outcome.Out | ForEach-Object { $_.InputState.n | Should -Be ([int]($_.ExecutionKey -replace '\D')) }
        $outcome.Errors | Get-ErrorName | Should -Be 'StatusConflict'
        $rows | Should -Contain $outcome.Errors[0].TargetObject
        $outcome.Verbose -join ' ' | Should -Not -BeLike '*bare ids*'
        Get-RunCount | Should -Be 'completed 2, running 2'
    }
}

Describe 'What is refused' {
    BeforeEach {
        Reset-RunData -Runs 4
    }

    It 'is an object whose run ended meanwhile: StatusConflict, and nothing is overwritten' {
        $run = Get-Run 1
        $null = $run | Complete-FlowExecution -OutputState @{ first = 1 }
        $outcome = Get-Outcome { $run | Complete-FlowExecution -OutputState @{ second = 2 } }
        $outcome.Errors | Get-ErrorName | Should -Be 'StatusConflict'
        $outcome.Errors[0].TargetObject | Should -Be $run
        "$($outcome.Errors[0])" | Should -BeLike "*RUN-1*it was running then*it is Completed now*"
        Get-RunValue $run.Id 'output_state' | Should -Be '{"first": 1}'
    }

    It 'is completing twice with values: InvalidTransition; without any the run comes out as it is' {
        $done = Get-Run 1 | Complete-FlowExecution -OutputState 1
        $before = Get-RunValue $done.Id 'xmin'
        foreach ($with in @{ OutputState = 2 }, @{ TokenCount = 1 }, @{ CostUsd = 1 }) {
            (Get-Outcome { $done | Complete-FlowExecution @with }).Errors | Get-ErrorName | Should -Be 'InvalidTransition'
            $byId = Get-Outcome { Complete-FlowExecution -Id $done.Id @with }
            $byId.Errors | Get-ErrorName | Should -Be 'InvalidTransition'
            "$($byId.Errors[0])" | Should -BeLike '*is Completed already*not written*'
        }
        (Get-Outcome { [pscustomobject]@{ Id = $done.Id; TokenCount = 5 } | Complete-FlowExecution }).Errors | Get-ErrorName | Should -Be 'InvalidTransition'
        $again = Get-Outcome { $done, (Get-RunId 2) | Complete-FlowExecution -Verbose }
        $again.Errors | Should -BeNullOrEmpty
        $again.Out.ExecutionKey | Should -Be 'RUN-1', 'RUN-2'
        $again.Verbose -join "`n" | Should -BeLike '*already*nothing was written*'
        Get-RunValue $done.Id 'xmin' | Should -Be $before
    }

    It 'is a run that waits, and one that ended otherwise, unless forced' {
        Invoke-TestSql "update public.crewai_flow_executions set status = 'pending' where execution_key = 'RUN-1';
            update public.crewai_flow_executions set status = 'failed', completed_at = now(), error_message = 'old' where execution_key = 'RUN-2'"
        $outcome = Get-Outcome { Get-RunId 1, 2, 3 | Complete-FlowExecution }
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidTransition', 'InvalidTransition'
        "$($outcome.Errors[0])" | Should -BeLike '*RUN-1*is Pending*Running or Cancelled*-Force*'
        "$($outcome.Errors[1])" | Should -BeLike '*RUN-2*Failed is terminal*-Force*'
        (Complete-FlowExecution -Id (Get-RunId 1) -Status Cancelled).Status | Should -Be 'Cancelled'
        $forced = Complete-FlowExecution -Id (Get-RunId 2) -Force
        # Only what is given is written: the old error stays.
        $forced.Status, $forced.ErrorMessage | Should -Be 'Completed', 'old'
        # Force skips no guard.
        $stale = Get-Run 4
        Invoke-TestSql "update public.crewai_flow_executions set token_count = 1 where execution_key = 'RUN-4'"
        (Get-Outcome { $stale | Complete-FlowExecution -Force }).Errors | Get-ErrorName | Should -Be 'StatusConflict'
    }

    It 'is an unknown id, a repeated id, and a held row; the others are done' {
        $unknown = [guid]::NewGuid()
        $holder = Open-TestTransaction "select 1 from public.crewai_flow_executions where execution_key = 'RUN-2' for update"
        try {
            $outcome = Get-Outcome { (Get-RunId 1), $unknown, (Get-RunId 2), (Get-RunId 3), (Get-RunId 1) | Complete-FlowExecution -LockTimeout 300ms }
        }
        finally {
            Close-TestTransaction $holder
        }
        $outcome.All | ForEach-Object { $_ -is [Management.Automation.ErrorRecord] ? (Get-ErrorName $_) : $_.ExecutionKey } | Should -Be 'RUN-1', 'NotFound', 'RowLocked', 'RUN-3', 'StatusConflict'
        $outcome.Errors.TargetObject | Should -Be $unknown, (Get-RunId 2), (Get-RunId 1)
    }

    It 'is one bad row among 5,000: it gets its error, and 4,999 are done, in order' {
        Reset-RunData -Runs 5000
        Invoke-TestSql "alter table public.crewai_flow_executions add constraint frozen check (execution_key <> 'RUN-2501' or status = 'running')"
        try {
            $ids = Get-RunId (1..5000)
            $outcome = Get-Outcome { $ids | Complete-FlowExecution -OutputState { @{ id = $_ } } }
        }
        finally {
            Invoke-TestSql 'alter table public.crewai_flow_executions drop constraint frozen'
        }
        $outcome.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
        $outcome.Errors[0].TargetObject | Should -Be $ids[2500]
        "$($outcome.Errors[0])" | Should -BeLike '*frozen*'
        $outcome.Out | Should -HaveCount 4999
        $came = foreach ($item in $outcome.All) { $item -is [Management.Automation.ErrorRecord] ? $item.TargetObject : $item.Id }
        [Linq.Enumerable]::SequenceEqual([guid[]]$came, [guid[]]$ids) | Should -BeTrue
        Get-RunCount | Should -Be 'completed 4999, running 1'
        Invoke-TestSql "select count(*) from public.crewai_flow_executions where output_state->>'id' = id::text" | Should -Be 4999
    }
}

Describe 'A run of thirty days' {
    It 'is closed, with a warning, and does not harm the others of its batch' {
        Reset-RunData -Runs 5
        Invoke-TestSql "update public.crewai_flow_executions set started_at = now() - interval '30 days' where execution_key = 'RUN-3'"
        $runs = Get-Run (1..5) | Complete-FlowExecution -OutputState { $_.InputState } -WarningVariable told -WarningAction SilentlyContinue
        $runs.ExecutionKey | Should -Be 'RUN-1', 'RUN-2', 'RUN-3', 'RUN-4', 'RUN-5'
        $told | Should -HaveCount 1
        "$told" | Should -BeLike '*RUN-3*24.8 days*'
        $runs[2].Status, $runs[2].DurationMs, $runs[2].OutputState.n | Should -Be 'Completed', $null, 3
        $runs[3].DurationMs | Should -BeGreaterThan 0
        Get-RunValue (Get-RunId 3) "status || ' ' || (completed_at > now() - interval '1 minute') || ' ' || (duration_ms is null)" | Should -Be 'completed true true'
    }
}

Describe '-WhatIf and -Confirm' {
    BeforeEach {
        Reset-RunData -Runs 3
        $state = "select md5(string_agg(e::text, '' order by id)) from public.crewai_flow_executions e"
    }

    It 'prints one line per row with what it resolves to, refuses what would be refused, and writes nothing' {
        $stale = Get-Run 2
        Invoke-TestSql "update public.crewai_flow_executions set status = 'completed', output_state = '1' where execution_key = 'RUN-2'"
        $before = Invoke-TestSql $state
        $unknown = [guid]::NewGuid()
        $run = Get-Run 1
        $said = Get-HostOutput { $run, $stale, $unknown, 42, "$(Get-RunId 3)", (Get-RunId 2) | Complete-FlowExecution -OutputState 2 -WhatIf } -Outcome outcome
        $lines = @($said -like '*What if:*')
        $lines | Should -HaveCount 2
        $lines[0] | Should -BeLike "*Move Running → Completed*RUN-1*$($run.Id)*"
        $lines[1] | Should -BeLike '*Move Running → Completed*RUN-3*'
        $outcome.Errors | Get-ErrorName | Should -Be 'StatusConflict', 'NotFound', 'InvalidIdentity', 'InvalidTransition'
        $said = Get-HostOutput { Complete-FlowExecution -ExecutionKey RUN-1, NOWHERE, RUN-2 -ErrorMessage x -WhatIf } -Outcome outcome
        @($said -like '*What if:*Running → Failed*RUN-1*') | Should -HaveCount 1
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound', 'InvalidTransition'
        # A value that is none is refused in a rehearsal, too.
        (Get-Outcome { $run | Complete-FlowExecution -CostUsd 10e6 -WhatIf }).Ended | Get-ErrorName | Should -Be 'ValueOutOfRange'
        Invoke-TestSql $state | Should -Be $before
    }

    It 'asks row by row with -Confirm, and does what is confirmed' {
        $script = Join-Path $TestDrive 'confirm.ps1'
        Set-Content -LiteralPath $script -Value @"
            Import-Module '$LeoManifest'
            `$null = Connect-LeoDatabase -Uri '$($server.Uri)'
            Complete-FlowExecution -ExecutionKey RUN-1, RUN-2 -Confirm | ForEach-Object { "ended `$(`$_.ExecutionKey)" }
"@
        $said = "N`nY`n" | pwsh -NoLogo -NoProfile -File $script
        @($said -like 'ended*') | Should -Be 'ended RUN-2'
        $said -join "`n" | Should -BeLike '*Move Running → Completed*RUN-1*Move Running → Completed*RUN-2*'
        Get-RunCount | Should -Be 'completed 1, running 2'
    }
}

Describe 'In bulk' {
    It 'does all in one transaction with -Atomic, in input order, or nothing where one row cannot' {
        Reset-RunData -Runs 300
        $ids = Get-RunId (300..1)
        $unknown = [guid]::NewGuid()
        $failed = Get-Outcome { @($ids) + $unknown | Complete-FlowExecution -Atomic -BatchSize 100 -OutputState 1 }
        $failed.Out | Should -BeNullOrEmpty
        $failed.Errors | Get-ErrorName | Should -Be 'NotFound', 'BatchRolledBack'
        $failed.Errors[0].TargetObject | Should -Be $unknown
        (Get-Outcome { $ids | Complete-FlowExecution -Atomic -OutputState { if ("$_" -eq "$($ids[7])") { throw 'no' }; 1 } }).Errors | Get-ErrorName | Should -Be 'InvalidJson', 'BatchRolledBack'
        Get-RunCount | Should -Be 'running 300'
        $done = $ids | Complete-FlowExecution -Atomic -BatchSize 100 -OutputState 1
        [Linq.Enumerable]::SequenceEqual([guid[]]$done.Id, [guid[]]$ids) | Should -BeTrue
        Invoke-TestSql "select count(distinct completed_at) from public.crewai_flow_executions" | Should -Be 1
    }

    It 'sends batches of -BatchSize, and tells on the verbose stream shapes and figures but no value' {
        Reset-RunData -Runs 25
        $outcome = Get-Outcome { Get-RunId (1..25) | Complete-FlowExecution -BatchSize 10 -OutputState @{ secret = 'hunter2' } -ErrorMessage 'hunter2' -CostUsd 77 -Verbose }
        @($outcome.Verbose -match '^update executions to Failed \(batch of (10|5), locks \w+\): (10|5) rows, \d+ ms$') | Should -HaveCount 3
        $outcome.Verbose -join "`n" | Should -Not -Match 'hunter2|\b77\b|RUN-'
    }

    It 'gives the figures with -Summary, and ends under -ErrorAction Stop with ChangedIds that did change' {
        Reset-RunData -Runs 4
        $outcome = Get-Outcome { @(Get-RunId 1, 2) + [guid]::NewGuid() | Complete-FlowExecution -Summary }
        $outcome.Out | Should -HaveCount 1
        $outcome.Out[0].Changed, $outcome.Out[0].Failed, $outcome.Out[0].FailedByErrorId['NotFound'] | Should -Be 2, 1, 1
        $unknown = [guid]::NewGuid()
        $stopped = Get-Outcome { (Get-RunId 3), $unknown, (Get-RunId 4) | Complete-FlowExecution -ErrorAction Stop }
        $stopped.Ended.FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        $stopped.Ended.TargetObject | Should -Be $unknown
        $stopped.Ended.Exception.ChangedIds | Sort-Object { "$_" } | Should -Be (Get-RunId 3, 4 | Sort-Object { "$_" })
        Get-RunCount | Should -Be 'completed 4'
    }

    It 'is SchemaMissing where the table is not there' {
        Reset-RunData -Runs 1
        Invoke-TestSql 'alter table public.crewai_flow_executions rename to hidden_away'
        try {
            $outcome = Get-Outcome { Get-RunId 1 | Complete-FlowExecution }
        }
        finally {
            Invoke-TestSql 'alter table public.hidden_away rename to crewai_flow_executions'
        }
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'SchemaMissing,*'
        $outcome.Ended.Exception.Message | Should -BeLike '*crewai_flow_executions*Install-LeoSchema*'
    }
}
