# Wait-FlowExecution and Start-FlowExecution -Wait: what comes out, when, and what each bad end is.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-wait'

    # Runs SQL a moment later, on another connection.
    function Invoke-Later([string] $Sql, [double] $Seconds = 0.5) {
        Start-TestSql "select pg_sleep($([string]::Format([cultureinfo]::InvariantCulture, '{0}', $Seconds))); $Sql"
    }

    function Receive-Later($Started) { Wait-TestSql $Started }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Waiting for runs' {
    BeforeEach {
        Reset-RunData -Runs 5
    }

    It 'gives runs that have ended at once, a failure as object and error of its own, and goes on behind what is wrong' {
        Invoke-TestSql @'
update public.crewai_flow_executions set completed_at = now(), error_message = 'out of quota', status = case execution_key
    when 'RUN-1' then 'completed' when 'RUN-2' then 'failed' when 'RUN-3' then 'cancelled' else 'timeout' end where execution_key <> 'RUN-5'
'@
        $nobody = [guid]::NewGuid()
        $outcome = Get-Outcome { @(1..4 | ForEach-Object { Get-FlowExecution -Id (Get-RunId $_) }) + $nobody, 'nonsense', $null, (Get-RunId 1) | Wait-FlowExecution }
        $outcome.All | ForEach-Object { $_ -is [Management.Automation.ErrorRecord] ? (Get-ErrorName $_) : $_.ExecutionKey } |
            Should -Be 'InvalidIdentity', 'InvalidIdentity', 'RUN-1', 'RUN-2', 'ExecutionFailed', 'RUN-3', 'ExecutionCancelled', 'RUN-4', 'ExecutionTimedOut', 'NotFound'
        $outcome.Errors[2].TargetObject.Id | Should -Be (Get-RunId 2)
        "$($outcome.Errors[2])" | Should -BeLike '*RUN-2* failed after *: out of quota*'
        $outcome.Errors[5].TargetObject | Should -Be $nobody
        $outcome.Ended | Should -BeNullOrEmpty
    }

    It 'waits until runs end, as they end' {
        $later = Invoke-Later "update public.crewai_flow_executions set status = 'completed', completed_at = now() where execution_key = 'RUN-2'; select pg_sleep(0.4); update public.crewai_flow_executions set status = 'completed', completed_at = now()"
        $clock = [Diagnostics.Stopwatch]::StartNew()
        (Wait-FlowExecution -ExecutionKey RUN-1, RUN-2 -Timeout 20s).ExecutionKey | Should -Be 'RUN-2', 'RUN-1'
        $clock.Elapsed.TotalSeconds | Should -BeGreaterThan 0.7
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 8
        Receive-Later $later
    }

    It 'gives with -Any the first that ends' {
        $later = Invoke-Later "update public.crewai_flow_executions set status = 'completed', completed_at = now() where execution_key = 'RUN-3'"
        (Get-FlowExecution | Wait-FlowExecution -Any -Timeout 20s).ExecutionKey | Should -Be 'RUN-3'
        Receive-Later $later
    }

    It 'is told by the history where there is one' {
        $null = Install-LeoSchema -WithHistory
        try {
            $later = Invoke-Later "update public.crewai_flow_executions set status = 'completed', completed_at = now()"
            $outcome = Get-Outcome { Get-RunId 1, 2 | Wait-FlowExecution -Timeout 20s -Verbose }
            $outcome.Out.ExecutionKey | Should -Be 'RUN-1', 'RUN-2'
            $outcome.Verbose -join "`n" | Should -BeLike '*notifications of the history*'
            # One look before, one behind; a second one where the connection is slow.
            @($outcome.Verbose -like 'look which of*').Count | Should -BeLessOrEqual 3
            Receive-Later $later
        }
        finally {
            Invoke-TestSql 'drop function leops.record_execution_history() cascade; drop function leops.record_handoff_history() cascade; drop schema leops cascade'
        }
    }

    It 'ends at the timeout with one error that names the runs' {
        Invoke-TestSql "update public.crewai_flow_executions set status = 'completed', completed_at = now() where execution_key = 'RUN-1'"
        $outcome = Get-Outcome { Get-RunId 1, 2, 3 | Wait-FlowExecution -Timeout 300ms }
        $outcome.Out.ExecutionKey | Should -Be 'RUN-1'
        $outcome.Errors | Get-ErrorName | Should -Be 'WaitTimedOut'
        $outcome.Errors[0].TargetObject | Should -Be (Get-RunId 2, 3)
        "$($outcome.Errors[0])" | Should -BeLike "*2 executions*0.3 s*$(Get-RunId 2)*"
        { Wait-FlowExecution -Id (Get-RunId 2) -Timeout 0s -ErrorAction Stop } | Should -Throw -ErrorId 'WaitTimedOut*'
    }

    It 'refuses <_> as a timeout' -ForEach 30, '30', 'soon', '-1s' {
        { Wait-FlowExecution -Id (Get-RunId 1) -Timeout $_ } | Should -Throw '*is not a duration*30s*'
    }

    It 'tells of a run that is deleted meanwhile, and waits for the others' {
        $later = Invoke-Later "delete from public.crewai_flow_executions where execution_key = 'RUN-1'; update public.crewai_flow_executions set status = 'completed', completed_at = now()"
        $outcome = Get-Outcome { Get-RunId 1, 2 | Wait-FlowExecution -Timeout 20s }
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound'
        "$($outcome.Errors[0])" | Should -BeLike '*was deleted while it was waited for*'
        $outcome.Out.ExecutionKey | Should -Be 'RUN-2'
        Receive-Later $later
    }

    It 'stops where the pipeline is stopped, and leaves nothing running' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript('param($manifest, $id) Import-Module $manifest; Wait-FlowExecution -Id $id -Connection pester-wait').AddArgument($LeoManifest).AddArgument((Get-RunId 1))
            $work = $shell.BeginInvoke()
            Start-Sleep -Milliseconds 1500
            $work.IsCompleted | Should -BeFalse
            $clock = [Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            $work.IsCompleted | Should -BeTrue
            $clock.ElapsedMilliseconds | Should -BeLessThan 2000
            Get-RunningCall | Should -Be 0
        }
        finally {
            $shell.Dispose()
        }
    }

    It 'waits for nothing where nothing comes' {
        @() | Wait-FlowExecution | Should -BeNullOrEmpty
    }
}

Describe 'Start-FlowExecution -Wait' {
    BeforeEach {
        Reset-RunData
    }

    It 'gives the runs when they have ended' {
        $later = Invoke-Later "update public.crewai_flow_executions set status = case when input_state = '2' then 'failed' else 'completed' end, completed_at = now(), output_state = input_state"
        $outcome = Get-Outcome { 1..3 | ForEach-Object { [pscustomobject]@{ FlowKey = 'weekly-1'; InputState = "$_" } } | Start-FlowExecution -Wait -WaitTimeout 20s }
        $outcome.Out.OutputState | Should -Be 1, 2, 3
        $outcome.Errors | Get-ErrorName | Should -Be 'ExecutionFailed'
        Receive-Later $later
    }

    It 'ends at the timeout, and the runs go on' {
        $outcome = Get-Outcome { Start-FlowExecution weekly-1 -Wait -WaitTimeout 200ms -Summary }
        $outcome.Out.Changed | Should -Be 1
        $outcome.Errors | Get-ErrorName | Should -Be 'WaitTimedOut'
        "$($outcome.Errors)" | Should -Match 'longer with -WaitTimeout'
        Get-RunCount | Should -Be 'running 1'
    }

    It 'takes no timeout for a wait that was not asked for' {
        (Get-Outcome { Start-FlowExecution weekly-1 -WaitTimeout 1s }).Ended | Get-ErrorName | Should -Be 'ValueOutOfRange'
        Get-RunCount | Should -BeNullOrEmpty
    }

    It 'does not wait for ever in a transaction that nobody else sees' {
        { Invoke-LeoTransaction { Start-FlowExecution weekly-1 -Wait } } | Should -Throw '*Wait-FlowExecution behind*'
        Get-RunCount | Should -BeNullOrEmpty
    }

    It 'waits for nothing with -WhatIf' {
        Start-FlowExecution weekly-1 -Wait -WhatIf | Should -BeNullOrEmpty
    }
}
