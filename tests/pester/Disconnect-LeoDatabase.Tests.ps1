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
