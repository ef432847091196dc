# That a password, a key or a claim comes out nowhere: thirty failures, and a connection string pasted into every parameter there is.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $secret = 'Kx7#p@ss:w/rd %y'
    $encoded = [uri]::EscapeDataString($secret)
    $marks = $secret, $encoded, $secret.Substring(0, 8), $encoded.Substring(0, 8)
    Invoke-TestSql -Variable @{ secret = $secret } @'
drop role if exists leops_keeper;
create role leops_keeper login superuser password :'secret';
'@
    Reset-TestData -Count 3

    function Get-Url([string] $Database = 'leops', [string] $User = 'leops_keeper', [string] $Password = $encoded, [int] $Port = $server.Port, [string] $Query = '') {
        "postgresql://${User}:$Password@127.0.0.1:$Port/$Database$Query"
    }

    function Get-DeadPort {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $port = $listener.LocalEndpoint.Port
        $listener.Stop()
        $port
    }
}

AfterAll {
    Get-LeoConnection | Disconnect-LeoDatabase
    Invoke-TestSql 'drop role if exists leops_keeper'
}

Describe 'The password, through thirty failures' {
    BeforeAll {
        # Everything a user could look at, as one text. Where the password came from is a variable here: what a user types, the console shows anyway.
        $shown = [Text.StringBuilder]::new()
        function Add-Shown([object] $Thing) {
            $null = $shown.AppendLine(($Thing | Out-String -Width 4000)).AppendLine(($Thing | Format-List * -Force | Out-String -Width 4000))
        }

        $log = Join-Path $server.Path 'log/server.log'
        $logBefore = (Get-Item -LiteralPath $log).Length
        $good = Get-Url
        $text = "Host=127.0.0.1;Port=$($server.Port);Username=leops_keeper;Database=leops;Password='$secret'"
        $credential = [pscredential]::new('leops_keeper', (ConvertTo-SecureString $secret -AsPlainText -Force))
        $dead = Get-DeadPort
        $profiles = Join-Path $TestDrive 'profiles.json'
        Set-Content -LiteralPath $profiles -Value (@{ leaky = @{ host = '127.0.0.1'; password = $secret } } | ConvertTo-Json)
        $others = Join-Path $TestDrive 'others.json'
        Set-Content -LiteralPath $others -Value (@{ leaky = @{ url = $good } } | ConvertTo-Json)
        $passwords = Join-Path $TestDrive 'pgpass'
        Set-Content -LiteralPath $passwords -Value "*:*:*:*:$secret"
        function Get-Secret { param($Name, $Vault) throw 'the vault is locked' }
        $Error.Clear()
        $fine = & {
            Connect-LeoDatabase $good -Verbose -Debug
            Connect-LeoDatabase -ConnectionString $text -Verbose -Debug
            Connect-LeoDatabase -HostName 127.0.0.1 -Port $server.Port -Database leops -Credential $credential -Verbose -Debug
            Get-LeoConnection
            Test-LeoDatabase -Verbose -Debug
            Get-HandoffPreparation -First 1 -Verbose -Debug
        } *>&1
        Add-Shown $fine
        $connections = @(Get-LeoConnection)
        $objectFile = Join-Path $TestDrive 'connections.xml'
        $connections | Export-Clixml -LiteralPath $objectFile -Depth 10
        $bad = @(
            { Connect-LeoDatabase (Get-Url -Port $dead) }
            { Connect-LeoDatabase (Get-Url -Database no_such_database) }
            { Connect-LeoDatabase (Get-Url -User nobody_here) }
            { Connect-LeoDatabase (Get-Url -Password $secret) }
            { Connect-LeoDatabase (Get-Url -Query "?password=$encoded&wibble=$encoded&sslmode=$encoded") }
            { Connect-LeoDatabase (Get-Url -Query "?sslmode=verify-full&sslrootcert=/no/such.crt") }
            { Connect-LeoDatabase (Get-Url -Query "?target_session_attrs=$encoded") }
            { Connect-LeoDatabase (Get-Url -Query '?sslmode=require') }
            { Connect-LeoDatabase (Get-Url -Port $dead -Query "?options=-c%20request.jwt.claims=$encoded") }
            { Connect-LeoDatabase $good.Replace('postgresql:', 'mysql:') }
            { Connect-LeoDatabase $good.Replace('127.0.0.1', '127.0.0.1,no-such-host.invalid') -SslMode verify-full }
            { Connect-LeoDatabase $secret }
            { Connect-LeoDatabase -ConnectionString "$text;Port=x" }
            { Connect-LeoDatabase -ConnectionString "Pasword='$secret'" }
            { Connect-LeoDatabase -ConnectionString (Get-Url -Port $dead) }
            { Connect-LeoDatabase -HostName $good -Credential $credential }
            { Connect-LeoDatabase -HostName 127.0.0.1 -Port $good }
            { Connect-LeoDatabase -HostName 127.0.0.1 -Port $server.Port -Database $good -Credential $credential }
            { Connect-LeoDatabase $good -Name $good }
            { Connect-LeoDatabase $good -SslMode $good }
            { Connect-LeoDatabase $good -RootCertificate $good -SslMode verify-ca }
            { Connect-LeoDatabase $good -CommandTimeout $good }
            { Connect-LeoDatabase -Profile $good }
            { $env:LEOPS_PROFILES = $profiles; Connect-LeoDatabase -Profile leaky }
            { $env:LEOPS_PROFILES = $others; Connect-LeoDatabase -Profile leaky }
            { Connect-LeoDatabase -HostName 127.0.0.1 -SecretName $good -Vault $good }
            { Connect-LeoDatabase $good -SecretName leo -Credential $credential }
            { $env:PGPASSFILE = $passwords; Connect-LeoDatabase "postgresql://nobody_here@127.0.0.1:$($server.Port)/leops" }
            { $env:PGPASSWORD = $secret; Connect-LeoDatabase "postgresql://nobody_here@127.0.0.1:$($server.Port)/leops" }
            { $env:DATABASE_URL = "$good?sslmode=$encoded"; Connect-LeoDatabase }
            { Test-LeoDatabase -Connection $good }
            { Get-LeoConnection -Name $good }
            { Disconnect-LeoDatabase $good }
            { Get-HandoffPreparation -SdId $good }
            { Get-HandoffPreparation -Id $good }
            { $good | Set-HandoffStatus Sent }
            { Set-HandoffStatus $good -CurrentStatus Ready }
            { Start-FlowExecution $good }
            { Complete-FlowExecution -ExecutionKey $good -OutputState $text }
        )
        $variables = 'LEOPS_PROFILES', 'PGPASSFILE', 'PGPASSWORD', 'DATABASE_URL'
        $before = @{}
        foreach ($name in $variables) { $before[$name] = [Environment]::GetEnvironmentVariable($name) }
        # PowerShell keeps the last 256 errors; each of these may leave two.
        $withoutError = foreach ($script in $bad) {
            $count = $Error.Count
            try { Add-Shown (& $script -Verbose -Debug *>&1) } catch { Add-Shown $_ }
            if ($Error.Count -eq $count) { "$script" }
            foreach ($name in $variables) { [Environment]::SetEnvironmentVariable($name, $before[$name]) }
        }

        foreach ($record in @($Error)) {
            Add-Shown $record
            if ($record -is [Management.Automation.ErrorRecord]) {
                Add-Shown $record.Exception.ToString()
                Add-Shown $record.CategoryInfo
                Add-Shown $record.TargetObject
            }
        }

        $errorFile = Join-Path $TestDrive 'errors.xml'
        @($Error) | Export-Clixml -LiteralPath $errorFile
        $logText = [IO.File]::ReadAllText($log).Substring([Math]::Min($logBefore, [IO.File]::ReadAllText($log).Length))
        $lines = $shown.ToString().Split("`n")
        $Error.Clear()
    }

    It 'was given, and the failures were provoked' {
        $bad.Count | Should -BeGreaterOrEqual 30
        $withoutError | Should -BeNullOrEmpty
    }

    It 'is in no stream and no error, by <_> of its forms' -ForEach 0, 1, 2, 3 {
        $mark = $marks[$_]
        $lines | Where-Object { $_.Contains($mark) } | Should -BeNullOrEmpty
    }

    It 'is in no error that was exported, and not in the server''s log' {
        $logText | Should -Match 'nobody_here'
        foreach ($mark in $marks) {
            (Get-Content -LiteralPath $errorFile -Raw).Contains($mark) | Should -BeFalse
            $logText.Contains($mark) | Should -BeFalse
        }
    }

    It 'is in no form of the connection: <_>' -ForEach 'list', 'json', 'clixml', 'csv', 'text', 'members' {
        $form = switch ($_) {
            'list' { $connections | Format-List * -Force | Out-String -Width 4000 }
            'json' { $connections | ConvertTo-Json -Depth 10 }
            'clixml' { Get-Content -LiteralPath $objectFile -Raw }
            'csv' { $connections | ConvertTo-Csv | Out-String }
            'text' { "$connections" }
            'members' { $connections | ForEach-Object { $_.PSObject.Members | Where-Object MemberType -Match 'Property' | ForEach-Object { "$($_.Name)=$($_.Value)" } } | Out-String }
        }
        $form | Should -Match 'leops'
        foreach ($mark in $marks) {
            $form.Contains($mark) | Should -BeFalse
        }
    }

    It 'is in no argument of a process that was started' {
        if (-not $IsLinux) { Set-ItResult -Skipped -Because 'only Linux shows them as files'; return }
        $arguments = Get-ChildItem /proc -Directory | Where-Object Name -Match '^\d+$' | ForEach-Object {
            try { [IO.File]::ReadAllText("$($_.FullName)/cmdline") } catch { }
        }
        foreach ($mark in $marks) { @($arguments | Where-Object { $_.Contains($mark) }).Count | Should -Be 0 }
    }
}

Describe 'A connection string that was pasted by mistake' {
    BeforeAll {
        # In a PowerShell that asks nobody: a mandatory parameter that is missing is an error there.
        $sweep = @(Invoke-FreshPowerShell -Argument $server.Uri, $secret, $encoded {
            param($uri, $secret, $encoded)
            Import-Module $LeoManifest
            $null = Connect-LeoDatabase $uri
            $common = [Management.Automation.PSCmdlet]::CommonParameters + [Management.Automation.PSCmdlet]::OptionalCommonParameters
            $marks = $secret, $encoded
            $tried = 0
            $failed = 0
            # The sandbox's folder is made where it is named.
            $notThese = 'Start-LeoSandbox -Path'
            foreach ($command in Get-Command -Module LeoPS) {
                foreach ($parameter in $command.Parameters.Values | Where-Object Name -NotIn $common) {
                    if ("$($command.Name) -$($parameter.Name)" -in $notThese) { continue }
                    foreach ($text in "postgresql://u:$encoded@127.0.0.1:1/db", "Host=127.0.0.1;Port=1;Password='$secret';Username=u") {
                        $tried++
                        $arguments = @{ $parameter.Name = $text }
                        # Whatever watches or waits would do so for ever.
                        if ($command.Parameters.ContainsKey('Timeout') -and $parameter.Name -ne 'Timeout') { $arguments.Timeout = '100ms' }
                        $Error.Clear()
                        $said = try { & $command @arguments -ErrorAction Stop 3>&1 4>&1 5>&1 6>&1 | Where-Object { $_ -isnot [LeoPS.LeoConnection] } } catch { $_ }
                        $records = @($Error | Where-Object { $_ -is [Management.Automation.ErrorRecord] })
                        if ($records) { $failed++ }
                        $seen = @(
                            @($said | Where-Object { $_ -is [Management.Automation.ErrorRecord] -or $_ -is [Management.Automation.InformationalRecord] }) + $records |
                                ForEach-Object { "$_"; $_ | Format-List * -Force | Out-String -Width 4000; "$($_.Exception)"; "$($_.TargetObject)"; "$($_.CategoryInfo)" }
                        ) -join "`n"
                        foreach ($mark in $marks) {
                            if ($seen.Contains($mark)) { "$($command.Name) -$($parameter.Name): $(($seen.Split("`n") | Where-Object { $_.Contains($mark) } | Select-Object -First 1).Trim())" }
                        }
                    }
                }
            }
            "tried $tried, failed $failed"
        })
    }

    It 'is refused or used, and never shown, whatever parameter it went to' {
        $sweep | Select-Object -SkipLast 1 | Should -BeNullOrEmpty
        $sweep[-1] | Should -Match '^tried (\d+), failed (\d+)$'
        $null = $sweep[-1] -match '^tried (\d+), failed (\d+)$'
        [int]$Matches[1] | Should -BeGreaterThan 400
        [int]$Matches[2] | Should -BeGreaterThan 300
    }

    It 'is not in the error of a database that repeats a value: <What>' -ForEach @(
        @{ What = 'a directive that is not there'; Script = { New-ImplementationSession -SdId $url -ImplementationType GENERAL_FEATURE } }
        @{ What = 'a flow key that is too long'; Script = { New-Flow -FlowKey ($url * 4) -FlowName x -FlowDefinition '{}' } }
        @{ What = 'a run that is not there'; Script = { Get-FlowExecution -ExecutionKey $url; Complete-FlowExecution -ExecutionKey $url } }
        @{ What = 'JSON that is none'; Script = { New-Flow -FlowKey a -FlowName x -FlowDefinition $url } }
        @{ What = 'rows of a file'; Script = { [pscustomobject]@{ Id = $url } | Set-HandoffStatus Sent } }
        @{ What = 'a place to go on'; Script = { Get-HandoffPreparation -ResumeAfter $url } }
    ) {
        $null = Connect-LeoDatabase $server.Uri
        $url = Get-Url
        $Error.Clear()
        try { $said = & $Script *>&1 } catch { $said = $_ }
        $Error.Count | Should -BeGreaterThan 0
        # A row of the user's own stays the target as it is: corrected, it is sent again.
        $seen = @($said) + @($Error) | ForEach-Object {
            "$_"; "$($_.Exception)"; "$($_.CategoryInfo)"; $_ | Out-String -Width 4000
            if ($_.TargetObject -is [string]) { $_.TargetObject }
        }
        foreach ($mark in $marks) { "$seen".Contains($mark) | Should -BeFalse }
    }
}
