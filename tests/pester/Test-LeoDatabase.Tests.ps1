BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    Import-LeoModule
    $server = Start-TestServer
    Invoke-TestSql 'drop database if exists leops_probe with (force); create database leops_probe;'
    $whole = Connect-LeoDatabase $server.Uri -Name whole
    $bare = Connect-LeoDatabase ($server.Uri -replace '/leops$', '/leops_probe') -Name bare
}

AfterAll {
    Get-LeoConnection | Disconnect-LeoDatabase
    Invoke-TestSql 'drop database if exists leops_probe with (force)'
}

Describe 'Test-LeoDatabase' -Tag Core {
    It 'says who answers, as whom, how fast and in what shape' {
        $report = Test-LeoDatabase -Connection whole
        $report | Should -BeOfType LeoPS.DatabaseReport
        $report.HostName, $report.Port, $report.Database | Should -Be '127.0.0.1', $server.Port, 'leops'
        $report.UserName, $report.Role | Should -Be $server.Sandbox.UserName, $server.Sandbox.UserName
        $report.ServerVersion | Should -Be $server.Sandbox.ServerVersion
        $report.Latency | Should -BeGreaterThan ([timespan]::Zero)
        $report.Latency | Should -BeLessThan ([timespan]::FromSeconds(5))
        $report.Tls | Should -BeNullOrEmpty
        $report.SchemaShape | Should -Match '21 columns'
        $report.SchemaShape | Should -Match '18 columns'
        $report.Missing | Should -BeNullOrEmpty
        $report.Healthy | Should -BeTrue
    }

    It 'lists what is missing, tables and columns' {
        $report = Test-LeoDatabase -Connection bare
        $report.Healthy | Should -BeFalse
        $report.Missing | Should -Be 'exec_handoff_preparations', 'crewai_flow_executions', 'strategic_directives_v2', 'exec_implementation_sessions', 'crewai_flows'
        $report.SchemaShape | Should -Match 'exec_handoff_preparations: missing'

        Invoke-TestSql -Database leops_probe 'create table public.crewai_flows (id uuid, flow_key text, status text, extra int)'
        $report = Test-LeoDatabase -Connection bare
        $report.Missing | Should -Contain 'crewai_flows.flow_name'
        $report.Missing | Should -Not -Contain 'crewai_flows'
        $report.Missing | Should -Not -Contain 'crewai_flows.status'
    }

    It 'tells a shape with more columns from the contract''s, and calls it healthy' {
        Invoke-TestSql 'alter table crewai_flow_executions add column venture_id uuid, add column budget_limit numeric'
        try {
            $report = Test-LeoDatabase -Connection whole
        }
        finally {
            Invoke-TestSql 'alter table crewai_flow_executions drop column venture_id, drop column budget_limit'
        }
        $report.SchemaShape | Should -Match '20 columns'
        $report.Healthy | Should -BeTrue
    }

    It 'gives a bool with -Quiet, and writes no error: <Case>' -ForEach @(
        @{ Case = 'whole'; Answer = $true }
        @{ Case = 'bare'; Answer = $false }
        @{ Case = 'no such connection'; Answer = $false }
    ) {
        $answer = Test-LeoDatabase -Connection $Case -Quiet -ErrorVariable failures
        $answer | Should -BeOfType bool
        $answer | Should -Be $Answer
        $failures | Should -BeNullOrEmpty
    }

    It 'tells with -Verbose why the answer is no' {
        $lines = Test-LeoDatabase -Connection nowhere -Quiet -Verbose 4>&1
        "$lines" | Should -Match 'nowhere'
    }

    It 'gives false with -Quiet where the server died meanwhile, and ConnectionLost or ConnectionFailed without' {
        $path = Join-Path ([IO.Path]::GetTempPath()) "leops-dead-$([guid]::NewGuid().ToString('n').Substring(0, 8))"
        $sandbox = Start-LeoSandbox -Path $path -NoConnect
        try {
            $password = (Get-Content -LiteralPath (Join-Path $path 'password') -Raw).Trim()
            $null = Connect-LeoDatabase -HostName 127.0.0.1 -Port $sandbox.Port -Database leops -Name dying -Credential (
                [pscredential]::new($sandbox.UserName, (ConvertTo-SecureString $password -AsPlainText -Force)))
            Test-LeoDatabase -Connection dying -Quiet | Should -BeTrue
        }
        finally {
            Stop-LeoSandbox -Path $path -Remove
        }
        Test-LeoDatabase -Connection dying -Quiet -ErrorVariable failures | Should -BeFalse
        $failures | Should -BeNullOrEmpty
        { Test-LeoDatabase -Connection dying -ErrorAction Stop } | Should -Throw -ExceptionType ([LeoPS.LeoException]) -PassThru |
            ForEach-Object { $_.Exception.ErrorId } | Should -BeIn 'ConnectionLost', 'ConnectionFailed'
    }
}
