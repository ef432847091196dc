BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $null = Connect-LeoDatabase $server.Uri
    Reset-TestData -Count 30
    Invoke-TestSql @"
update exec_handoff_preparations set implementation_summary = repeat('A long summary with $([char]0x00e4) and a line' || chr(10) || 'break. ', 40) where id = '$(Get-TestId 1)';
update exec_handoff_preparations set implementation_summary = '' where id = '$(Get-TestId 2)';
update exec_handoff_preparations set handoff_status = 'rejected', sent_at = now() - interval '400 days', response_at = now() - interval '300 days', prepared_at = null where id = '$(Get-TestId 3)';
update strategic_directives_v2 set sd_key = 'SD-' || repeat('LONG-', 15) || '001' where id = 'SD-A-001';
"@
    $rows = @(Get-HandoffPreparation)
}

AfterAll {
    Get-LeoConnection | Disconnect-LeoDatabase
}

Describe 'The table of handoffs' {
    BeforeAll {
        $lines = ($rows | Format-Table | Out-String -Width 120) -replace "`e\[[0-9;]*m" -split '\r?\n'
        $filled = @($lines | Where-Object { $_.Trim() })
    }

    It 'is the default view' {
        # Ages go on growing while the test runs.
        $default = ($rows | Out-String -Width 120) -replace "`e\[[0-9;]*m" -replace '\d+ ', '0 ' -replace ' +', ' '
        $default.Trim() | Should -Be (($lines -join [Environment]::NewLine) -replace '\d+ ', '0 ' -replace ' +', ' ').Trim()
    }

    It 'fits 120 columns' {
        $lines | Where-Object Length -GT 120 | Should -BeNullOrEmpty
    }

    It 'has the columns Id, Status, Age, SdKey and Summary' {
        $filled[0].Trim() -split '\s+' | Should -Be 'Id', 'Status', 'Age', 'SdKey', 'Summary'
    }

    It 'has one line for each handoff, whatever its texts are' {
        $filled.Count | Should -Be ($rows.Count + 2)
    }

    It 'begins a line with the first eight characters of the id, and the status' {
        for ($i = 0; $i -lt $rows.Count; $i++) {
            $filled[$i + 2] | Should -Match "^\s*$($rows[$i].Id.ToString().Substring(0, 8))\s+$($rows[$i].Status)\b"
        }
    }

    It 'shows a summary that is too long shortened, from its beginning' {
        $line = $filled | Where-Object { $_ -match "^\s*$((Get-TestId 1).ToString().Substring(0, 8))" }
        $line | Should -Match 'A long summary'
        $line.TrimEnd() | Should -Match '(…|\.\.\.)$'
    }

    It 'is the same for what Set-HandoffStatus gives back' {
        $moved = Set-HandoffStatus Sent -Id (Get-TestId 4)
        ($moved | Out-String -Width 120) -replace "`e\[[0-9;]*m" | Should -Match '(?m)^\s*Id\s+Status\s+Age\s+SdKey\s+Summary\s*$'
    }
}

Describe 'The list of a handoff' {
    It 'has every property' {
        $row = Get-HandoffPreparation -Id (Get-TestId 5)
        $text = ($row | Format-List | Out-String -Width 120) -replace "`e\[[0-9;]*m"
        $names = $row.PSObject.Properties | Where-Object MemberType -EQ Property | ForEach-Object Name
        @($names).Count | Should -BeGreaterOrEqual 22
        # Status is another name for HandoffStatus, and one of the two is enough.
        foreach ($name in $names | Where-Object { $_ -ne 'Status' }) {
            $text | Should -Match "(?m)^\s*$name\s*:"
        }
        $text | Should -Match ([string]$row.Id)
    }
}

Describe 'The views of executions' {
    BeforeAll {
        Reset-RunData -Runs 30
        Invoke-TestSql @"
update crewai_flows set flow_key = repeat('long-', 19) || '001' where flow_key = 'weekly-1';
update crewai_flow_executions set execution_key = repeat('K', 100), status = 'cancelled', started_at = now() - interval '400 days', token_count = 2147483647, cost_usd = 999999.9999 where execution_key = 'RUN-3';
update crewai_flow_executions set status = 'failed', started_at = now() - interval '1199 minutes', completed_at = now(), error_message = 'line 1' || chr(10) || 'line 2', error_type = 'TimeoutError', error_stack = 'at step 3',
    output_state = '{"done": ["x", 1.10]}', metadata = 'null' where execution_key = 'RUN-4';
update crewai_flow_executions set started_at = null, execution_mode = null where execution_key = 'RUN-5';
"@
        $runs = @(Get-FlowExecution)
        $filled = @(($runs | Out-String -Width 120) -replace "`e\[[0-9;]*m" -split '\r?\n' | Where-Object { $_.Trim() })
        function Get-List([string] $Key) { (Get-FlowExecution -ExecutionKey $Key | Format-List | Out-String -Width 120) -replace "`e\[[0-9;]*m" }
    }

    It 'are a table of 120 columns, a line for each, whatever the values are' {
        $filled | Where-Object Length -GT 120 | Should -BeNullOrEmpty
        $filled[0].Trim() -split '\s+' | Should -Be 'Status', 'FlowKey', 'Started', 'Duration', 'Tokens', 'CostUsd', 'Key'
        $filled.Count | Should -Be 32
        for ($i = 0; $i -lt 30; $i++) {
            $filled[$i + 2] | Should -Match "^$($runs[$i].Status)\s+$($runs[$i].FlowKey.Substring(0, 8))"
        }
        @($filled -match '^Failed .* 19 h 59 min +19 h 59 min .* RUN-4$') | Should -HaveCount 1
    }

    It 'keep a header of one line on 80 columns' {
        $narrow = @(($runs | Out-String -Width 80) -replace "`e\[[0-9;]*m" -split '\r?\n' | Where-Object { $_.Trim() })
        $narrow.Count | Should -Be 32
        $narrow[1] | Should -Match '^[- ]+$'
    }

    It 'are the same table for what Start-FlowExecution and Complete-FlowExecution give' {
        $run = Start-FlowExecution weekly-2 -InputState @{ a = 1 }
        foreach ($row in $run, ($run | Complete-FlowExecution)) {
            ($row | Out-String -Width 120) -replace "`e\[[0-9;]*m" | Should -Match '(?m)^\s*Status\s+FlowKey\s+Started\s+Duration\s+Tokens\s+CostUsd\s+Key\s*$'
        }
    }

    It 'are a list with every property, JSON as JSON, and the error as it is' {
        $text = Get-List RUN-4
        # Those of governed runs are shown where the table has them.
        $governance = 'VentureId', 'PrdId', 'SdId', 'BudgetConsumed', 'BudgetLimit', 'KilledByBudget'
        foreach ($name in ($runs[0].PSObject.Properties | Where-Object MemberType -EQ Property).Name | Where-Object { $_ -notin $governance }) {
            $text | Should -Match "(?m)^$name\s*:"
        }
        $text | Should -Not -Match '(?m)^VentureId'
        $text | Should -Match '(?m)^InputState\s*: \{"n": 4\}\s*$'
        $text | Should -Match '(?m)^OutputState\s*: \{"done": \["x", 1\.10\]\}\s*$'
        $text | Should -Match '(?ms)^ErrorMessage\s*: line 1\r?\n\s+line 2\s*\r?\nErrorType\s*: TimeoutError\s*\r?\nErrorStack\s*: at step 3'
        $text | Should -Match '(?m)^Duration\s*: 19 h 59 min\s*$'
        Get-List RUN-5 | Should -Match '(?m)^OutputState\s*:\s*$'
    }
}

Describe 'JSON columns' {
    It 'read with dots' {
        $row = Get-HandoffPreparation -Id (Get-TestId 5)
        $row.QualityMetrics.coverage | Should -Be 65
        "$($row.QualityMetrics)" | ConvertFrom-Json | ForEach-Object coverage | Should -Be 65
    }
}

Describe 'Other views' {
    It 'fit 120 columns: <Name>' -ForEach @(
        @{ Name = 'connections'; Script = { Get-LeoConnection } }
        @{ Name = 'sandboxes'; Script = { Get-LeoSandbox -Path $server.Sandbox.Path } }
        @{ Name = 'schema items'; Script = { Test-LeoSchema } }
        @{ Name = 'a database report'; Script = { Test-LeoDatabase } }
    ) {
        $text = (& $Script | Out-String -Width 120) -replace "`e\[[0-9;]*m"
        $text.Trim() | Should -Not -BeNullOrEmpty
        $text -split '\r?\n' | Where-Object Length -GT 120 | Should -BeNullOrEmpty
    }
}
