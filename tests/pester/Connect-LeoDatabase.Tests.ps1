BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $secret = 'Zq7!p@ss:w/rd %x'
    $encoded = [uri]::EscapeDataString($secret)
    Invoke-TestSql -Variable @{ secret = $secret } @'
drop database if exists leops_bare with (force);
create database leops_bare;
drop role if exists leops_visitor;
create role leops_visitor login superuser password :'secret';
'@

    function Get-Url([string] $Database = 'leops', [string] $User = 'leops_visitor', [string] $Password = $encoded, [int] $Port = $server.Port) {
        "postgresql://${User}:$Password@127.0.0.1:$Port/$Database"
    }

    function Get-Credential([string] $Password = $secret) {
        [pscredential]::new('leops_visitor', (ConvertTo-SecureString $Password -AsPlainText -Force))
    }

    function Get-DeadPort {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $port = $listener.LocalEndpoint.Port
        $listener.Stop()
        $port
    }

    function Get-Failure([scriptblock] $Script) {
        try { $null = & $Script } catch { return $_ }
        throw 'There was no error.'
    }
}

AfterAll {
    Get-LeoConnection | Disconnect-LeoDatabase
    Invoke-TestSql 'drop database if exists leops_bare with (force); drop role if exists leops_visitor;'
}

Describe 'Connect-LeoDatabase' {
    AfterEach {
        Get-LeoConnection | Disconnect-LeoDatabase
    }

    It 'connects by <Way>' -ForEach @(
        @{ Way = 'URL'; Arguments = { @{ Uri = Get-Url } }; Source = '-Uri' }
        @{ Way = 'Npgsql string'; Arguments = { @{ ConnectionString = "Host=127.0.0.1;Port=$($server.Port);Username=leops_visitor;Database=leops;Password='$secret'" } }; Source = '-ConnectionString' }
        @{ Way = 'libpq string'; Arguments = { @{ ConnectionString = "host=127.0.0.1 port=$($server.Port) user=leops_visitor dbname=leops password='$secret'" } }; Source = '-ConnectionString' }
        @{ Way = 'parameters'; Arguments = { @{ HostName = '127.0.0.1'; Port = $server.Port; Database = 'leops'; Credential = Get-Credential } }; Source = 'parameters' }
    ) {
        $arguments = & $Arguments
        $connection = Connect-LeoDatabase @arguments
        $connection | Should -BeOfType LeoPS.LeoConnection
        $connection.HostName, $connection.Port | Should -Be '127.0.0.1', $server.Port
        $connection.Database, $connection.UserName, $connection.Role | Should -Be 'leops', 'leops_visitor', 'leops_visitor'
        $connection.ServerVersion | Should -Match '^\d+(\.\d+)?$'
        $connection.IsOpen | Should -BeTrue
        $connection.Source | Should -Be $Source
        (Get-LeoConnection -Default).Name | Should -Be $connection.Name
        (Test-LeoDatabase).UserName | Should -Be 'leops_visitor'
    }

    It 'takes the URL by position' {
        (Connect-LeoDatabase (Get-Url)).Database | Should -Be 'leops'
    }

    It 'says ConnectionFailed where no server answers' {
        $port = Get-DeadPort
        $failure = Get-Failure { Connect-LeoDatabase (Get-Url -Port $port) }
        $failure.FullyQualifiedErrorId | Should -Be 'ConnectionFailed,LeoPS.Commands.ConnectLeoDatabaseCommand'
        $failure.CategoryInfo.Category | Should -Be 'ConnectionError'
        $failure.Exception.Message | Should -Match "127\.0\.0\.1:$port"
        $failure.Exception.Message | Should -Match 'Check host and port'
        $failure.Exception.InnerException | Should -BeNullOrEmpty
    }

    It 'says AuthenticationFailed for a wrong password, by <Way>' -ForEach @(
        @{ Way = 'URL'; Arguments = { @{ Uri = Get-Url -Password 'wrong-0815' } } }
        @{ Way = 'credential'; Arguments = { @{ HostName = '127.0.0.1'; Port = $server.Port; Database = 'leops'; Credential = Get-Credential 'wrong-0815' } } }
    ) {
        $arguments = & $Arguments
        $failure = Get-Failure { Connect-LeoDatabase @arguments }
        $failure.FullyQualifiedErrorId | Should -Be 'AuthenticationFailed,LeoPS.Commands.ConnectLeoDatabaseCommand'
        $failure.CategoryInfo.Category | Should -Be 'AuthenticationError'
        $failure.Exception.Message | Should -Match 'leops_visitor'
        "$failure" | Should -Not -Match 'wrong-0815'
    }

    It 'says AuthenticationFailed for a user that does not exist' {
        (Get-Failure { Connect-LeoDatabase (Get-Url -User 'nobody_here') }).FullyQualifiedErrorId | Should -BeLike 'AuthenticationFailed,*'
    }

    It 'says ConnectionFailed for a database that does not exist, and names it' {
        $failure = Get-Failure { Connect-LeoDatabase (Get-Url -Database 'no_such_database') }
        $failure.FullyQualifiedErrorId | Should -Be 'ConnectionFailed,LeoPS.Commands.ConnectLeoDatabaseCommand'
        $failure.Exception.Message | Should -Match 'no_such_database'
    }

    It 'says ConnectionFailed where TLS is required and the server has none' {
        (Get-Failure { Connect-LeoDatabase (Get-Url) -SslMode require }).FullyQualifiedErrorId | Should -BeLike 'ConnectionFailed,*'
    }

    It 'keeps the default connection where another one fails' {
        $good = Connect-LeoDatabase (Get-Url)
        $null = Get-Failure { Connect-LeoDatabase (Get-Url -Database 'no_such_database') }
        (Get-LeoConnection -Default).Name | Should -Be $good.Name
        $good.IsOpen | Should -BeTrue
        @(Get-LeoConnection).Count | Should -Be 1
    }

    It 'refuses <What> with ConnectionFailed' -ForEach @(
        @{ What = 'another scheme'; Text = 'mysql://leops@127.0.0.1/leops' }
        @{ What = 'a text that is no URL'; Text = 'rubbish' }
        @{ What = 'a port that is no number'; Text = 'postgresql://leops@127.0.0.1:x/leops' }
        @{ What = 'a blank in it'; Text = 'postgresql://leops@127.0.0.1/le ops' }
    ) {
        (Get-Failure { Connect-LeoDatabase $Text }).FullyQualifiedErrorId | Should -BeLike 'ConnectionFailed,*'
    }

    It 'connects to a database without the schema; the first read says SchemaMissing, which table, and what to run' {
        $null = Connect-LeoDatabase (Get-Url -Database leops_bare)
        $failure = Get-Failure { Get-HandoffPreparation -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'SchemaMissing,*'
        $failure.CategoryInfo.Category | Should -Be 'NotInstalled'
        $failure.Exception.Message | Should -Match 'exec_handoff_preparations'
        $failure.Exception.Message | Should -Match 'Install-LeoSchema'
    }

    It 'warns of keys that it does not know, by name, and not of those that it does' {
        $null = Connect-LeoDatabase "$(Get-Url)?sslmode=prefer&wibble=$encoded&connect_timeout=5&frob=1" -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings.Count | Should -Be 1
        "$warnings" | Should -Match 'wibble'
        "$warnings" | Should -Match 'frob'
        "$warnings" | Should -Not -Match 'sslmode|connect_timeout'
        "$warnings" | Should -Not -Match ([regex]::Escape($secret))
    }

    It 'reads pgbouncer=true as a transaction pooler, without a warning' {
        $connection = Connect-LeoDatabase "$(Get-Url)?pgbouncer=true&connection_limit=1" -WarningVariable warnings -WarningAction SilentlyContinue
        $connection.PoolerMode | Should -Be 'Transaction'
        "$warnings" | Should -Not -Match 'pgbouncer'
    }

    It 'takes a name, and makes it known in every runspace' {
        $null = Connect-LeoDatabase (Get-Url) -Name Staging
        $seen = 1 | ForEach-Object -Parallel {
            Import-Module $using:LeoManifest
            [pscustomobject]@{
                Names = @(Get-LeoConnection | ForEach-Object Name)
                Found = (Test-LeoDatabase -Connection staging).Database
            }
        }
        $seen.Names | Should -Be 'Staging'
        $seen.Found | Should -Be 'leops'
    }

    It 'is the default of its own runspace only; another one is told about $using: and -Connection' {
        $connection = Connect-LeoDatabase (Get-Url)
        $seen = 1 | ForEach-Object -Parallel {
            Import-Module $using:LeoManifest
            try { $null = Test-LeoDatabase -ErrorAction Stop; 'no error' } catch { $_.FullyQualifiedErrorId; $_.Exception.Message }
            @(Get-LeoConnection -Default).Count
            (Test-LeoDatabase -Connection $using:connection).Database
        }
        $seen[0] | Should -BeLike 'NotConnected,*'
        $seen[1] | Should -Match '\$using:'
        $seen[1] | Should -Match '-Connection'
        $seen[2] | Should -Be 0
        $seen[3] | Should -Be 'leops'
        (Get-LeoConnection -Default).Name | Should -Be $connection.Name
    }

    It 'keeps two connections, the later one being the default' {
        $one = Connect-LeoDatabase (Get-Url)
        $two = Connect-LeoDatabase (Get-Url -Database leops_bare)
        $one.IsOpen, $two.IsOpen | Should -Be $true, $true
        $one.Name | Should -Not -Be $two.Name
        (Test-LeoDatabase).Database | Should -Be 'leops_bare'
        (Test-LeoDatabase -Connection $one).Database | Should -Be 'leops'
        (Test-LeoDatabase -Connection $two.Name).Database | Should -Be 'leops_bare'
    }

    It 'takes no null for a user, for claims or a database: the connection would be another one than was meant' {
        foreach ($name in 'UserId', 'Claims') {
            $with = @{ $name = $null }
            (Get-Failure { Connect-LeoDatabase (Get-Url) @with }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError,*'
        }
        (Get-Failure { Connect-LeoDatabase -HostName 127.0.0.1 -Port $server.Port -Database '' }).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError,*'
        Get-LeoConnection | Should -BeNullOrEmpty
    }

    It 'closes the connection that has the same name' {
        $old = Connect-LeoDatabase (Get-Url) -Name again
        $new = Connect-LeoDatabase (Get-Url -Database leops_bare) -Name AGAIN
        $old.IsOpen, $new.IsOpen | Should -Be $false, $true
        @(Get-LeoConnection).Count | Should -Be 1
        (Test-LeoDatabase -Connection again).Database | Should -Be 'leops_bare'
        (Get-Failure { Test-LeoDatabase -Connection $old -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
    }

    It 'refuses a connection that came out of a file or another process' {
        $connection = Connect-LeoDatabase (Get-Url)
        $copy = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($connection))
        $failure = Get-Failure { Test-LeoDatabase -Connection $copy -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
        $failure.Exception.Message | Should -Match '\$using:'
    }

    It 'writes nothing through -ReadOnly' {
        Reset-TestData -Count 2
        $connection = Connect-LeoDatabase (Get-Url) -ReadOnly
        $connection.ReadOnly | Should -BeTrue
        @(Get-HandoffPreparation).Count | Should -Be 2
        $failure = Get-Failure { Get-HandoffPreparation | Set-HandoffStatus Sent -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ReadOnlyConnection,*'
        $failure.CategoryInfo.Category | Should -Be 'PermissionDenied'
        (Get-Failure { Set-HandoffStatus Sent -CurrentStatus Ready -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ReadOnlyConnection,*'
        (Get-Failure { Get-HandoffPreparation | Set-HandoffStatus Sent -Atomic -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ReadOnlyConnection,*'
        (Get-Failure { Install-LeoSchema -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'ReadOnlyConnection,*'
        Invoke-TestSql "select count(*) from exec_handoff_preparations where handoff_status = 'ready'" | Should -Be '2'
    }
}

Describe 'Connect-LeoDatabase from the environment' {
    BeforeAll {
        $clear = {
            'LEOPS_DATABASE_URL', 'SUPABASE_POOLER_URL', 'DATABASE_URL', 'POSTGRES_URL' +
            @(Get-ChildItem env: | Where-Object Name -Like 'PG*' | ForEach-Object Name) | ForEach-Object { Set-Item "env:$_" $null }
        }.ToString()
    }

    It 'reads the variables in their order' {
        $dead = Get-DeadPort
        $seen = Invoke-FreshPowerShell -Argument $server.Port, $dead, $encoded, $secret, $clear {
            param($port, $dead, $encoded, $secret, $clear)
            & ([scriptblock]::Create($clear))
            Import-Module $LeoManifest
            $urls = 'LEOPS_DATABASE_URL', 'SUPABASE_POOLER_URL', 'DATABASE_URL', 'POSTGRES_URL'
            $env:PGHOST = '127.0.0.1'
            $env:PGPORT = $dead
            $env:PGUSER = 'leops_visitor'
            $env:PGPASSWORD = $secret
            $env:PGDATABASE = 'leops'
            # Of what is set, only the first answers: had another one been used, there would be an error.
            foreach ($url in $urls) { Set-Item "env:$url" "postgresql://leops_visitor:$encoded@127.0.0.1:$dead/leops" }
            foreach ($url in $urls) {
                Set-Item "env:$url" "postgresql://leops_visitor:$encoded@127.0.0.1:$port/leops"
                (Connect-LeoDatabase).Source
                Set-Item "env:$url" $null
            }
            $env:PGPORT = $port
            (Connect-LeoDatabase).Source
            foreach ($name in 'PGHOST', 'PGPORT', 'PGUSER', 'PGDATABASE') { Set-Item "env:$name" $null }
            try { Connect-LeoDatabase } catch { $_.FullyQualifiedErrorId }
        }
        $seen[0..3] | Should -Be 'LEOPS_DATABASE_URL', 'SUPABASE_POOLER_URL', 'DATABASE_URL', 'POSTGRES_URL'
        $seen[4] | Should -Match '^PGHOST\b'
        $seen[5] | Should -BeLike 'ConnectionFailed,*'
    }

    It 'is not read where -Uri is given and empty, as of a variable that is not set' {
        $seen = Invoke-FreshPowerShell -Argument (Get-Url), $clear {
            param($url, $clear)
            & ([scriptblock]::Create($clear))
            $env:DATABASE_URL = $url
            Import-Module $LeoManifest
            foreach ($nothing in $env:LEOPS_NO_SUCH_URL, '', ' ') {
                try { Connect-LeoDatabase $nothing } catch { $_.FullyQualifiedErrorId; $_.Exception.Message }
            }
            @(Get-LeoConnection).Count
        }
        $seen | Select-Object -Index 0, 2, 4 | Should -BeLike 'ConnectionFailed,*'
        $seen[1] | Should -BeLike '-Uri is empty*'
        $seen[6] | Should -Be 0
    }

    It 'reads PGSERVICE and the password file' {
        $folder = New-Item -ItemType Directory -Path (Join-Path $TestDrive 'home of libpq')
        Set-Content -LiteralPath (Join-Path $folder 'service.conf') -Value "[leops]`nhost=127.0.0.1`nport=$($server.Port)`nuser=leops_visitor`ndbname=leops"
        $passwords = Join-Path $folder 'pgpass'
        Set-Content -LiteralPath $passwords -Value "127.0.0.1:$($server.Port):*:leops_visitor:$($secret.Replace('\', '\\').Replace(':', '\:'))"
        if (-not $IsWindows) { [IO.File]::SetUnixFileMode($passwords, 'UserRead, UserWrite') }
        $seen = Invoke-FreshPowerShell -Argument $folder.FullName, $clear {
            param($folder, $clear)
            & ([scriptblock]::Create($clear))
            $env:PGSERVICE = 'leops'
            $env:PGSERVICEFILE = Join-Path $folder 'service.conf'
            $env:PGPASSFILE = Join-Path $folder 'pgpass'
            Import-Module $LeoManifest
            Connect-LeoDatabase | Select-Object Database, UserName, Source
        }
        $seen.Database, $seen.UserName | Should -Be 'leops', 'leops_visitor'
        $seen.Source | Should -Match 'PGSERVICE'
    }

    It 'is used without Connect-LeoDatabase only where that never ran' {
        $seen = Invoke-FreshPowerShell -Argument (Get-Url), (Get-Url -Database leops_bare), $clear {
            param($url, $other, $clear)
            & ([scriptblock]::Create($clear))
            $env:DATABASE_URL = $url
            Import-Module $LeoManifest
            (Test-LeoDatabase).Database
            (Get-LeoConnection).Source
            $null = Connect-LeoDatabase $other
            (Test-LeoDatabase).Database
            Disconnect-LeoDatabase
            try { Test-LeoDatabase } catch { $_.FullyQualifiedErrorId }
            1 | ForEach-Object -Parallel {
                Import-Module $using:LeoManifest
                try { Test-LeoDatabase } catch { $_.FullyQualifiedErrorId }
            }
        }
        $seen[0..2] | Should -Be 'leops', 'DATABASE_URL', 'leops_bare'
        $seen[3], $seen[4] | Should -BeLike 'NotConnected,*'
    }

    It 'warns of unknown keys there too' {
        $seen = Invoke-FreshPowerShell -Argument "$(Get-Url)?wibble=1", $clear {
            param($url, $clear)
            & ([scriptblock]::Create($clear))
            $env:DATABASE_URL = $url
            Import-Module $LeoManifest
            $null = Test-LeoDatabase -WarningVariable first -WarningAction SilentlyContinue
            $null = Test-LeoDatabase -WarningVariable second -WarningAction SilentlyContinue
            "$first", "$second"
        }
        $seen[0] | Should -Match 'wibble'
        $seen[1] | Should -BeNullOrEmpty
    }

    It 'says NotConnected, and what to do, where there is nothing' {
        $seen = Invoke-FreshPowerShell -Argument $clear {
            param($clear)
            & ([scriptblock]::Create($clear))
            Import-Module $LeoManifest
            foreach ($script in { Get-HandoffPreparation }, { Test-LeoDatabase }, { Test-LeoSchema }, { Install-LeoSchema }, { Set-HandoffStatus Sent -CurrentStatus Ready }) {
                try { & $script } catch { "$($_.FullyQualifiedErrorId) $($_.Exception.Message)" }
            }
            Test-LeoDatabase -Quiet
        }
        $seen.Count | Should -Be 6
        $seen[0..4] | Should -BeLike 'NotConnected,*Connect-LeoDatabase*'
        $seen[5] | Should -BeFalse
    }
}
