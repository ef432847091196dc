# Start-FlowExecution -Next: what PowerShell alone shows of a claim. The statement itself is tested in tests/postgres.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-next'
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Claiming queued runs' -Tag Core {
    BeforeEach {
        Reset-RunData -Runs 10 -Status pending
    }

    It 'takes one, the oldest, and nothing where nothing waits' {
        $run = Start-FlowExecution -Next
        $run | Should -BeOfType LeoPS.FlowExecution
        $run.Id, $run.Status, $run.IsNew | Should -Be (Get-RunId 10), 'Running', $false
        ($run | Complete-FlowExecution).Status | Should -Be 'Completed'
        (Start-FlowExecution -Next -Count 100).ExecutionKey | Should -Be (9..1 | ForEach-Object { "RUN-$_" })
        $nothing = Get-Outcome { Start-FlowExecution -Next }
        $nothing.All | Should -HaveCount 0
        $nothing.Ended | Should -BeNullOrEmpty
    }

    It 'ends a worker''s loop when the queue is empty' {
        $keys = while ($run = Start-FlowExecution -Next) { $run.ExecutionKey }
        $keys | Should -Be (10..1 | ForEach-Object { "RUN-$_" })
    }

    It 'takes from the flow of a key, by position too, and of a pattern' {
        (Start-FlowExecution weekly-1 -Next -Count 2).ExecutionKey | Should -Be 'RUN-9', 'RUN-6'
        (Start-FlowExecution -Next -FlowKey weekly-[23] -Count 3).ExecutionKey | Should -Be 'RUN-10', 'RUN-8', 'RUN-7'
    }

    It 'takes in batches, and with -Summary gives the figures' {
        $seen = Get-Outcome { Start-FlowExecution -Next -Count 7 -BatchSize 3 -Summary -Verbose }
        $seen.Out | Should -HaveCount 1
        $seen.Out[0].Total, $seen.Out[0].Changed, $seen.Out[0].Failed | Should -Be 7, 7, 0
        @($seen.Verbose -match '^claim up to') | Should -HaveCount 3
        Get-RunCount | Should -Be 'pending 3, running 7'
        @((Get-Outcome { Start-FlowExecution -Next -Count 3 -BatchSize 1 -Atomic -Verbose }).Verbose -match '^claim up to') | Should -HaveCount 1
    }

    It 'says under -WhatIf how many, and takes none' {
        $before = Get-RunCount
        Start-FlowExecution -Next -Count 4 -WhatIf | Should -BeNullOrEmpty
        Get-RunCount | Should -Be $before
        Start-FlowExecution -Next -Count 4 -Confirm:$false | Should -HaveCount 4
    }

    It 'refuses <Name>' -ForEach @(
        @{ Name = 'a key of its own'; Id = 'ValueOutOfRange'; Call = { Start-FlowExecution -Next -ExecutionKey K } }
        @{ Name = 'a script block for an input'; Id = 'ValueOutOfRange'; Call = { Start-FlowExecution -Next -InputState { 1 } } }
        @{ Name = 'an input that is no JSON'; Id = 'InvalidJson'; Call = { Start-FlowExecution -Next -InputState '{' } }
        @{ Name = 'no flow at all'; Id = 'InvalidIdentity'; Call = { Start-FlowExecution -Next -FlowKey ' ' } }
        @{ Name = 'none to take'; Id = 'ParameterArgumentValidationError'; Call = { Start-FlowExecution -Next -Count 0 } }
        @{ Name = 'a count without -Next'; Id = 'AmbiguousParameterSet'; Call = { Start-FlowExecution -FlowId ([guid]::NewGuid()) -Count 2 } }
        @{ Name = 'ids beside it'; Id = 'AmbiguousParameterSet'; Call = { Start-FlowExecution -Next -Id ([guid]::NewGuid()) } }
    ) {
        $seen = Get-Outcome $Call
        $seen.Ended | Get-ErrorName | Should -Be $Id
        Get-RunCount | Should -Be 'pending 10'
    }

    It 'gives an error for a flow that is not there or does not start, and goes on' {
        $seen = Get-Outcome { Start-FlowExecution -Next -FlowKey nobody; Start-FlowExecution -Next -FlowKey archived-flow; 'on' }
        $seen.Errors | Get-ErrorName | Should -Be 'FlowNotFound', 'FlowNotRunnable'
        $seen.Errors[0].TargetObject | Should -Be 'nobody'
        $seen.Out | Should -Be 'on'
        { Start-FlowExecution -Next -FlowKey nobody -ErrorAction Stop } | Should -Throw -ErrorId 'FlowNotFound*'
    }

    It 'writes what is given for all' {
        $user = [guid]::NewGuid()
        $runs = Start-FlowExecution -Next -Count 2 -Metadata @{ worker = 'w-1' } -ExecutedBy $user -ExecutionMode Triggered
        $runs | ForEach-Object { $_.Metadata.worker, $_.ExecutedBy, $_.ExecutionMode | Should -Be 'w-1', $user, 'Triggered' }
        $runs[0].Metadata.queuedAt | Should -Not -BeNullOrEmpty
    }

    It 'shares the queue among runspaces, each run once' {
        Reset-RunData -Runs 300 -Status pending
        $keys = 1..6 | ForEach-Object -ThrottleLimit 6 -Parallel {
            Import-Module $using:LeoManifest
            while ($runs = Start-FlowExecution -Next -Count 3 -Connection pester-next) { $runs.ExecutionKey }
        }
        $keys | Should -HaveCount 300
        $keys | Sort-Object -Unique | Should -HaveCount 300
    }
}
