# A PgBouncer in transaction mode before the test server, for the Pester files that look through one. Used beside _shared.ps1.

function Find-PgBouncer {
    <#
    .SYNOPSIS
        The path of pgbouncer, or nothing.
    #>
    # Debian's folder of it is on root's PATH only.
    Get-Command pgbouncer, /usr/sbin/pgbouncer -CommandType Application -ErrorAction Ignore | Select-Object -First 1 | ForEach-Object Source
}

function Get-NoPoolerReason {
    <#
    .SYNOPSIS
        Why no PgBouncer can be started here, in one line; nothing where one can.
    #>
    if ($IsWindows) { return 'PgBouncer is looked for on Unix only' }
    if (-not (Find-PgBouncer)) { return 'PgBouncer is not on the PATH' }
    # It refuses to run as root.
    if ([Environment]::IsPrivilegedProcess -and -not (Get-Command setpriv, runuser -CommandType Application -ErrorAction Ignore)) {
        return 'neither setpriv nor runuser is on the PATH'
    }
}

function Start-PoolerProcess {
    <#
    .SYNOPSIS
        The process of a pooler whose configuration is in this folder, and what it writes to its error stream, once it listens.
    #>
    param([string] $Folder, [int] $Port)
    $prefix = @(Get-TestServerUser)
    # Its life hangs on our end of a pipe: it is gone when this process is, however that ended.
    $script = '"$@" & pid=$!; cat >/dev/null; kill "$pid"; wait "$pid"'
    $start = [Diagnostics.ProcessStartInfo]::new('/bin/sh')
    foreach ($argument in @('-c', $script, 'sh') + $prefix + @((Find-PgBouncer), '-q', "$Folder/pgbouncer.ini")) {
        $start.ArgumentList.Add($argument)
    }
    $start.WorkingDirectory = '/'
    $start.RedirectStandardInput = $true
    $start.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($start)
    # What it says must be read, or it waits.
    $said = $process.StandardError.ReadToEndAsync()
    $deadline = [datetime]::UtcNow.AddSeconds(20)
    while ($true) {
        $probe = [Net.Sockets.TcpClient]::new()
        try {
            $probe.Connect('127.0.0.1', $Port)
            break
        }
        catch {
            if ($process.HasExited -or [datetime]::UtcNow -gt $deadline) {
                $process.StandardInput.Close()
                throw "PgBouncer did not come up: $($said.Result)"
            }
            Start-Sleep -Milliseconds 50
        }
        finally {
            $probe.Dispose()
        }
    }
    $process
    $said
}

function Start-TestPooler {
    <#
    .SYNOPSIS
        A PgBouncer in transaction mode with so many server connections for each user: its Port, and Uri for a user.
    .DESCRIPTION
        It ends with Stop-TestPooler, or with this process. It refuses to run as root, so as root it runs as the user of the test server.
    #>
    [CmdletBinding()]
    param(
        [int] $PoolSize = 2,
        # Users who may log in and their passwords; the test server's own is there anyway.
        [hashtable] $Login = @{},
        # Further lines for its configuration; the last one counts.
        [string[]] $Setting = @()
    )
    $server = Start-TestServer
    $folder = Join-Path ([IO.Path]::GetTempPath()) "leops-pooler-$([guid]::NewGuid().ToString('n').Substring(0, 8))"
    $null = New-Item -ItemType Directory -Path $folder
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $port = $listener.LocalEndpoint.Port
    $listener.Stop()
    $logins = $Login + @{ $server.Sandbox.UserName = $server.Password }
    $quote = { '"' + ($args[0] -replace '"', '""') + '"' }
    $logins.GetEnumerator() | ForEach-Object { "$(& $quote $_.Key) $(& $quote $_.Value)" } | Set-Content -LiteralPath (Join-Path $folder 'users.txt')
    Set-Content -LiteralPath (Join-Path $folder 'pgbouncer.ini') -Value @"
[databases]
* = host=127.0.0.1 port=$($server.Port)
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $folder/users.txt
admin_users = $($server.Sandbox.UserName)
pool_mode = transaction
default_pool_size = $PoolSize
max_client_conn = 500
query_wait_timeout = 60
$($Setting -join "`n")
"@
    $prefix = @(Get-TestServerUser)
    if ($prefix) {
        chown -R (stat -c '%u:%g' (Join-Path $server.Path 'data')) $folder
    }
    $process, $said = Start-PoolerProcess $folder $port
    $pooler = [pscustomobject]@{ Port = $port; Folder = $folder; Process = $process; Said = $said; Logins = $logins }
    $pooler | Add-Member ScriptMethod Uri {
        param([string] $User, [string] $Database = 'leops', [string] $Query = 'pgbouncer=true')
        "postgresql://${User}:$([uri]::EscapeDataString($this.Logins[$User]))@127.0.0.1:$($this.Port)/$Database`?$Query"
    }
    $pooler
}

function Restart-TestPooler {
    <#
    .SYNOPSIS
        Ends a pooler, which closes all its connections, and starts it on the same port.
    #>
    param([Parameter(Mandatory, Position = 0)] $Pooler)
    $Pooler.Process.StandardInput.Close()
    $Pooler.Process.WaitForExit()
    $Pooler.Process.Dispose()
    $Pooler.Process, $Pooler.Said = Start-PoolerProcess $Pooler.Folder $Pooler.Port
}

function Stop-TestPooler {
    <#
    .SYNOPSIS
        Ends a pooler, and removes its folder; gives back what it said.
    #>
    param([Parameter(Mandatory, Position = 0)] $Pooler)
    $Pooler.Process.StandardInput.Close()
    if (-not $Pooler.Process.WaitForExit(10000)) {
        $Pooler.Process.Kill($true)
    }
    $Pooler.Process.Dispose()
    Remove-Item -LiteralPath $Pooler.Folder -Recurse -Force
    $Pooler.Said.Result
}
