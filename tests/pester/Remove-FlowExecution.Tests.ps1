# Remove-FlowExecution: what is gone, by name and by age, what stays, and the copy that is in the file before anything is gone.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-remove-runs'
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Removing runs' {
    BeforeEach {
        Reset-RunData -Runs 6 -Status completed
        Invoke-TestSql @'
update public.crewai_flow_executions set status = 'running', completed_at = null where execution_key = 'RUN-6';
update public.crewai_flow_executions set completed_at = now() - interval '40 days', started_at = now() - interval '41 days' where execution_key in ('RUN-1', 'RUN-2', 'RUN-6');
update public.crewai_flow_executions set completed_at = null where execution_key = 'RUN-6';
'@
        Set-Location -LiteralPath (New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid())))
    }

    AfterEach {
        Set-Location -LiteralPath $PSScriptRoot
    }

    It 'deletes what is named, by object, id and key, and gives back nothing' {
        @(Get-FlowExecution -ExecutionKey RUN-1) + "$(Get-RunId 2)" | Remove-FlowExecution -Confirm:$false | Should -BeNullOrEmpty
        Remove-FlowExecution -ExecutionKey RUN-3 -Confirm:$false | Should -BeNullOrEmpty
        (Get-FlowExecution -OrderBy ExecutionKey).ExecutionKey | Should -Be 'RUN-4', 'RUN-5', 'RUN-6'
    }

    It 'leaves what runs, what changed and what is unknown, and deletes the others' {
        $rows = @(1, 6, 2 | ForEach-Object { Get-FlowExecution -Id (Get-RunId $_) })
        Invoke-TestSql "update public.crewai_flow_executions set token_count = 1 where execution_key = 'RUN-1'"
        $outcome = Get-Outcome { $rows + [guid]::NewGuid() + $null | Remove-FlowExecution -Confirm:$false }
        $outcome.Errors | Get-ErrorName | Should -Be 'EditConflict', 'ExecutionStillRunning', 'NotFound', 'InvalidIdentity'
        Get-RunCount | Should -Be 'completed 4, running 1'
        Get-FlowExecution -ExecutionKey RUN-6 | Remove-FlowExecution -Force -Confirm:$false
        Get-RunCount | Should -Be 'completed 4'
    }

    It 'deletes by age what has ended, with a line for each in the file' {
        $summary = Remove-FlowExecution -OlderThan 30d -ExportPath ./old.jsonl -Summary -Confirm:$false
        $summary.Total, $summary.Changed | Should -Be 2, 2
        $lines = @(Get-Content ./old.jsonl | ConvertFrom-Json)
        $lines.ExecutionKey | Sort-Object | Should -Be 'RUN-1', 'RUN-2'
        $lines[0].InputState.n | Should -BeIn 1, 2
        Get-RunCount | Should -Be 'completed 3, running 1'
        Remove-FlowExecution -OlderThan 30d -Force -Confirm:$false
        Get-RunCount | Should -Be 'completed 3'
    }

    It 'narrows by flow and status, and tells of a flow that does not exist' {
        $outcome = Get-Outcome { Remove-FlowExecution -OlderThan 30d -FlowKey weekly-2, nowhere -Status Completed -Confirm:$false }
        $outcome.Errors | Get-ErrorName | Should -Be 'FlowNotFound'
        (Get-FlowExecution -Before (Get-Date).AddDays(-30) -OrderBy ExecutionKey).ExecutionKey | Should -Be 'RUN-2', 'RUN-6'
    }

    It 'refuses <Name>' -ForEach @(
        @{ Name = 'no age'; Arguments = @{ OlderThan = '0s' }; ErrorId = 'ValueOutOfRange*' }
        @{ Name = 'a bare number'; Arguments = @{ OlderThan = 30 }; ErrorId = 'ParameterArgumentTransformationError*' }
        @{ Name = 'runs that go on'; Arguments = @{ OlderThan = '30d'; Status = 'Running' }; ErrorId = 'ExecutionStillRunning*' }
        @{ Name = 'a folder that is not there'; Arguments = @{ OlderThan = '30d'; ExportPath = './none/x.jsonl' }; ErrorId = 'ExportFailed*' }
    ) {
        { Remove-FlowExecution @Arguments -Confirm:$false } | Should -Throw -ErrorId $ErrorId
        Get-RunCount | Should -Be 'completed 5, running 1'
    }

    It 'never writes over a file' {
        Set-Content ./mine.txt 'mine'
        { Remove-FlowExecution -OlderThan 30d -ExportPath ./mine.txt -Confirm:$false } | Should -Throw -ErrorId 'ExportFailed*'
        Get-Content ./mine.txt | Should -Be 'mine'
        Get-RunCount | Should -Be 'completed 5, running 1'
    }

    It 'says with -WhatIf what it would delete, one question for a selection, and leaves no file' {
        $said = Get-HostOutput { Remove-FlowExecution -OlderThan 30d -ExportPath ./old.jsonl -WhatIf }
        $said -join "`n" | Should -BeLike '*What if: Remove 2 executions that ended more than 30 d ago*'
        $said = Get-HostOutput -Outcome outcome { Get-RunId 1, 6 | Remove-FlowExecution -ExportPath ./old.jsonl -WhatIf }
        $said -join "`n" | Should -BeLike "*Remove*RUN-1 execution $(Get-RunId 1)*"
        $outcome.Errors | Get-ErrorName | Should -Be 'ExecutionStillRunning'
        Test-Path ./old.jsonl | Should -BeFalse
        Get-RunCount | Should -Be 'completed 5, running 1'
    }

    It 'asks by default' {
        (Get-Command Remove-FlowExecution).ImplementingType.GetCustomAttributes([Management.Automation.CmdletAttribute], $false).ConfirmImpact | Should -Be 'High'
    }

    It 'deletes all or none with -Atomic' {
        (Get-Outcome { Get-RunId 1, 6 | Remove-FlowExecution -Atomic -ExportPath ./all.jsonl -Confirm:$false }).Errors | Get-ErrorName | Should -Be 'ExecutionStillRunning', 'BatchRolledBack'
        Test-Path ./all.jsonl | Should -BeFalse
        Remove-FlowExecution -OlderThan 30d -Atomic -ExportPath ./all.jsonl -Confirm:$false
        @(Get-Content ./all.jsonl).Count | Should -Be 2
    }
}
