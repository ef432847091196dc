BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $null = Connect-LeoDatabase $server.Uri
    Reset-TestData -Count 30
    Invoke-TestSql @"
update exec_handoff_preparations set implementation_summary = repeat('A long summary with $([char]0x00e4) and a line' || chr(10) || 'break. ', 40) where id = '$(Get-TestId 1)';
update exec_handoff_preparations set implementation_summary = '' where id = '$(Get-TestId 2)';
update exec_handoff_preparations set handoff_status = 'rejected', sent_at = now() - interval '400 days', response_at = now() - interval '300 days', prepared_at = null where id = '$(Get-TestId 3)';
update strategic_directives_v2 set sd_key = 'SD-' || repeat('LONG-', 15) || '001' where id = 'SD-A-001';
"@
    $rows = @(Get-HandoffPreparation)
}

AfterAll {
    Get-LeoConnection | Disconnect-LeoDatabase
}

Describe 'The table of handoffs' {
    BeforeAll {
        $lines = ($rows | Format-Table | Out-String -Width 120) -replace "`e\[[0-9;]*m" -split '\r?\n'
        $filled = @($lines | Where-Object { $_.Trim() })
    }

    It 'is the default view' {
        # Ages go on growing while the test runs.
        $default = ($rows | Out-String -Width 120) -replace "`e\[[0-9;]*m" -replace '\d+ ', '0 ' -replace ' +', ' '
        $default.Trim() | Should -Be (($lines -join [Environment]::NewLine) -replace '\d+ ', '0 ' -replace ' +', ' ').Trim()
    }

    It 'fits 120 columns' {
        $lines | Where-Object Length -GT 120 | Should -BeNullOrEmpty
    }

    It 'has the columns Id, Status, Age, SdKey and Summary' {
        $filled[0].Trim() -split '\s+' | Should -Be 'Id', 'Status', 'Age', 'SdKey', 'Summary'
    }

    It 'has one line for each handoff, whatever its texts are' {
        $filled.Count | Should -Be ($rows.Count + 2)
    }

    It 'begins a line with the first eight characters of the id, and the status' {
        for ($i = 0; $i -lt $rows.Count; $i++) {
            $filled[$i + 2] | Should -Match "^\s*$($rows[$i].Id.ToString().Substring(0, 8))\s+$($rows[$i].Status)\b"
        }
    }

    It 'shows a summary that is too long shortened, from its beginning' {
        $line = $filled | Where-Object { $_ -match "^\s*$((Get-TestId 1).ToString().Substring(0, 8))" }
        $line | Should -Match 'A long summary'
        $line.TrimEnd() | Should -Match '(…|\.\.\.)$'
    }

    It 'is the same for what Set-HandoffStatus gives back' {
        $moved = Set-HandoffStatus Sent -Id (Get-TestId 4)
        ($moved | Out-String -Width 120) -replace "`e\[[0-9;]*m" | Should -Match '(?m)^\s*Id\s+Status\s+Age\s+SdKey\s+Summary\s*$'
    }
}

Describe 'The list of a handoff' {
    It 'has every property' {
        $row = Get-HandoffPreparation -Id (Get-TestId 5)
        $text = ($row | Format-List | Out-String -Width 120) -replace "`e\[[0-9;]*m"
        $names = $row.PSObject.Properties | Where-Object MemberType -EQ Property | ForEach-Object Name
        @($names).Count | Should -BeGreaterOrEqual 22
        # Status is another name for HandoffStatus, and one of the two is enough.
        foreach ($name in $names | Where-Object { $_ -ne 'Status' }) {
            $text | Should -Match "(?m)^\s*$name\s*:"
        }
        $text | Should -Match ([string]$row.Id)
    }
}

Describe 'JSON columns' {
    It 'read with dots' {
        $row = Get-HandoffPreparation -Id (Get-TestId 5)
        $row.QualityMetrics.coverage | Should -Be 65
        "$($row.QualityMetrics)" | ConvertFrom-Json | ForEach-Object coverage | Should -Be 65
    }
}

Describe 'Other views' {
    It 'fit 120 columns: <Name>' -ForEach @(
        @{ Name = 'connections'; Script = { Get-LeoConnection } }
        @{ Name = 'sandboxes'; Script = { Get-LeoSandbox -Path $server.Sandbox.Path } }
        @{ Name = 'schema items'; Script = { Test-LeoSchema } }
        @{ Name = 'a database report'; Script = { Test-LeoDatabase } }
    ) {
        $text = (& $Script | Out-String -Width 120) -replace "`e\[[0-9;]*m"
        $text.Trim() | Should -Not -BeNullOrEmpty
        $text -split '\r?\n' | Where-Object Length -GT 120 | Should -BeNullOrEmpty
    }
}
