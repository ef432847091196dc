# New-FlowExecution: runs that only wait. What it shares with Start-FlowExecution is tested there.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-new'
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Queuing runs' {
    BeforeEach {
        Reset-RunData
    }

    It 'makes a pending run with its values, counted, whose start is its queue time' {
        $meeting = [guid]::NewGuid()
        $run = New-FlowExecution weekly-1 -InputState @{ agenda = 'runway' } -ExecutionKey Q-1 -ExecutionMode Scheduled -BoardMeetingId $meeting -Metadata '[1]'
        $run | Should -BeOfType LeoPS.FlowExecution
        $run.Status, $run.IsNew, $run.ExecutionKey, $run.CompletedAt | Should -Be 'Pending', $true, 'Q-1', $null
        Get-RunValue $run.Id "concat_ws(' ', status, input_state, execution_mode, board_meeting_id, metadata, started_at between now() - interval '1 minute' and now())" |
            Should -Be "pending {`"agenda`": `"runway`"} scheduled $meeting [1] t"
        Get-FlowCount 1 | Should -Be 1
    }

    It 'takes flows of the pipe with their columns, and hands its runs on to Start-FlowExecution' {
        $rows = [pscustomobject]@{ FlowKey = 'weekly-2'; InputState = '{"a": 1}' }, 'weekly-1', (Get-FlowRow weekly-3)
        $started = $rows | New-FlowExecution | Start-FlowExecution
        $started.FlowKey | Should -Be 'weekly-2', 'weekly-1', 'weekly-3'
        $started.Status | Select-Object -Unique | Should -Be 'Running'
        "$($started[0].InputState)" | Should -Be '{"a": 1}'
        $started | ForEach-Object { [datetimeoffset]$_.Metadata.queuedAt | Should -BeLessOrEqual $_.StartedAt }
        # The metadata of the flow stays the flow's.
        "$($started[2].Metadata)" | Should -Not -BeLike '*owner*'
        Get-FlowCount 1, 2, 3 | Should -Be 1, 1, 1
    }

    It 'refuses an execution by name, live or from another session, and queues no second run of it' {
        $run = New-FlowExecution weekly-1
        $run | Export-Clixml TestDrive:/run
        $outcome = Get-Outcome { $run, (Import-Clixml TestDrive:/run), 'weekly-2' | New-FlowExecution }
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidIdentity', 'InvalidIdentity'
        "$($outcome.Errors[0])" | Should -BeLike 'A FlowExecution does not identify a flow*'
        $outcome.Out.FlowKey | Should -Be 'weekly-2'
        Get-RunCount | Should -Be 'pending 2'
    }

    It 'refuses what Start-FlowExecution refuses, and -Force lets an archived flow wait' {
        $null = New-FlowExecution weekly-1 -ExecutionKey Q-1
        $outcome = Get-Outcome { 'archived-flow', 'nowhere', @{ FlowKey = 'weekly-1'; ExecutionKey = 'Q-1' }, 'weekly-*', $null | New-FlowExecution }
        $outcome.Errors | Get-ErrorName | Should -Be 'FlowNotRunnable', 'FlowNotFound', 'DuplicateExecutionKey', 'InvalidIdentity', 'InvalidIdentity'
        (New-FlowExecution archived-flow -Force).Status | Should -Be 'Pending'
        (New-FlowExecution weekly-1 -ExecutionKey Q-1 -OnConflict UseExisting).IsNew | Should -BeFalse
        Get-RunCount | Should -Be 'pending 2'
    }

    It 'says what it would queue with -WhatIf, and queues all or none with -Atomic' {
        $said = Get-HostOutput { 'weekly-1', 'archived-flow' | New-FlowExecution -WhatIf } -Outcome outcome
        @($said -like '*What if:*Queue a run*flow weekly-1*') | Should -HaveCount 1
        $outcome.Errors | Get-ErrorName | Should -Be 'FlowNotRunnable'
        (Get-Outcome { 'weekly-1', 'archived-flow' | New-FlowExecution -Atomic }).Errors | Get-ErrorName | Should -Be 'FlowNotRunnable', 'BatchRolledBack'
        Get-RunCount | Should -BeNullOrEmpty
        (1..5 | ForEach-Object { 'weekly-1' } | New-FlowExecution -Atomic -Summary).Changed | Should -Be 5
    }
}
