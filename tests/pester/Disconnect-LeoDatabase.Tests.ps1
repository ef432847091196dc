BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    Import-LeoModule
    $server = Start-TestServer

    function Get-Failure([scriptblock] $Script) {
        try { $null = & $Script } catch { return $_ }
        throw 'There was no error.'
    }

    function Get-SessionCount {
        [int](Invoke-TestSql "select count(*) from pg_stat_activity where application_name like 'LeoPS/%'")
    }
}

AfterAll {
    Get-LeoConnection | Disconnect-LeoDatabase
}

Describe 'Disconnect-LeoDatabase' {
    AfterEach {
        Get-LeoConnection | Disconnect-LeoDatabase
    }

    It 'closes the default connection; using it then says NotConnected' {
        $connection = Connect-LeoDatabase $server.Uri
        Disconnect-LeoDatabase | Should -BeNullOrEmpty
        $connection.IsOpen | Should -BeFalse
        Get-LeoConnection | Should -BeNullOrEmpty
        foreach ($script in { Get-HandoffPreparation }, { Test-LeoDatabase }, { Get-HandoffPreparation -Connection $connection }, { Set-HandoffStatus Sent -CurrentStatus Ready -Connection $connection.Name }) {
            $failure = Get-Failure $script
            $failure.FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
            $failure.CategoryInfo.Category | Should -Be 'ConnectionError'
        }
        Test-LeoDatabase -Quiet | Should -BeFalse
    }

    It 'closes by <Way>, and leaves the other one' -ForEach @(
        @{ Way = 'name'; Script = { Disconnect-LeoDatabase first } }
        @{ Way = 'object'; Script = { Disconnect-LeoDatabase $one } }
        @{ Way = 'pipe'; Script = { $one | Disconnect-LeoDatabase } }
        @{ Way = 'pipe from Get-LeoConnection'; Script = { Get-LeoConnection f* | Disconnect-LeoDatabase } }
    ) {
        $one = Connect-LeoDatabase $server.Uri -Name first
        $two = Connect-LeoDatabase $server.Uri -Name second
        . $Script
        $one.IsOpen, $two.IsOpen | Should -Be $false, $true
        (Get-LeoConnection).Name | Should -Be 'second'
        Test-LeoDatabase -Quiet | Should -BeTrue
    }

    It 'makes the most recent connection of this runspace that is open the default again' {
        $null = Connect-LeoDatabase $server.Uri -Name first
        $null = Connect-LeoDatabase $server.Uri -Name second
        $null = Connect-LeoDatabase $server.Uri -Name third
        Disconnect-LeoDatabase second
        (Disconnect-LeoDatabase -Verbose 4>&1).Message | Should -Be 'the default connection is first again'
        (Get-LeoConnection -Default).Name | Should -Be 'first'
        (Disconnect-LeoDatabase -Verbose 4>&1).Message | Should -Be 'no default connection is left'
        (Get-Failure { Get-HandoffPreparation }).Exception.Message | Should -BeLike '*first, was closed. Run Connect-LeoDatabase*'
    }

    It 'does not give one runspace the connection of another one' {
        $null = Connect-LeoDatabase $server.Uri -Name mine
        $message = 1 | ForEach-Object -Parallel {
            Import-Module $using:LeoManifest
            try { Get-HandoffPreparation -ErrorAction Stop } catch { $_.Exception.Message }
        }
        $message | Should -BeLike "*This runspace has opened no connection. Open in this process: mine. Add -Connection 'mine'*"
    }

    It 'leaves no default after a stopped sandbox, and says what to do' {
        $null = Connect-LeoDatabase $server.Uri -Name before
        $sandbox = Start-LeoSandbox -Path (Join-Path $TestDrive 'sandbox')
        try {
            (Get-LeoConnection -Default).Source | Should -Be 'sandbox'
        }
        finally {
            $null = Stop-LeoSandbox -Path $sandbox.Path -Remove -Confirm:$false
        }
        $message = (Get-Failure { Get-HandoffPreparation }).Exception.Message
        $message | Should -BeLike "*was closed. Open in this process: before. Add -Connection 'before'*"
    }

    It 'closes all that are piped' {
        $null = 1..3 | ForEach-Object { Connect-LeoDatabase $server.Uri }
        Get-LeoConnection | Disconnect-LeoDatabase
        Get-LeoConnection | Should -BeNullOrEmpty
    }

    It 'closes the sessions on the server' {
        $null = Connect-LeoDatabase $server.Uri
        $null = Test-LeoDatabase
        Get-SessionCount | Should -BeGreaterThan 0
        Disconnect-LeoDatabase
        for ($i = 0; $i -lt 50 -and (Get-SessionCount) -gt 0; $i++) { Start-Sleep -Milliseconds 100 }
        Get-SessionCount | Should -Be 0
    }

    It 'says NotConnected where there is none, or none of that name' {
        (Get-Failure { Disconnect-LeoDatabase }).FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
        (Get-Failure { Disconnect-LeoDatabase nothing }).FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
    }

    It 'lets the name be used again' {
        $null = Connect-LeoDatabase $server.Uri -Name n
        Disconnect-LeoDatabase n
        (Connect-LeoDatabase $server.Uri -Name n).IsOpen | Should -BeTrue
    }
}
