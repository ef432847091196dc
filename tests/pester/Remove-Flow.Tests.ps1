# Remove-Flow: by key, pattern and from the pipe, the executions that would go along, copies, rehearsals, and what is refused.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-remove-flow'
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Removing flows' {
    BeforeEach {
        # weekly-1 has one run that has ended, weekly-2 two, weekly-3 none.
        Reset-RunData -Flows 3
        Reset-RunData -Flows 3 -Runs 4 -Status completed
        Invoke-TestSql "delete from public.crewai_flow_executions where flow_id = md5('f3')::uuid"
        Set-Location -LiteralPath (New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid())))
    }

    AfterEach {
        Set-Location -LiteralPath $PSScriptRoot
    }

    It 'deletes flows without executions by object, id, key and pattern, and gives back nothing' {
        @(Get-Flow weekly-3) + 'draft-flow' | Remove-Flow -Confirm:$false | Should -BeNullOrEmpty
        Remove-Flow 'arch*', deprecated-flow -Confirm:$false | Should -BeNullOrEmpty
        (Get-Flow).FlowKey | Should -Be 'weekly-1', 'weekly-2'
    }

    It 'keeps flows that have executions, with all of them, and says how many they are' {
        $outcome = Get-Outcome { Remove-Flow 'weekly-*', none -Confirm:$false }
        $outcome.Errors | Get-ErrorName | Should -Be 'FlowNotFound', 'FlowHasExecutions', 'FlowHasExecutions'
        "$($outcome.Errors[1].Exception.Message) $($outcome.Errors[2].Exception.Message)" | Should -BeLike '*has * execution*-IncludeExecutions*has * execution*'
        (Get-Flow 'weekly-*').FlowKey | Should -Be 'weekly-1', 'weekly-2'
        Get-RunCount | Should -Be 'completed 3'
    }

    It 'deletes executions along with copies of both, and those that have not ended by force only' {
        Invoke-TestSql "update public.crewai_flow_executions set status = 'running', completed_at = null where execution_key = 'RUN-1'"
        $outcome = Get-Outcome { Remove-Flow 'weekly-*' -IncludeExecutions -ExportPath ./f.jsonl -ExecutionExportPath ./e.jsonl -Confirm:$false }
        $outcome.Errors | Get-ErrorName | Should -Be 'ExecutionStillRunning'
        @(Get-Content ./f.jsonl).Count + @(Get-Content ./e.jsonl).Count | Should -Be (2 + 3 - (Get-FlowExecution).Count)
        Remove-Flow 'weekly-*' -IncludeExecutions -Force -Confirm:$false
        Get-Flow 'weekly-*' | Should -BeNullOrEmpty
        Get-FlowExecution | Should -BeNullOrEmpty
        # The copy makes the flow again.
        (Get-Content ./f.jsonl | New-Flow -Summary).Changed | Should -Be 2
    }

    It 'refuses copies of flows alone, and copies of what stays' {
        { Remove-Flow 'weekly-*' -IncludeExecutions -ExportPath ./f.jsonl -Confirm:$false } | Should -Throw -ErrorId 'ExportFailed*'
        { Remove-Flow 'weekly-*' -ExecutionExportPath ./e.jsonl -Confirm:$false } | Should -Throw -ErrorId 'ExportFailed*'
        Get-ChildItem | Should -BeNullOrEmpty
        (Get-Flow 'weekly-*').Count | Should -Be 3
    }

    It 'leaves a flow that changed since it was read' {
        $known = Get-Flow weekly-3
        Invoke-TestSql "update public.crewai_flows set description = 'theirs' where flow_key = 'weekly-3'"
        (Get-Outcome { $known | Remove-Flow -Confirm:$false }).Errors | Get-ErrorName | Should -Be 'EditConflict'
        Get-Flow weekly-3 | Should -Not -BeNullOrEmpty
    }

    It 'rehearses with the number of executions, and deletes nothing' {
        $shown = Get-HostOutput { Remove-Flow 'weekly-*' -IncludeExecutions -ExportPath ./f.jsonl -ExecutionExportPath ./e.jsonl -WhatIf }
        "$shown" | Should -BeLike '*its 1 execution*' 
        "$shown" | Should -BeLike '*its 2 executions*'
        (Get-Outcome { Remove-Flow weekly-1 -WhatIf }).Errors | Get-ErrorName | Should -Be 'FlowHasExecutions'
        Get-ChildItem | Should -BeNullOrEmpty
        (Get-Flow 'weekly-*').Count | Should -Be 3
    }

    It 'asks by default: its impact is high' {
        (Get-Command Remove-Flow).ImplementingType.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false).ConfirmImpact | Should -Be 'High'
    }
}
