# Connections to a PgBouncer that end while they are idle: the next command runs over a new one, once, and says nothing.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_pooler.ps1"
    Import-LeoModule
    $reason = Get-NoPoolerReason
    if (-not $reason) {
        $server = Start-TestServer
        $setup = Connect-LeoDatabase $server.Uri -Name 'pooler-idle-setup'
        $null = Install-LeoSchema -Connection $setup
        Disconnect-LeoDatabase $setup
        $user = $server.Sandbox.UserName
        # Sessions of PgBouncer on the server, and not ours to it.
        $terminate = "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where datname = 'leops' and usename = '$user' and pid <> pg_backend_pid() and client_port > 0"

        function Test-Commands([scriptblock] $Between) {
            <#
            .SYNOPSIS
                Runs each kind of command after such an event, and expects every row changed once and no error.
            #>
            $with = @{ Connection = $connection }
            & $Between
            $outcome = Get-Outcome { Get-HandoffPreparation @with }
            @($outcome.Errors) + $outcome.Ended | Where-Object { $_ } | Should -BeNullOrEmpty
            $rows = @($outcome.Out)
            $rows | Should -HaveCount 20
            & $Between
            $outcome = Get-Outcome { $rows | Set-HandoffStatus Sent -BatchSize 3 @with }
            @($outcome.Errors) + $outcome.Ended | Where-Object { $_ } | Should -BeNullOrEmpty
            @($outcome.Out) | Should -HaveCount 20
            # In one pipe, in the slow step of it.
            $outcome = Get-Outcome { Get-HandoffPreparation -First 3 @with | ForEach-Object { & $Between; $_ } | Set-HandoffStatus Accepted -BatchSize 1 @with }
            @($outcome.Errors) + $outcome.Ended | Where-Object { $_ } | Should -BeNullOrEmpty
            @($outcome.Out) | Should -HaveCount 3
        }
    }
}

AfterAll {
    if (-not $reason) { Get-LeoConnection pooler-idle* | Disconnect-LeoDatabase }
}

Describe 'A PgBouncer in <Mode> mode' -ForEach @{ Mode = 'Transaction' }, @{ Mode = 'Session' } {
    BeforeEach {
        if ($reason) {
            Set-ItResult -Skipped -Because $reason
            return
        }
        Reset-TestData 20
        $query = $Mode -eq 'Transaction' ? 'pgbouncer=true' : ''
    }

    It 'may be restarted between two commands' {
        $pooler = Start-TestPooler -PoolSize 4 -Setting "pool_mode = $($Mode.ToLowerInvariant())"
        try {
            $connection = Connect-LeoDatabase $pooler.Uri($user, 'leops', $query) -Name pooler-idle
            $connection.PoolerMode | Should -Be $Mode
            Test-Commands { Restart-TestPooler $pooler }
        }
        finally {
            Get-LeoConnection pooler-idle | Disconnect-LeoDatabase
            Stop-TestPooler $pooler
        }
    }

    It 'may have <_> passed between two commands' -ForEach 'client_idle_timeout', 'server_idle_timeout' {
        $pooler = Start-TestPooler -PoolSize 4 -Setting "pool_mode = $($Mode.ToLowerInvariant())", "$_ = 1"
        try {
            $connection = Connect-LeoDatabase $pooler.Uri($user, 'leops', $query) -Name pooler-idle
            Test-Commands { Start-Sleep -Milliseconds 2200 }
        }
        finally {
            Get-LeoConnection pooler-idle | Disconnect-LeoDatabase
            Stop-TestPooler $pooler
        }
    }

    It 'may have lost its server connections between two commands' {
        $pooler = Start-TestPooler -PoolSize 4 -Setting "pool_mode = $($Mode.ToLowerInvariant())"
        try {
            $connection = Connect-LeoDatabase $pooler.Uri($user, 'leops', $query) -Name pooler-idle
            Test-Commands { $null = Invoke-TestSql $terminate; Start-Sleep -Milliseconds 100 }
        }
        finally {
            Get-LeoConnection pooler-idle | Disconnect-LeoDatabase
            Stop-TestPooler $pooler
        }
    }
}
