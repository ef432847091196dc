# That nothing can be written through a connection that was opened with -ReadOnly, by any cmdlet that writes.
BeforeDiscovery {
    # One call, or several, for each cmdlet that writes to a database. A cmdlet without one fails below.
    $writes = @(
        @{ Cmdlet = 'Set-HandoffStatus'; Way = 'from the pipe'; Script = { Get-HandoffPreparation | Set-HandoffStatus Sent } }
        @{ Cmdlet = 'Set-HandoffStatus'; Way = 'by id'; Script = { Set-HandoffStatus Sent -Id (Get-TestId 1) } }
        @{ Cmdlet = 'Set-HandoffStatus'; Way = 'on the server'; Script = { Set-HandoffStatus Sent -CurrentStatus Ready -Confirm:$false } }
        @{ Cmdlet = 'Set-HandoffStatus'; Way = 'as one'; Script = { Get-HandoffPreparation | Set-HandoffStatus Sent -Atomic } }
        @{ Cmdlet = 'Set-HandoffPreparation'; Way = 'from the pipe'; Script = { Get-HandoffPreparation | Set-HandoffPreparation -PostImplementationNotes x } }
        @{ Cmdlet = 'Set-HandoffPreparation'; Way = 'as one'; Script = { Get-HandoffPreparation | Set-HandoffPreparation -PostImplementationNotes x -Atomic } }
        @{ Cmdlet = 'New-HandoffPreparation'; Way = 'one'; Script = { New-HandoffPreparation -SdId SD-A-001 -ImplementationSummary 'A summary' } }
        @{ Cmdlet = 'Remove-HandoffPreparation'; Way = 'from the pipe'; Script = { Get-HandoffPreparation | Remove-HandoffPreparation -Confirm:$false } }
        @{ Cmdlet = 'Remove-HandoffPreparation'; Way = 'with an export'; Script = { Get-HandoffPreparation | Remove-HandoffPreparation -Confirm:$false -ExportPath (Join-Path $TestDrive "$([guid]::NewGuid()).jsonl") } }
        @{ Cmdlet = 'New-StrategicDirective'; Way = 'one'; Script = { New-StrategicDirective -SdKey SD-NEW-1 -Title t -Category c -Description d -Rationale r -Scope s } }
        @{ Cmdlet = 'New-ImplementationSession'; Way = 'one'; Script = { New-ImplementationSession -SdId SD-A-001 -ImplementationType GENERAL_FEATURE } }
        @{ Cmdlet = 'New-Flow'; Way = 'one'; Script = { New-Flow -FlowKey new -FlowName n -FlowDefinition '{}' } }
        @{ Cmdlet = 'Set-Flow'; Way = 'from the pipe'; Script = { Get-Flow | Set-Flow -Description x } }
        @{ Cmdlet = 'New-FlowExecution'; Way = 'one'; Script = { New-FlowExecution weekly } }
        @{ Cmdlet = 'Start-FlowExecution'; Way = 'one'; Script = { Start-FlowExecution weekly } }
        @{ Cmdlet = 'Start-FlowExecution'; Way = 'a queued one'; Script = { Get-FlowExecution -Status Pending | Start-FlowExecution } }
        @{ Cmdlet = 'Start-FlowExecution'; Way = 'the next one'; Script = { Start-FlowExecution -Next } }
        @{ Cmdlet = 'Stop-FlowExecution'; Way = 'from the pipe'; Script = { Get-FlowExecution -Status Running | Stop-FlowExecution -Reason x -Confirm:$false } }
        @{ Cmdlet = 'Stop-FlowExecution'; Way = 'what is old'; Script = { Stop-FlowExecution -OlderThan 1h -Reason x -Confirm:$false } }
        @{ Cmdlet = 'Restart-FlowExecution'; Way = 'from the pipe'; Script = { Get-FlowExecution -Status Failed | Restart-FlowExecution } }
        @{ Cmdlet = 'Invoke-FlowExecution'; Way = 'a block'; Script = { Invoke-FlowExecution weekly { 1 } } }
        @{ Cmdlet = 'Remove-FlowExecution'; Way = 'from the pipe'; Script = { Get-FlowExecution -Status Failed | Remove-FlowExecution -Confirm:$false } }
        @{ Cmdlet = 'Remove-FlowExecution'; Way = 'what is old'; Script = { Remove-FlowExecution -OlderThan 1s -Confirm:$false } }
        @{ Cmdlet = 'Complete-FlowExecution'; Way = 'from the pipe'; Script = { Get-FlowExecution -Status Running | Complete-FlowExecution } }
        @{ Cmdlet = 'Set-ImplementationSession'; Way = 'from the pipe'; Script = { Get-ImplementationSession | Set-ImplementationSession -Status Paused } }
        @{ Cmdlet = 'Set-StrategicDirective'; Way = 'from the pipe'; Script = { Get-StrategicDirective | Set-StrategicDirective -Title new } }
        @{ Cmdlet = 'Remove-Flow'; Way = 'with its executions'; Script = { Remove-Flow weekly -IncludeExecutions -Force -Confirm:$false } }
        @{ Cmdlet = 'Set-FlowExecution'; Way = 'from the pipe'; Script = { Get-FlowExecution -Status Running | Set-FlowExecution -TokenCount 5 } }
        @{ Cmdlet = 'Set-FlowExecution'; Way = 'an increment by id'; Script = { Get-FlowExecution -Status Running | ForEach-Object { Set-FlowExecution -Id $_.Id -AddTokens 5 } } }
        @{ Cmdlet = 'Install-LeoSchema'; Way = 'the tables'; Script = { Install-LeoSchema -Confirm:$false } }
        @{ Cmdlet = 'Install-LeoSchema'; Way = 'the history'; Script = { Install-LeoSchema -WithHistory -Confirm:$false } }
    )
    $modes = foreach ($mode in 'Session', 'Transaction') {
        foreach ($inside in $false, $true) {
            foreach ($write in $writes) {
                # These two take no part in a transaction.
                if (-not ($inside -and $write.Cmdlet -in 'Install-LeoSchema', 'Invoke-FlowExecution')) { $write + @{ Mode = $mode; Inside = $inside; Where = $inside ? 'in a transaction' : 'alone' } }
            }
        }
    }
}

BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    Import-LeoModule
    $server = Start-TestServer
    Reset-TestData -Count 3
    Invoke-TestSql @'
insert into public.crewai_flows (id, flow_key, flow_name, flow_definition, status) values (md5('f1')::uuid, 'weekly', 'Weekly', '{}', 'active');
insert into public.crewai_flow_executions (flow_id, execution_key, status, started_at, completed_at)
values (md5('f1')::uuid, 'RO-1', 'running', now() - interval '1 day', null), (md5('f1')::uuid, 'RO-2', 'pending', now(), null),
       (md5('f1')::uuid, 'RO-3', 'failed', now() - interval '1 day', now() - interval '1 hour');
'@
    $tables = 'exec_handoff_preparations', 'exec_implementation_sessions', 'strategic_directives_v2', 'crewai_flows', 'crewai_flow_executions'
    function Get-Fingerprint {
        $parts = foreach ($table in $tables) { "(select coalesce(md5(string_agg(r::text || r.xmin::text, '' order by r.id::text)), '') from public.$table r)" }
        Invoke-TestSql "select concat_ws('|', $($parts -join ', '))"
    }
    $before = Get-Fingerprint
}

AfterAll {
    Get-LeoConnection | Disconnect-LeoDatabase
}

Describe 'A connection that was opened with -ReadOnly' {
    It 'lets <Cmdlet> write nothing (<Way>, <Mode>, <Where>)' -ForEach $modes {
        $null = Connect-LeoDatabase $server.Uri -ReadOnly -PoolerMode $Mode -Name 'pester-reader'
        $ErrorActionPreference = 'Stop'
        $failure = $null
        try {
            if ($Inside) { $null = Invoke-LeoTransaction $Script 3>$null } else { $null = & $Script 3>$null }
        }
        catch {
            $failure = $_
        }
        $failure | Should -Not -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'ReadOnlyConnection,*'
        $failure.CategoryInfo.Category | Should -Be 'PermissionDenied'
        Get-Fingerprint | Should -Be $before
    }

    It 'was tried with every cmdlet that writes to a database' -ForEach @{ Tried = @($writes.Cmdlet | Select-Object -Unique) } {
        # What can be rehearsed writes; a sandbox is a server and no connection's, and a transaction is what half of the tests run in.
        $writing = Get-Command -Module LeoPS | Where-Object { $_.Parameters.ContainsKey('WhatIf') -and $_.Noun -notin 'LeoSandbox', 'LeoTransaction' } | ForEach-Object Name
        $writing | Where-Object { $_ -notin $Tried } | Should -BeNullOrEmpty
    }
}
