# Remove-HandoffPreparation: what is gone, what stays, and the copy that is in the file before anything is gone.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-remove'

    function Get-TestPrint {
        # Every column of every row, in figures.
        Invoke-TestSql "select count(*) || ' ' || coalesce(md5(string_agg(h::text, '' order by id)), '') from public.exec_handoff_preparations h"
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Removing' {
    BeforeEach {
        Reset-TestData -Count 5
    }

    It 'deletes what is piped in, by object, id and row, and gives back nothing' {
        $rows = @(Get-HandoffPreparation -Id (Get-TestId 1)), (Get-TestId 2), [pscustomobject]@{ Id = "$(Get-TestId 3)" }
        $rows | Remove-HandoffPreparation -Confirm:$false | Should -BeNullOrEmpty
        Get-HandoffPreparation | ForEach-Object Id | Should -Be ((Get-TestId 4), (Get-TestId 5) | Sort-Object)
        Remove-HandoffPreparation -Id (Get-TestId 4) -Confirm:$false | Should -BeNullOrEmpty
        Get-TestCount | Should -Be 'ready 1'
    }

    It 'counts with -Summary' {
        $summary = (Get-TestId 1), [guid]::NewGuid(), (Get-TestId 2), 'nonsense' | Remove-HandoffPreparation -Summary -Confirm:$false -ErrorAction SilentlyContinue
        $summary.Total, $summary.Changed, $summary.FailedByErrorId['NotFound'], $summary.FailedByErrorId['InvalidIdentity'] | Should -Be 4, 2, 1, 1
    }

    It 'leaves alone what changed since it was read, what is unknown and what is held, and deletes the others' {
        $rows = @(1..5 | ForEach-Object { Get-HandoffPreparation -Id (Get-TestId $_) })
        Invoke-TestSql "update public.exec_handoff_preparations set demo_url = 'theirs' where id = md5('h2')::uuid; delete from public.exec_handoff_preparations where id = md5('h3')::uuid"
        $holder = Open-TestTransaction "select from public.exec_handoff_preparations where id = md5('h4')::uuid for update"
        try {
            $outcome = Get-Outcome { $rows + $null | Remove-HandoffPreparation -Confirm:$false -LockTimeout 200ms }
        }
        finally {
            Close-TestTransaction $holder
        }
        $outcome.Out | Should -BeNullOrEmpty
        $outcome.Errors | Get-ErrorName | Should -Be 'EditConflict', 'NotFound', 'RowLocked', 'InvalidIdentity'
        $outcome.Errors[0..2].TargetObject | Should -Be $rows[1..3]
        Get-TestStatus 1, 2, 4, 5 | Should -Be 'ready', 'ready'
    }

    It 'deletes all or none with -Atomic' {
        (Get-Outcome { (Get-TestId 1), [guid]::NewGuid() | Remove-HandoffPreparation -Atomic -Confirm:$false }).Errors | Get-ErrorName | Should -Be 'NotFound', 'BatchRolledBack'
        Get-TestCount | Should -Be 'ready 5'
        (Get-TestId 1), (Get-TestId 2) | Remove-HandoffPreparation -Atomic -Confirm:$false
        Get-TestCount | Should -Be 'ready 3'
    }

    It 'asks by default, and says with -WhatIf what it would delete' {
        (Get-Command Remove-HandoffPreparation).ImplementingType.GetCustomAttributes([Management.Automation.CmdletAttribute], $false).ConfirmImpact | Should -Be 'High'
        # A host that cannot ask must not delete.
        $asked = Invoke-FreshPowerShell -Argument $server.Uri, "$(Get-TestId 1)" {
            Import-Module $LeoManifest
            $null = Connect-LeoDatabase $args[0]
            try { Remove-HandoffPreparation -Id $args[1] -ErrorAction Stop; 'deleted' } catch { "$($_.Exception.GetType().Name)" }
        }
        $asked | Should -Not -Be 'deleted'
        $said = Get-HostOutput -Outcome outcome { (Get-TestId 1), [guid]::NewGuid() | Remove-HandoffPreparation -WhatIf }
        @($said -like "*""Remove"" on target ""SD-A-001 handoff $(Get-TestId 1)""*") | Should -HaveCount 1
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound'
        Get-TestCount | Should -Be 'ready 5'
    }
}

Describe '-ExportPath' {
    BeforeEach {
        Reset-TestData -Count 5
        Invoke-TestSql "update public.exec_handoff_preparations set quality_metrics = '{""big"": 1e400, ""a"": 1.10}', test_results = null, security_validation = 'null', sent_at = '2026-01-10 03:37:46.396001Z' where id = md5('h2')::uuid"
        $file = Join-Path $TestDrive "$([guid]::NewGuid()).jsonl"
        $before = Get-TestPrint
    }

    It 'writes a line for each row that is deleted, from which -FromJson puts it back' {
        $lines = Get-HandoffPreparation -AsJson
        $summary = Get-HandoffPreparation | Remove-HandoffPreparation -ExportPath $file -Confirm:$false -Summary
        $summary.Changed | Should -Be 5
        Get-TestCount | Should -BeNullOrEmpty
        Get-Content -LiteralPath $file | Sort-Object | Should -Be ($lines | Sort-Object)
        (Get-Content -LiteralPath $file | New-HandoffPreparation -FromJson) | Should -HaveCount 5
        Get-TestPrint | Should -Be $before
    }

    It 'has only what is deleted: bad rows are neither' {
        $null = Get-Outcome { (Get-TestId 1), [guid]::NewGuid(), (Get-TestId 2) | Remove-HandoffPreparation -ExportPath $file -Confirm:$false }
        (Get-Content -LiteralPath $file | ForEach-Object { $_ -replace '^{"Id":"([^"]*)".*', '$1' } | Sort-Object) | Should -Be ("$(Get-TestId 1)", "$(Get-TestId 2)" | Sort-Object)
        $other = "$file.none"
        (Get-Outcome { [guid]::NewGuid() | Remove-HandoffPreparation -ExportPath $other -Confirm:$false }).Errors | Get-ErrorName | Should -Be 'NotFound'
        $other | Should -Not -Exist
        (Get-Outcome { (Get-TestId 3), [guid]::NewGuid() | Remove-HandoffPreparation -ExportPath $other -Confirm:$false -Atomic }).Errors | Get-ErrorName | Should -Be 'NotFound', 'BatchRolledBack'
        $other | Should -Not -Exist
    }

    It 'is meant from where the user is, and is untouched by -WhatIf' {
        $folder = New-Item -ItemType Directory -Path (Join-Path $TestDrive "$([guid]::NewGuid())")
        Push-Location -LiteralPath $folder
        try {
            $null = Get-HostOutput { Get-HandoffPreparation | Remove-HandoffPreparation -ExportPath ./rows.jsonl -WhatIf }
            Get-ChildItem | Should -BeNullOrEmpty
            Get-TestPrint | Should -Be $before
            Get-TestId 1 | Remove-HandoffPreparation -ExportPath '[x].jsonl' -Confirm:$false
            (Get-ChildItem).Name | Should -Be '[x].jsonl'
        }
        finally {
            Pop-Location
        }
        $null = New-PSDrive -Name LeoTest -PSProvider FileSystem -Root $folder
        try {
            Get-TestId 2 | Remove-HandoffPreparation -ExportPath LeoTest:/two.jsonl -Confirm:$false
            Join-Path $folder 'two.jsonl' | Should -Exist
        }
        finally {
            Remove-PSDrive LeoTest
        }
    }

    It 'is an error before anything is deleted: <Name>' -ForEach @(
        @{ Name = 'a file that is there'; Path = 'there.jsonl'; Says = '*there already*' }
        @{ Name = 'a folder'; Path = 'folder'; Says = '*there already*' }
        @{ Name = 'a folder that is not there'; Path = 'none/rows.jsonl'; Says = '*folder does not exist*' }
        @{ Name = 'no place for files'; Path = 'env:LEOPS_EXPORT'; Says = '*provider Environment*' }
    ) {
        $folder = New-Item -ItemType Directory -Path (Join-Path $TestDrive "$([guid]::NewGuid())")
        $null = New-Item -ItemType Directory -Path (Join-Path $folder 'folder')
        Set-Content -LiteralPath (Join-Path $folder 'there.jsonl') -Value 'mine'
        Push-Location -LiteralPath $folder
        try {
            $outcome = Get-Outcome { Get-HandoffPreparation | Remove-HandoffPreparation -ExportPath $Path -Confirm:$false }
        }
        finally {
            Pop-Location
        }
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'ExportFailed,*'
        $outcome.Ended.Exception.Message | Should -BeLike $Says
        Get-Content -LiteralPath (Join-Path $folder 'there.jsonl') | Should -Be 'mine'
        Get-TestPrint | Should -Be $before
    }

    It 'keeps a row that no line can hold' {
        Invoke-TestSql "update public.exec_handoff_preparations set response_at = 'infinity' where id = md5('h4')::uuid"
        $outcome = Get-Outcome { 1..5 | ForEach-Object { Get-TestId $_ } | Remove-HandoffPreparation -ExportPath $file -Confirm:$false }
        $outcome.Errors | Get-ErrorName | Should -Be 'UnreadableRow'
        Get-TestCount | Should -Be 'ready 1'
        @(Get-Content -LiteralPath $file) | Should -HaveCount 4
    }

    It 'has every row that is gone where the pipe ends early' {
        Reset-TestData -Count 3000
        try {
            Get-HandoffPreparation | ForEach-Object { $script:met++; if ($script:met -gt 2500) { throw 'enough' }; $_ } -Begin { $script:met = 0 } | Remove-HandoffPreparation -ExportPath $file -BatchSize 500 -Confirm:$false
        }
        catch {
            "$_" | Should -Be 'enough'
        }
        $lines = (Test-Path -LiteralPath $file) ? @(Get-Content -LiteralPath $file) : @()
        $left = [int](Invoke-TestSql 'select count(*) from public.exec_handoff_preparations')
        $left | Should -BeLessThan 3000
        $lines.Count | Should -Be (3000 - $left)
    }

    It 'puts ten thousand rows away and back, to the byte' {
        Reset-TestData -Count 10000
        Invoke-TestSql "update public.exec_handoff_preparations set test_results = case length(implementation_summary) % 2 when 0 then 'null' else jsonb_build_object('n', random()::numeric, 'e', 1e400) end, known_issues = array['a', null, E'q""\\\\']"
        $before = Get-TestPrint
        Get-HandoffPreparation | Remove-HandoffPreparation -ExportPath $file -Confirm:$false
        Get-TestCount | Should -BeNullOrEmpty
        (Get-Content -LiteralPath $file | New-HandoffPreparation -FromJson -Summary).Changed | Should -Be 10000
        Get-TestPrint | Should -Be $before
    }
}
