# Each environment variable of libpq is set in the process, as the page docs/environment.md lists them, and a connection is made.

BeforeDiscovery {
    . "$PSScriptRoot/_pooler.ps1"
    $noPooler = Get-NoPoolerReason
    $variables = Get-Content -LiteralPath "$PSScriptRoot/../../docs/environment.md" |
        ForEach-Object { if ($_ -match '^\| `(PG\w+)` \| (\w+) \|') { @{ Name = $Matches[1]; Use = $Matches[2] } } }
}

BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_pooler.ps1"
    Import-LeoModule
    $server = Start-TestServer

    function Get-Failure([scriptblock] $Script) {
        try { $null = & $Script } catch { return $_ }
        throw 'There was no error.'
    }

    # A value for each variable: what the driver or the server would choke on, or obey, were it to see it; and what the connection then says.
    $values = @{
        PGHOST                  = 'nowhere.invalid'
        PGHOSTADDR              = '127.0.0.1'
        PGPORT                  = '1'
        PGDATABASE              = 'no_such_database'
        PGUSER                  = 'nobody'
        PGPASSWORD              = 'wrong'
        PGPASSFILE              = '/nowhere/pgpass'
        PGSERVICE               = 'no_such_service', 'no_such_service'
        PGSERVICEFILE           = '/nowhere/services'
        PGSYSCONFDIR            = '/nowhere'
        PGOPTIONS               = '-c client_encoding=LATIN1 -c DateStyle=German'
        PGCONNECT_TIMEOUT       = '30'
        PGTARGETSESSIONATTRS    = 'standby', 'target_session_attrs=standby'
        PGLOADBALANCEHOSTS      = 'random'
        PGREQUIREAUTH           = '!scram-sha-256', 'require_auth=!scram-sha-256'
        PGCHANNELBINDING        = 'require', 'needs TLS'
        PGKRBSRVNAME            = 'other'
        PGSSLMODE               = 'verify-full'
        PGREQUIRESSL            = '1'
        PGSSLNEGOTIATION        = 'direct', 'sslnegotiation=direct needs'
        PGSSLROOTCERT           = '/nowhere/ca.crt'
        PGSSLCERT               = '/nowhere/client.crt'
        PGSSLKEY                = '/nowhere/client.key'
        PGSSLCERTMODE           = 'disable'
        PGSSLMINPROTOCOLVERSION = 'TLSv1.3'
        PGSSLMAXPROTOCOLVERSION = 'TLSv1.2'
        PGCLIENTENCODING        = 'LATIN1'
        PGAPPNAME               = 'somebody else'
        PGTZ                    = 'Asia/Kolkata'
        PGDATESTYLE             = 'German, DMY'
        PGGEQO                  = 'nonsense'
        PGSSLCOMPRESSION        = '1'
        PGSSLSNI                = '0'
        PGGSSLIB                = 'gssapi'
        PGGSSDELEGATION         = '1'
        PGMAXPROTOCOLVERSION    = 'latest'
        PGLOCALEDIR             = '/nowhere'
        PGOAUTHDEBUG            = 'UNSAFE'
        PGGSSENCMODE            = 'require', 'PGGSSENCMODE'
        PGREQUIREPEER           = 'postgres'
        PGSSLCRL                = '/nowhere/crl.pem', 'PGSSLCRL'
        PGSSLCRLDIR             = '/nowhere', 'PGSSLCRLDIR'
        PGMINPROTOCOLVERSION    = '3.2', 'PGMINPROTOCOLVERSION'
    }
}

AfterAll {
    Get-LeoConnection | Disconnect-LeoDatabase
}

Describe 'Variables of libpq' {
    BeforeAll {
        $uri = "$($server.Uri)$(($server.Uri -match '\?') ? '&' : '?')sslmode=disable"
        $null = Connect-LeoDatabase $uri
        Reset-TestData -Count 1
        $id = Get-TestId 1
        Disconnect-LeoDatabase
    }

    AfterEach {
        foreach ($name in $values.Keys) {
            Remove-Item "Env:$name" -ErrorAction Ignore
        }
        Get-LeoConnection | Disconnect-LeoDatabase
    }

    It '<Name>: <Use>' -ForEach $variables {
        $values.ContainsKey($Name) | Should -BeTrue -Because 'a variable of the table needs a value here'
        $value, $refusal = $values[$Name]
        [Environment]::SetEnvironmentVariable($Name, $value)
        if ($refusal) {
            $failure = Get-Failure { Connect-LeoDatabase $uri -ErrorAction Stop }
            $failure.FullyQualifiedErrorId | Should -Match '^(ConnectionFailed|AuthenticationFailed),'
            $failure.Exception.Message | Should -BeLike "*$refusal*"
            return
        }
        $null = Connect-LeoDatabase $uri -WarningAction Ignore
        $null = Set-HandoffPreparation -Id $id -ImplementationSummary "é of $Name"
        (Get-HandoffPreparation -Id $id).ImplementationSummary | Should -BeExactly "é of $Name"
        Invoke-TestSql "select implementation_summary = U&'\00e9 of $Name' from exec_handoff_preparations where id = '$id'" | Should -Be 't'
    }
}

Describe 'Options, roles and a pooler' -Skip:([bool] $noPooler) {
    BeforeAll {
        $login = 'hostile_login'
        Invoke-TestSql "drop role if exists $login"
        Invoke-TestSql "create role $login login superuser password 'x'"
        Invoke-TestSql "alter role $login set client_encoding = 'LATIN1'"
        Invoke-TestSql "alter role $login set timezone = 'Asia/Kolkata'"
        Invoke-TestSql "alter role $login set default_transaction_isolation = 'serializable'"
        $pooler = Start-TestPooler -Login @{ $login = 'x' }
        $sessions = Start-TestPooler -Login @{ $login = 'x' } -Setting 'pool_mode = session', 'default_pool_size = 20'
        $null = Connect-LeoDatabase $server.Uri
        Reset-TestData -Count 1
        $id = Get-TestId 1
        Disconnect-LeoDatabase
    }

    AfterAll {
        Get-LeoConnection | Disconnect-LeoDatabase
        Stop-TestPooler $pooler
        Stop-TestPooler $sessions
        Invoke-TestSql "drop role if exists $login"
    }

    AfterEach {
        Remove-Item Env:PGOPTIONS -ErrorAction Ignore
        Get-LeoConnection | Disconnect-LeoDatabase
    }

    It 'writes é and reads it back <Way>' -ForEach @(
        @{ Way = 'with PGOPTIONS through a transaction pooler'; Options = '-c client_encoding=LATIN1'; By = 'pooler'; Query = 'pgbouncer=true' }
        @{ Way = 'with options of the URL through a transaction pooler'; Options = $null; By = 'pooler'; Query = 'pgbouncer=true&options=-c%20client_encoding%3DLATIN1' }
        @{ Way = 'as a role with LATIN1 through a transaction pooler'; Options = $null; By = 'pooler'; Query = 'pgbouncer=true' }
        @{ Way = 'as a role with LATIN1 through a session pooler'; Options = $null; By = 'sessions'; Query = 'sslmode=disable' }
    ) {
        if ($Options) { $env:PGOPTIONS = $Options }
        $null = Connect-LeoDatabase ((Get-Variable $By -ValueOnly).Uri($login, 'leops', $Query))
        $null = Set-HandoffPreparation -Id $id -ImplementationSummary "é $Way"
        (Get-HandoffPreparation -Id $id).ImplementationSummary | Should -BeExactly "é $Way"
        Invoke-TestSql "select implementation_summary like U&'\00e9 %' from exec_handoff_preparations where id = '$id'" | Should -Be 't'
        # The transaction is as LeoPS expects it, also where the role's are serializable.
        Invoke-LeoTransaction { (Get-HandoffPreparation -Id $id).Id } | Should -Be $id
    }

    It 'says what to do where a session pooler takes no options' {
        $failure = Get-Failure { Connect-LeoDatabase ($sessions.Uri($login, 'leops', 'options=-c%20work_mem%3D7MB')) -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ConnectionFailed,*'
        $failure.Exception.Message | Should -BeLike '*-PoolerMode Transaction*'
    }
}

Describe 'A password file that others may read' -Skip:$IsWindows {
    It 'is named in the error' {
        $file = Join-Path $TestDrive 'pgpass'
        Set-Content -LiteralPath $file -Value '*:*:*:*:x'
        chmod 0640 $file
        [Environment]::SetEnvironmentVariable('PGPASSFILE', $file)
        try {
            $bare = [uri] $server.Uri
            $failure = Get-Failure { Connect-LeoDatabase "postgresql://leops@$($bare.Authority)$($bare.AbsolutePath)?sslmode=disable" -ErrorAction Stop -WarningAction Ignore }
            $failure.FullyQualifiedErrorId | Should -BeLike 'AuthenticationFailed,*'
            $failure.Exception.Message | Should -BeLike "*$file was not used*chmod 600*"
        }
        finally {
            Remove-Item Env:PGPASSFILE -ErrorAction Ignore
        }
    }
}
