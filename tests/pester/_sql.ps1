# SQL on the test server, behind the module's back: through the Npgsql that the module ships, so that no psql is needed. Part of _shared.ps1.

function Get-TestSqlDriver {
    <#
    .SYNOPSIS
        The assembly Npgsql, in a load context of the tests' own: neither the module's copy nor the default context sees it.
    #>
    $name = 'LeoPS tests'
    $context = [Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -EQ $name
    if (-not $context) {
        $context = [Runtime.Loader.AssemblyLoadContext]::new($name)
        # All that lie beside it, because nothing resolves its references in this context.
        Get-ChildItem -Path (Join-Path $LeoModulePath 'lib/*.dll') -Exclude 'LeoPS.*' |
            ForEach-Object { $null = $context.LoadFromAssemblyPath($_.FullName) }
    }
    $context.Assemblies | Where-Object { $_.GetName().Name -eq 'Npgsql' }
}

function Open-TestConnection {
    <#
    .SYNOPSIS
        A connection to the test server, or to another port of 127.0.0.1 (a pooler's). Its Dispose ends it and rolls back what it has open.
    #>
    param(
        [Parameter(Mandatory)] [string] $Database,
        [Parameter(Mandatory)] [string] $User,
        [int] $Port,
        [string] $Password
    )
    $server = Start-TestServer
    $driver = Get-TestSqlDriver
    $builder = [Activator]::CreateInstance($driver.GetType('Npgsql.NpgsqlConnectionStringBuilder'))
    $builder['Host'] = '127.0.0.1'
    $builder['Port'] = $Port ? $Port : $server.Port
    $builder['Username'] = $User
    $builder['Password'] = $Password ? $Password : $server.Password
    $builder['Database'] = $Database
    $builder['SSL Mode'] = 'Disable'
    $builder['GSS Encryption Mode'] = 'Disable'
    $builder['Pooling'] = $false
    $builder['Command Timeout'] = 0
    $builder['Include Error Detail'] = $true
    # Values are read as the server's text, so the server's types need not be known.
    $builder['Server Compatibility Mode'] = 'NoTypeLoading'
    if (-not $Port) {
        # A test that left a lock behind must fail the next one, not stop the run.
        $builder['Options'] = '-c client_min_messages=warning -c lock_timeout=30s'
    }
    $connection = [Activator]::CreateInstance($driver.GetType('Npgsql.NpgsqlConnection'), $builder.ConnectionString)
    $connection.Open()
    $connection
}

function Split-TestSql {
    <#
    .SYNOPSIS
        The statements of a text, each without its semicolon, with variables in place as psql does it: :name as it is, :'name' quoted.
    #>
    param([Parameter(Mandatory)] [string] $Sql, [hashtable] $Variable = @{})
    $tokens = [regex]::Matches($Sql, @'
(?x) [eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "[^"]*" | \$(?<tag>[A-Za-z_]\w*|)\$.*?\$\k<tag>\$ | --[^\n]* | /\*.*?\*/ | ::
| :'(?<quoted>\w+)' | :(?<plain>[A-Za-z_]\w*) | (?<end>;)
'@, 'Singleline, ExplicitCapture')
    $statement = [Text.StringBuilder]::new()
    $from = 0
    foreach ($token in $tokens) {
        $null = $statement.Append($Sql, $from, $token.Index - $from)
        $from = $token.Index + $token.Length
        $quoted, $plain = $token.Groups['quoted'], $token.Groups['plain']
        if ($token.Groups['end'].Success) {
            $statement.ToString()
            $null = $statement.Clear()
        }
        elseif ($quoted.Success -and $Variable.ContainsKey($quoted.Value)) {
            $null = $statement.Append("'$("$($Variable[$quoted.Value])" -replace "'", "''")'")
        }
        elseif ($plain.Success -and $Variable.ContainsKey($plain.Value)) {
            $null = $statement.Append($Variable[$plain.Value])
        }
        else {
            $null = $statement.Append($token.Value)
        }
    }
    $rest = $statement.Append($Sql, $from, $Sql.Length - $from).ToString()
    if ($rest.Trim()) { $rest }
}

function Read-TestSql {
    <#
    .SYNOPSIS
        Runs statements on a connection of Open-TestConnection, each in a transaction of its own unless they begin one, and gives back their
        rows as lines of text, columns joined by a bar.
    #>
    param(
        [Parameter(Mandatory, Position = 0)] $Connection,
        [Parameter(Mandatory, Position = 1)] [string] $Sql,
        [hashtable] $Variable = @{}
    )
    foreach ($statement in Split-TestSql $Sql -Variable $Variable) {
        $command = $Connection.CreateCommand()
        $command.CommandText = $statement
        $command.AllResultTypesAreUnknown = $true
        $reader = $command.ExecuteReader()
        try {
            $columns = $reader.FieldCount
            while ($columns -gt 0 -and $reader.Read()) {
                $values = [object[]]::new($columns)
                $null = $reader.GetValues($values)
                # DBNull becomes an empty text; a text of several lines becomes several.
                ($values -join '|') -split "`n"
            }
        }
        finally {
            $reader.Dispose()
            $command.Dispose()
        }
    }
}

function Start-TestSql {
    <#
    .SYNOPSIS
        Begins statements on a connection of their own, each in a transaction of its own, and returns at once. Wait-TestSql waits for them.
    #>
    param([Parameter(Mandatory, Position = 0)] [string] $Sql, [string] $Database = 'leops', [string] $User = 'leops')
    $connection = Open-TestConnection -Database $Database -User $User
    $batch = $connection.CreateBatch()
    $batch.Timeout = 0
    $batch.EnableErrorBarriers = $true
    foreach ($statement in Split-TestSql $Sql) {
        $command = $batch.CreateBatchCommand()
        $command.CommandText = $statement
        $batch.BatchCommands.Add($command)
    }
    [pscustomobject]@{ Connection = $connection; Task = $batch.ExecuteNonQueryAsync([Threading.CancellationToken]::None) }
}

function Wait-TestSql {
    <#
    .SYNOPSIS
        Waits for what Start-TestSql began, and ends its connection; throws where it failed or takes longer than ten seconds.
    #>
    param([Parameter(Mandatory, Position = 0)] $Started)
    try {
        if (-not $Started.Task.Wait(10000)) { throw 'The statements have not ended after ten seconds.' }
    }
    finally {
        $Started.Connection.Dispose()
    }
}

function Reset-TestConnection {
    <#
    .SYNOPSIS
        Ends the connections that Invoke-TestSql keeps; for when their server was restarted.
    #>
    if (Test-Path Variable:script:leoTestConnections) {
        foreach ($connection in $script:leoTestConnections.Values) { $connection.Dispose() }
    }
    $script:leoTestConnections = @{}
}

function Invoke-TestSql {
    <#
    .SYNOPSIS
        Runs SQL on the test server, behind the module's back, and gives back its rows as lines of text, columns joined by a bar.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Sql,
        [string] $Database = 'leops',
        [string] $User = 'leops',
        [hashtable] $Variable = @{}
    )
    # Connecting takes longer than most statements do, so each file keeps a connection for each user; they end with the file's process.
    if (-not (Test-Path Variable:script:leoTestConnections)) {
        $script:leoTestConnections = @{}
    }
    $key = "$User@$Database of $((Start-TestServer).Path)"
    if (-not $script:leoTestConnections.ContainsKey($key)) {
        $script:leoTestConnections[$key] = Open-TestConnection -Database $Database -User $User
    }
    try {
        Read-TestSql $script:leoTestConnections[$key] $Sql -Variable $Variable
    }
    catch {
        # What the failure left open goes with its connection.
        if ($script:leoTestConnections.ContainsKey($key)) {
            $script:leoTestConnections[$key].Dispose()
            $script:leoTestConnections.Remove($key)
        }
        throw
    }
}
