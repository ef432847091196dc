BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    Import-LeoModule
    $server = Start-TestServer
    Get-LeoConnection | Disconnect-LeoDatabase
    $blue = Connect-LeoDatabase $server.Uri -Name blue
    $green = Connect-LeoDatabase $server.Uri -Name green
}

AfterAll {
    Get-LeoConnection | Disconnect-LeoDatabase
}

Describe 'Get-LeoConnection' {
    It 'lists all, oldest first' {
        (Get-LeoConnection).Name | Should -Be 'blue', 'green'
    }

    It 'gives the very objects that Connect-LeoDatabase gave' {
        [object]::ReferenceEquals((Get-LeoConnection blue), $blue) | Should -BeTrue
    }

    It 'finds <Pattern>' -ForEach @(
        @{ Pattern = 'BLUE'; Names = @('blue') }
        @{ Pattern = 'g*'; Names = @('green') }
        @{ Pattern = '*e*'; Names = @('blue', 'green') }
        @{ Pattern = 'nothing*'; Names = @() }
    ) {
        @(Get-LeoConnection $Pattern | ForEach-Object Name) | Should -Be $Names
    }

    It 'says NotFound for a plain name that nothing has, and gives the others' {
        $found = Get-LeoConnection blue, red -ErrorVariable failures -ErrorAction SilentlyContinue
        $found.Name | Should -Be 'blue'
        $failures.Count | Should -Be 1
        $failures[0].FullyQualifiedErrorId | Should -Be 'NotFound,LeoPS.Commands.GetLeoConnectionCommand'
        $failures[0].TargetObject | Should -Be 'red'
    }

    It 'says InvalidIdentity, and what is wrong, for a pattern that is none' {
        $failure = $null
        try { Get-LeoConnection 'a*[' } catch { $failure = $_ }
        $failure.FullyQualifiedErrorId | Should -Be 'InvalidIdentity,LeoPS.Commands.GetLeoConnectionCommand'
        $failure.Exception.Message | Should -Match 'is not closed'
    }

    It 'gives the default with -Default' {
        (Get-LeoConnection -Default).Name | Should -Be 'green'
    }

    It 'is completed by name, wherever a connection is asked for' -ForEach 'Get-LeoConnection ', 'Disconnect-LeoDatabase ', 'Test-LeoDatabase -Connection ', 'Get-HandoffPreparation -Connection ' {
        $line = $_ + 'gr'
        $completion = [Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)
        $completion.CompletionMatches.ListItemText | Should -Be 'green'
        Invoke-Expression ('Write-Output ' + $completion.CompletionMatches[0].CompletionText) | Should -Be 'green'
    }

    It 'shows a table of what one wants to know, and no secret' {
        $text = Get-LeoConnection | Out-String -Width 120
        $text | Should -Match 'green'
        $text | Should -Match ([string]$server.Port)
        $text | Should -Not -Match ([regex]::Escape($server.Password))
    }
}
