# -LockTimeout means the same in every cmdlet and on every page, and 0s does not wait.
BeforeDiscovery {
    $calls = @(
        @{ Call = 'Get-FlowExecution'; Do = { Get-FlowExecution -LockTimeout 0s } }
        @{ Call = 'Measure-FlowExecution'; Do = { Measure-FlowExecution -LockTimeout 0s } }
        @{ Call = 'New-FlowExecution'; Do = { New-FlowExecution locked-flow -LockTimeout 0s } }
        @{ Call = 'Start-FlowExecution -Next'; Do = { Start-FlowExecution -Next -LockTimeout 0s } }
        @{ Call = 'Invoke-FlowExecution'; Do = { Invoke-FlowExecution locked-flow -LockTimeout 0s { 1 } } }
        @{ Call = 'Stop-FlowExecution'; Do = { Stop-FlowExecution -OlderThan 1d -Reason x -Confirm:$false -LockTimeout 0s } }
        @{ Call = 'Complete-FlowExecution'; Do = { Complete-FlowExecution -Id ([guid]::NewGuid()) -LockTimeout 0s } }
        @{ Call = 'Remove-FlowExecution'; Do = { Remove-FlowExecution -Id ([guid]::NewGuid()) -Confirm:$false -LockTimeout 0s } }
        @{ Call = 'Wait-FlowExecution'; Do = { Wait-FlowExecution -Id ([guid]::NewGuid()) -Timeout 20s -LockTimeout 0s } }
    )
}

BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-lock-timeout'
    if (-not (Get-Flow locked-flow -ErrorAction Ignore)) {
        $null = New-Flow -FlowKey locked-flow -FlowName 'Locked' -FlowDefinition '{}' -Status Active
    }
    $pages = Join-Path $PSScriptRoot '../../docs/en-US'
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe '-LockTimeout' {
    It 'has one text on all pages, and stands on the page of every cmdlet that has it' {
        $texts = @{}
        foreach ($command in Get-Command -Module LeoPS | Where-Object { $_.Parameters.ContainsKey('LockTimeout') }) {
            $page = Get-Content -LiteralPath (Join-Path $pages "$($command.Name).md") -Raw
            $page -match '(?s)### -LockTimeout\r?\n(.*?)```yaml' | Should -BeTrue -Because $command.Name
            $texts[$command.Name] = $Matches[1].Trim() -replace '\s+', ' '
        }
        $texts.Count | Should -BeGreaterThan 25
        @($texts.Values | Sort-Object -Unique).Count | Should -Be 1
        @($texts.Values)[0].Contains('30 s without it; `0s` does not wait.') | Should -BeTrue
    }

    It 'of 0s does not wait: <Call>' -ForEach $calls {
        # One session of psql keeps the whole table locked meanwhile.
        $null = Invoke-TestSql 'begin; lock table public.crewai_flow_executions in access exclusive mode'
        try {
            $watch = [Diagnostics.Stopwatch]::StartNew()
            { & $Do 2>&1 | ForEach-Object { if ($_ -is [Management.Automation.ErrorRecord]) { throw $_ } } } | Should -Throw -ErrorId 'RowLocked*'
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 10
        }
        finally {
            $null = Invoke-TestSql 'rollback'
        }
    }
}
