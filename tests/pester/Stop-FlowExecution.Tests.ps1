# Stop-FlowExecution: what is stopped and as what, what each bad row gets, and what PowerShell shows of the selections of the server.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-stop'

    function Set-Orphan([int[]] $Number) {
        Invoke-TestSql "update public.crewai_flow_executions set started_at = now(), metadata = jsonb_build_object('leopsOwner', jsonb_build_object('evidence', 'Lock', 'host', 'elsewhere',
            'pid', 7, 'startedAt', to_char(now() at time zone 'UTC', 'YYYY-MM-DD`"T`"HH24:MI:SS.US`"Z`"'))) where execution_key = any('{$(($Number | ForEach-Object { "RUN-$_" }) -join ',')}')"
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Stopping runs that are named' {
    BeforeEach {
        Reset-RunData -Runs 4
        Invoke-TestSql "update public.crewai_flow_executions set status = 'pending' where execution_key = 'RUN-2'; update public.crewai_flow_executions set status = 'completed' where execution_key = 'RUN-4'"
    }

    It 'from the pipe cancels what waits and what runs, with the reason' {
        $stopped = Get-FlowExecution -Status Pending, Running -OrderBy StartedAt -Descending | Stop-FlowExecution -Reason "no budget`nleft"
        $stopped.ExecutionKey | Should -Be 'RUN-1', 'RUN-2', 'RUN-3'
        $stopped | ForEach-Object { $_.Status, $_.ErrorMessage | Should -Be 'Cancelled', 'no budget left' }
        Get-RunValue (Get-RunId 1) "status || ' ' || error_message || ' ' || (completed_at > now() - interval '1 minute') || ' ' || (duration_ms between 60000 and 90000)" | Should -Be 'cancelled no budget left true true'
    }

    It 'by id and by key, in the order given' {
        (Stop-FlowExecution -Id (Get-RunId 3, 1)).ExecutionKey | Should -Be 'RUN-3', 'RUN-1'
        (Stop-FlowExecution -ExecutionKey RUN-2).Status | Should -Be 'Cancelled'
        Get-RunValue (Get-RunId 3) "coalesce(error_message, 'none')" | Should -Be 'none'
    }

    It 'gives up what runs with -AsTimeout, and what waits cannot time out' {
        $seen = Get-Outcome { Stop-FlowExecution -Id (Get-RunId 1, 2) -AsTimeout }
        $seen.Out.Status | Should -Be 'Timeout'
        $seen.Errors | Get-ErrorName | Should -Be 'InvalidTransition'
        # It has no -Force that could be advised.
        "$($seen.Errors)" | Should -Not -Match 'Force'
        $seen.Errors[0].TargetObject | Should -Be (Get-RunId 2)
    }

    It 'gives each bad row its own error, and stops the others' {
        $stale = Get-FlowExecution -ExecutionKey RUN-1
        Invoke-TestSql "update public.crewai_flow_executions set token_count = 1 where execution_key = 'RUN-1'"
        $seen = Get-Outcome { $stale, (Get-RunId 4), 'rubbish', ([guid]::NewGuid()), (Get-RunId 3) | Stop-FlowExecution }
        $seen.Errors | Get-ErrorName | Should -Be 'StatusConflict', 'InvalidTransition', 'InvalidIdentity', 'NotFound'
        $seen.Out.ExecutionKey | Should -Be 'RUN-3'
        (Get-Outcome { Stop-FlowExecution -ExecutionKey nobody, 'RUN-*' }).Errors | Get-ErrorName | Should -Be 'NotFound', 'InvalidIdentity'
    }

    It 'lets what is cancelled already come out as it is, reason or no reason' {
        Stop-FlowExecution -Id (Get-RunId 1) -Reason first | Out-Null
        $seen = Get-Outcome { Stop-FlowExecution -Id (Get-RunId 1) -Reason second -Verbose }
        $seen.Out.ErrorMessage | Should -Be 'first'
        $seen.Verbose | Should -Contain "$($seen.Out[0]) is there already; nothing was written"
    }

    It 'with -Atomic stops all or none' {
        $seen = Get-Outcome { Stop-FlowExecution -Id (Get-RunId 1, 4, 3) -Atomic }
        $seen.Errors | Get-ErrorName | Should -Be 'InvalidTransition', 'BatchRolledBack'
        Get-RunCount | Should -Be 'completed 1, pending 1, running 2'
        (Stop-FlowExecution -Id (Get-RunId 1, 3) -Atomic -Summary).Changed | Should -Be 2
    }

    It 'says under -WhatIf what each would become, and stops none' {
        Get-RunId 1, 2 | Stop-FlowExecution -WhatIf | Should -BeNullOrEmpty
        Get-RunCount | Should -Be 'completed 1, pending 1, running 2'
    }
}

Describe 'Stopping runs that the server selects' {
    BeforeEach {
        Reset-RunData -Runs 6
        Invoke-TestSql "update public.crewai_flow_executions set status = 'pending' where execution_key = 'RUN-5'"
    }

    It 'takes those that are older than a duration, of all flows or of some' {
        (Stop-FlowExecution -OlderThan 270s -FlowKey weekly-1).ExecutionKey | Should -Be 'RUN-6'
        (Stop-FlowExecution -OlderThan 4m -AsTimeout -Reason 'too slow').ExecutionKey | Should -Be 'RUN-4'
        (Stop-FlowExecution -OlderThan 4m).ExecutionKey | Should -Be 'RUN-5'
        Get-RunCount | Should -Be 'cancelled 2, running 3, timeout 1'
    }

    It 'closes one that is too old for duration_ms, and warns of it' {
        Invoke-TestSql "update public.crewai_flow_executions set started_at = now() - interval '40 days' where execution_key = 'RUN-1'"
        $run = Stop-FlowExecution -OlderThan 30d -WarningVariable warnings -WarningAction SilentlyContinue
        $run.ExecutionKey, $run.Status, $run.DurationMs | Should -Be 'RUN-1', 'Cancelled', $null
        $warnings | Should -Match 'duration_ms'
    }

    It 'takes orphans, of any age or of some, and tells whose they were' {
        Set-Orphan 1, 2, 3
        $stopped = Stop-FlowExecution -Orphaned -AsTimeout -FlowKey weekly-[23]
        $stopped.ExecutionKey | Sort-Object | Should -Be 'RUN-1', 'RUN-2'
        $stopped | ForEach-Object { $_.Status, $_.ErrorMessage | Should -Be 'Timeout', 'The owner of the run, process 7 on elsewhere, is gone (Lock).' }
        Stop-FlowExecution -Orphaned -OlderThan 1h | Should -BeNullOrEmpty
        (Stop-FlowExecution -Orphaned -Reason 'the machine was replaced').ErrorMessage | Should -Be 'the machine was replaced'
        Get-RunCount | Should -Be 'cancelled 1, pending 1, running 2, timeout 2'
    }

    It 'gives the figures with -Summary, in batches, and all or none with -Atomic' {
        $summary = Stop-FlowExecution -OlderThan 0s -BatchSize 2 -Summary
        $summary.Total, $summary.Changed | Should -Be 6, 6
        Reset-RunData -Runs 3
        Stop-FlowExecution -OlderThan 0s -Atomic | Should -HaveCount 3
    }

    It 'says under -WhatIf how many, and stops none' {
        Set-Orphan 1
        Stop-FlowExecution -OlderThan 1m -WhatIf | Should -BeNullOrEmpty
        Stop-FlowExecution -Orphaned -AsTimeout -WhatIf | Should -BeNullOrEmpty
        Get-RunCount | Should -Be 'pending 1, running 5'
    }

    It 'says nothing where nothing is selected' {
        (Get-Outcome { Stop-FlowExecution -Orphaned; Stop-FlowExecution -OlderThan 1d }).All | Should -HaveCount 0
    }

    It 'says so where a flow that is named is not there' {
        (Get-Outcome { Stop-FlowExecution -OlderThan 1d -FlowKey weekly-1, weekly1, none-* }).Errors | Get-ErrorName | Should -Be 'FlowNotFound'
        (Get-Outcome { Stop-FlowExecution -Orphaned -FlowKey weekly1 }).Errors | Get-ErrorName | Should -Be 'FlowNotFound'
    }

    It 'ends with the first batch where nobody wants more' {
        (Stop-FlowExecution -OlderThan 0s -BatchSize 1 | Select-Object -First 1) | Should -HaveCount 1
        (Invoke-TestSql "select count(*) from public.crewai_flow_executions where status = 'cancelled'") | Should -Be 1
    }

    It 'refuses <Name>' -ForEach @(
        @{ Name = 'a bare number for an age'; Id = 'ParameterArgumentTransformationError'; Call = { Stop-FlowExecution -OlderThan 30 } }
        @{ Name = 'ids beside a selection'; Id = 'AmbiguousParameterSet'; Call = { Stop-FlowExecution -Orphaned -Id ([guid]::NewGuid()) } }
        @{ Name = 'a flow without a selection'; Id = 'AmbiguousParameterSet'; Call = { Stop-FlowExecution -FlowKey weekly-1 -Id ([guid]::NewGuid()) } }
        @{ Name = 'a reason that no column holds'; Id = 'ValueOutOfRange'; Call = { Stop-FlowExecution -OlderThan 0s -Reason "a`0b" } }
    ) {
        (Get-Outcome $Call).Ended | Get-ErrorName | Should -Be $Id
        Get-RunCount | Should -Be 'pending 1, running 5'
    }
}
