# Get-FlowExecutionHistory: what it has beside Get-HandoffHistory, whose tests cover what both share.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    Invoke-TestSql 'drop database if exists leops_runs with (force); create database leops_runs;'
    $connection = Connect-LeoDatabase ($server.Uri -replace '/leops$', '/leops_runs') -Name 'pester-run-history'
    $null = Install-LeoSchema
    Invoke-TestSql -Database leops_runs @'
insert into crewai_flows (id, flow_key, flow_name, flow_definition, status) select md5(k)::uuid, k, k, '{}', 'active' from unnest(array['weekly-meeting', 'daily-check']) k;
'@
}

AfterAll {
    Disconnect-LeoDatabase $connection
    Invoke-TestSql 'drop database if exists leops_runs with (force)'
}

Describe 'Get-FlowExecutionHistory' -Tag Core {
    It 'says that there is no history, and how to get one' {
        $outcome = Get-Outcome { Get-FlowExecutionHistory }
        $outcome.Ended | Get-ErrorName | Should -Be 'HistoryMissing'
        $outcome.Ended.Exception.Message | Should -Match 'Install-LeoSchema -WithHistory'
    }

    Context 'With a history' {
        BeforeAll {
            $null = Install-LeoSchema -WithHistory
            $failed = Start-FlowExecution -FlowKey weekly-meeting -ExecutionKey 'RUN-1'
            $null = $failed | Complete-FlowExecution -ErrorMessage 'No quorum'
            $done = Start-FlowExecution -FlowKey daily-check -ExecutionKey 'RUN-2'
            $null = $done | Complete-FlowExecution -OutputState @{ ok = $true }
            $queued = New-FlowExecution -FlowKey daily-check -ExecutionKey 'RUN-3'
        }

        It 'tells how a run went, newest first, and what it failed of' {
            $entries = @($failed | Get-FlowExecutionHistory)
            $entries | Should -HaveCount 2
            $entries[0] | Should -BeOfType LeoPS.FlowExecutionHistoryEntry
            $entries.From | Should -Be Running, $null
            $entries.To | Should -Be Failed, Running
            $entries[0].To | Should -BeOfType LeoPS.ExecutionStatus
            $entries.Reason | Should -Be 'No quorum', $null
            $entries[0].FlowKey, $entries[0].ExecutionKey | Should -Be 'weekly-meeting', 'RUN-1'
        }

        It 'finds by <Name>: <Found>' -ForEach @(
            @{ Name = 'nothing'; With = { @{} }; Found = 5 }
            @{ Name = '-FlowKey'; With = { @{ FlowKey = 'daily-check' } }; Found = 3 }
            @{ Name = '-FlowKey, wildcards'; With = { @{ FlowKey = '*ee*' } }; Found = 2 }
            @{ Name = '-ExecutionKey'; With = { @{ ExecutionKey = 'RUN-2' } }; Found = 2 }
            @{ Name = '-ExecutionKey, wildcards'; With = { @{ ExecutionKey = 'run-[13]' } }; Found = 3 }
            @{ Name = '-Id'; With = { @{ Id = $queued.Id } }; Found = 1 }
            @{ Name = '-First'; With = { @{ First = 4 } }; Found = 4 }
            @{ Name = '-After'; With = { @{ After = [datetimeoffset]::UtcNow.AddDays(1) } }; Found = 0 }
        ) {
            $with = & $With
            $outcome = Get-Outcome { Get-FlowExecutionHistory @with }
            $outcome.Errors | Should -BeNullOrEmpty
            $outcome.Out.Count | Should -Be $Found
        }

        It 'reports flows and runs that nobody knows' {
            (Get-Outcome { Get-FlowExecutionHistory -FlowKey nope }).Errors | Get-ErrorName | Should -Be 'FlowNotFound'
            (Get-Outcome { Get-FlowExecutionHistory -ExecutionKey nope }).Errors | Get-ErrorName | Should -Be 'NotFound'
            (Get-Outcome { Get-FlowExecutionHistory -Id (New-Guid) }).Errors | Get-ErrorName | Should -Be 'NotFound'
            (Get-Outcome { Get-FlowExecutionHistory -FlowKey nope* }).Errors | Should -BeNullOrEmpty
        }

        It 'names runs that can be piped on, and refuses other things' {
            (Get-FlowExecutionHistory -First 1 | Get-FlowExecution).ExecutionKey | Should -Be 'RUN-3'
            (Get-Outcome { Get-FlowExecutionHistory -First 1 | Get-HandoffPreparation }).Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
            (Get-Outcome { $connection | Get-FlowExecutionHistory }).Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
        }

        It 'is a table of 120 columns' {
            $lines = (Get-FlowExecutionHistory | Out-String -Width 120) -replace "`e\[[0-9;]*m" -split '\r?\n'
            $lines | Where-Object Length -GT 120 | Should -BeNullOrEmpty
            @($lines | Where-Object { $_.Trim() }).Count | Should -Be 7
            @($lines | Where-Object { $_.Trim() })[0].Trim() -split '\s+' | Should -Be ChangedAt, Id, ExecutionKey, From, To, ChangedBy, Reason
        }
    }
}
