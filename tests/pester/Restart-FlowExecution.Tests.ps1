# Restart-FlowExecution: which runs are run again, the link between the two, and what each bad row gets.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-restart'
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Restarting runs' -Tag Core {
    BeforeEach {
        Reset-RunData -Runs 4 -Status failed
    }

    It 'runs what is piped in again with the same input, in input order, and links both ways' {
        $old = @(3, 1 | ForEach-Object { Get-FlowExecution -Id (Get-RunId $_) })
        $new = @($old | Restart-FlowExecution)
        $new | ForEach-Object { $_.Metadata.restartedFrom } | Should -Be $old.Id.Guid
        $new.InputState.n | Should -Be 3, 1
        @($new.Status) + $new.IsNew | Should -Be 'Running', 'Running', $true, $true
        Get-FlowExecution -Id $old[0].Id | ForEach-Object { $_.Status, $_.Metadata.restartedAs } | Should -Be 'Failed', $new[0].Id.Guid
        Get-RunCount | Should -Be 'failed 4, running 2'
        Get-FlowCount 1, 2 | Should -Be 1, 1
    }

    It 'takes ids and whole execution keys, queues with -Queue, and counts with -Summary' {
        (Restart-FlowExecution -Id (Get-RunId 2) -Queue).Status | Should -Be 'Pending'
        $outcome = Get-Outcome { Restart-FlowExecution -ExecutionKey RUN-1, 'RUN-*', NOWHERE }
        $outcome.Out.InputState.n | Should -Be 1
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidIdentity', 'NotFound'
        $summary = "$(Get-RunId 3)", 'nonsense', $null, (Get-RunId 3) | Restart-FlowExecution -Summary -ErrorAction SilentlyContinue
        $summary.Total, $summary.Changed, $summary.FailedByErrorId['InvalidIdentity'], $summary.FailedByErrorId['StatusConflict'] | Should -Be 4, 1, 2, 1
    }

    It 'refuses what goes on, what was restarted and what changed, and restarts the others' {
        $rows = @(1..4 | ForEach-Object { Get-FlowExecution -Id (Get-RunId $_) })
        Invoke-TestSql "update public.crewai_flow_executions set status = 'running' where execution_key = 'RUN-1'; update public.crewai_flow_executions set token_count = 1 where execution_key = 'RUN-3'"
        $null = Restart-FlowExecution -Id (Get-RunId 2)
        $outcome = Get-Outcome { $rows[1..3] + (Get-RunId 1) | Restart-FlowExecution }
        $outcome.All | ForEach-Object { $_ -is [Management.Automation.ErrorRecord] ? (Get-ErrorName $_) : $_.InputState.n } | Should -Be 'StatusConflict', 'StatusConflict', 4, 'ExecutionStillRunning'
        $outcome.Errors.TargetObject | Should -Be $rows[1], $rows[2], (Get-RunId 1)
        (Restart-FlowExecution -Id (Get-RunId 2) -Force).Metadata.restartedFrom | Should -Be (Get-RunId 2).Guid
    }

    It 'asks for -Force where the flow is archived' {
        Invoke-TestSql "update public.crewai_flows set status = 'archived' where flow_key = 'weekly-1'"
        $outcome = Get-Outcome { Restart-FlowExecution -ExecutionKey RUN-3 }
        $outcome.Errors | Get-ErrorName | Should -Be 'FlowNotRunnable'
        (Restart-FlowExecution -ExecutionKey RUN-3 -Force).FlowKey | Should -Be 'weekly-1'
    }

    It 'restarts all or none with -Atomic' {
        (Get-Outcome { (Get-RunId 1), [guid]::NewGuid() | Restart-FlowExecution -Atomic }).Errors | Get-ErrorName | Should -Be 'NotFound', 'BatchRolledBack'
        Get-RunCount | Should -Be 'failed 4'
        @(Get-FlowExecution -Status Failed | Restart-FlowExecution -Atomic -BatchSize 3).Count | Should -Be 4
    }

    It 'says with -WhatIf what it would restart and what it would refuse, and writes nothing' {
        Invoke-TestSql "update public.crewai_flow_executions set status = 'running' where execution_key = 'RUN-2'"
        $said = Get-HostOutput -Outcome outcome { Restart-FlowExecution -ExecutionKey RUN-1, RUN-2 -WhatIf }
        $said -join "`n" | Should -BeLike "*What if:*Start a new run with its input*RUN-1 execution $(Get-RunId 1)*"
        $outcome.Errors | Get-ErrorName | Should -Be 'ExecutionStillRunning'
        Get-RunCount | Should -Be 'failed 3, running 1'
    }

    It 'stops at the first error under -ErrorAction Stop, and says what it did' {
        { (Get-RunId 1), [guid]::NewGuid(), (Get-RunId 2) | Restart-FlowExecution -BatchSize 1 -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound*'
        Get-RunCount | Should -Be 'failed 4, running 1'
    }
}
