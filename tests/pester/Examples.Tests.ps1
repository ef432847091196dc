BeforeDiscovery {
    . "$PSScriptRoot/_documentation.ps1"
    $root = Split-Path (Split-Path $PSScriptRoot)
    $pages = @(Get-ChildItem -Path (Join-Path $root 'docs/en-US/*.md'), (Join-Path $root 'docs/*.md'), (Join-Path $root 'README.md') |
            ForEach-Object { Get-DocumentationPage -Root $root -File $_ } | Where-Object { $_.Blocks.Count + $_.LeftOut -gt 0 -or $_.Name -like 'docs/en-US/*' })
    $everything = @{ All = @($pages.Blocks) }
}

Describe 'The examples of the documentation' -ForEach $everything {
    BeforeAll {
        . "$PSScriptRoot/_shared.ps1"
        . "$PSScriptRoot/_documentation.ps1"
        Import-LeoModule
        # Under a folder that the server's unprivileged user can enter, whatever the umask: examples make sandboxes in it.
        $folder = Join-Path ([IO.Path]::GetTempPath()) "leops-examples-$([guid]::NewGuid().ToString('n').Substring(0, 8))"
        $null = New-Item -ItemType Directory -Path $folder
        if (-not $IsWindows) {
            [IO.File]::SetUnixFileMode($folder, 'UserRead, UserWrite, UserExecute, GroupRead, GroupExecute, OtherRead, OtherExecute')
        }

        # All of them in one PowerShell, whose default sandbox and whose environment lead to a server of its own.
        # A block of a help page finds fresh sample rows and no variables; those of README.md and docs go on where the one before ended.
        $seen = Invoke-FreshPowerShell -Argument $folder, $All, (Convert-Path "$PSScriptRoot/../../examples"), "$PSScriptRoot/_shared.ps1" {
            param($folder, $blocks, $examples, $shared)
            $env:PSModulePath = "$(Split-Path (Split-Path $LeoManifest))$([IO.Path]::PathSeparator)$env:PSModulePath"
            Import-Module LeoPS
            Set-Location -LiteralPath $folder
            $env:LEOPS_SANDBOX_HOME = Join-Path $folder 'default'
            $sandbox = Start-LeoSandbox -NoConnect -Configuration 'fsync = off', 'synchronous_commit = off', 'full_page_writes = off'
            $env:PGPASSWORD = (Get-Content -LiteralPath (Join-Path $sandbox.Path 'password') -Raw).Trim()
            $env:LEOPS_DATABASE_URL = "postgresql://$($sandbox.UserName):$([uri]::EscapeDataString($env:PGPASSWORD))@127.0.0.1:$($sandbox.Port)/$($sandbox.Database)"
            $env:LEOPS_TEST_SANDBOX = $sandbox.Path
            . $shared
            # As in a user's session.
            Set-StrictMode -Off
            $null = Start-LeoSandbox -Sample
            $tables = 'strategic_directives_v2', 'exec_implementation_sessions', 'exec_handoff_preparations', 'crewai_flows', 'crewai_flow_executions'
            Invoke-TestSql ("create schema saved;`n" + -join ($tables | ForEach-Object { "create table saved.$_ as table public.$_;`n" }))
            # As a replica: the trigger that counts runs must not count those that come back.
            $restore = "begin; set local session_replication_role = replica; truncate public.strategic_directives_v2, public.crewai_flows cascade;`n" + -join ($tables | ForEach-Object { "insert into public.$_ select * from saved.$_;`n" }) + 'commit;'
            $page = ''
            $results = foreach ($block in $blocks) {
                $goesOn = $block.IsStory -and $page -eq $block.Page
                $page = $block.Page
                if (-not $goesOn) {
                    # An example may have stopped the server, or closed the connection.
                    $now = Get-LeoSandbox -Path $sandbox.Path
                    if (-not $now.Running) {
                        $now = Start-LeoSandbox -NoConnect -Port $sandbox.Port
                    }
                    if ($now.ProcessId -ne $sandbox.ProcessId) {
                        $script:leoTestPsql = @{}
                    }
                    $sandbox = $now
                    Invoke-TestSql $restore
                    $null = Connect-LeoDatabase -Name sample
                }
                $script = [scriptblock]::Create($block.Code)
                $ErrorActionPreference = 'Continue'
                $printed = ''
                $failures = try {
                    # What an example expects to fail it handles itself; every error that comes through counts.
                    # -WhatIf speaks to the host alone; a transcript has its lines.
                    $said = Join-Path $folder 'said.txt'
                    $null = Start-Transcript -LiteralPath $said -UseMinimalHeader
                    try {
                        $came = @(if ($block.IsStory) { . $script 2>&1 } else { & $script 2>&1 })
                    }
                    finally {
                        $null = Stop-Transcript
                    }
                    $whatIf = @(Get-Content -LiteralPath $said | Where-Object { $_ -like 'What if: *' })
                    $objects = $came | Where-Object { $_ -isnot [Management.Automation.ErrorRecord] } | Out-String -Width 120
                    $printed = ($whatIf + ($objects -split '\r?\n' | ForEach-Object TrimEnd) -join "`n").Trim("`n")
                    $came | Where-Object { $_ -is [Management.Automation.ErrorRecord] } | ForEach-Object { "$($_.FullyQualifiedErrorId): $_" }
                }
                catch {
                    "$($_.FullyQualifiedErrorId): $_"
                }
                $ErrorActionPreference = 'Stop'
                [pscustomobject]@{ Key = $block.Key; Failures = @($failures); Printed = $printed }
            }

            Invoke-TestSql $restore
            $codes = foreach ($arguments in @{ Allowed = 60 }, @{ Allowed = 0 }, @{ Uri = 'postgresql://leops@127.0.0.1:1/leops' }) {
                $null = & (Join-Path $examples 'stuck-report.ps1') -Stuck 16h @arguments
                $LASTEXITCODE
            }
            Invoke-TestSql $restore
            # One says too little, and one the database does not let be accepted.
            Invoke-TestSql "update public.exec_handoff_preparations set implementation_summary = ' thin ' where id = (select min(id::text)::uuid from public.exec_handoff_preparations where handoff_status = 'sent' and sd_id <> 'SD-UAT-002');
                create function public.not_tonight() returns trigger language plpgsql as `$`$ begin if new.sd_id = 'SD-UAT-002' then raise exception 'not tonight'; end if; return new; end `$`$;
                create trigger not_tonight before update on public.exec_handoff_preparations for each row execute function public.not_tonight()"
            $null = Connect-LeoDatabase -Name sample
            $sent = @(Get-HandoffPreparation -Status Sent -Connection sample).Count
            $other = $env:LEOPS_DATABASE_URL -replace '/[^/]+$', '/postgres'
            $nights = foreach ($arguments in @{ Detailed = $true }, @{ Apply = $true; Detailed = $true; MaxStuck = 0; ErrorAction = 'SilentlyContinue' }, @{ Apply = $true; MaxFailed = 1; MaxStuck = 60 },
                @{ Stuck = '0s'; MaxStuck = 0 }, @{ Uri = $other }, @{ Uri = 'postgresql://leops@127.0.0.1:1/leops' }) {
                $night = & (Join-Path $examples 'nightly-accept.ps1') -MinimumCoverage 60 @arguments 2>$null
                [pscustomobject]@{
                    Code   = $LASTEXITCODE
                    Totals = $night ? "$($night.Total) $($night.Changed) $($night.Skipped) $($night.Failed)" : ''
                    Items  = @($night.Items | Group-Object Outcome -NoElement | Sort-Object Name | ForEach-Object { "$($_.Name) $($_.Count)" }) -join ', '
                    Sent   = @(Get-HandoffPreparation -Status Sent -Connection sample).Count
                }
            }
            Invoke-TestSql "$restore drop function public.not_tonight() cascade;"

            $null = Connect-LeoDatabase -Name sample
            $archive = @{ Before = [DateTimeOffset]::UtcNow.AddDays(-20) }
            # A PowerShell that can be answered: no copy, and yes to whatever is asked after that.
            $executable = Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')
            $shell = (Test-Path -LiteralPath $executable) ? @($executable) : @('dotnet', (Join-Path $PSHOME 'pwsh.dll'))
            $asked = 'n', 'a', 'a' | & $shell[0] @($shell | Select-Object -Skip 1) -NoProfile -File (Join-Path $examples 'archive-rejected.ps1') -Before $archive.Before.ToString('o') -CopyTo ./none.jsonl -Confirm
            $unwanted = @(Get-HandoffPreparation -Status Rejected @archive).Count
            $rehearsal = & (Join-Path $examples 'archive-rejected.ps1') @archive -CopyTo ./copy.jsonl -WhatIf
            $archived = & (Join-Path $examples 'archive-rejected.ps1') @archive -CopyTo ./copy.jsonl
            [pscustomobject]@{
                Sent      = $sent
                Nights    = @($nights)
                Results   = @($results)
                Codes     = @($codes)
                Asked     = "$asked"
                Unwanted  = $unwanted
                Rehearsed = $rehearsal.Changed
                Archived  = $archived.Changed
                Lines     = @(Get-Content ./copy.jsonl).Count
                Rejected  = @(Get-HandoffPreparation -Status Rejected @archive).Count
            }
        }
    }

    AfterAll {
        # To renew the output blocks after a change: LEOPS_UPDATE_DOCS=1, then read the difference.
        if ($env:LEOPS_UPDATE_DOCS) {
            $root = Split-Path (Split-Path $PSScriptRoot)
            foreach ($page in $All | Where-Object { $null -ne $_.Expected } | ForEach-Object { $_.Page } | Sort-Object -Unique) {
                $printed = @{}
                $seen.Results | Where-Object Key -Like "$page#*" | ForEach-Object { $printed[$_.Key] = $_.Printed }
                Update-DocumentationOutput -Root $root -Page $page -Printed $printed
            }
        }
        foreach ($path in Get-ChildItem -LiteralPath $folder -Directory | ForEach-Object FullName) {
            if (Get-LeoSandbox -Path $path -ErrorAction Ignore) {
                Stop-LeoSandbox -Path $path -Remove -Confirm:$false
            }
        }
        Remove-Item -LiteralPath $folder -Recurse -Force
    }

    Context '<Name>' -ForEach $pages {
        It 'has blocks that run, and each output block stands behind one of them' {
            $Blocks.Count + $LeftOut | Should -BeGreaterThan 0
            if (-not $IsStory) {
                $Blocks | Should -Not -BeNullOrEmpty
                $LeftOut | Should -BeLessOrEqual 1
            }
            @($Blocks | Where-Object { $null -ne $_.Expected }).Count | Should -Be $Outputs
        }

        # Pester 6 refuses an empty -ForEach.
        if ($Blocks) {
            It '<Key> runs: <Line>' -ForEach $Blocks {
                $result = @($seen.Results | Where-Object Key -EQ $Key)
                $result.Count | Should -Be 1
                $result[0].Failures -join "`n" | Should -BeNullOrEmpty
            }

            $compared = @($Blocks | Where-Object { $null -ne $_.Expected })
            if ($compared) {
                It '<Key> prints what the page shows' -ForEach $compared {
                    $printed = @($seen.Results | Where-Object Key -EQ $Key)[0].Printed
                    ConvertTo-ComparableOutput $printed | Should -BeExactly (ConvertTo-ComparableOutput $Expected)
                }
            }
        }
    }

    Context 'Runbook scripts' {
        It 'report what is stuck with exit codes: healthy, breached, not to be checked' {
            $seen.Codes | Should -Be 0, 1, 2
        }

        It 'accept at night what is not too thin: a dry run, in earnest, what is left; then healthy, breached, without a table, without a server' {
            $n = $seen.Sent
            $n | Should -BeGreaterThan 4
            $seen.Nights.Code | Should -Be 0, 1, 0, 1, 2, 2
            $seen.Nights.Totals | Should -Be "$n 0 1 0", "$n $($n - 2) 1 1", '2 0 1 1', '2 0 1 0', '', ''
            $seen.Nights[0].Items | Should -Be "Skipped 1, WouldChange $($n - 1)"
            $seen.Nights[1].Items | Should -Be "Changed $($n - 2), Failed 1, Skipped 1"
            $seen.Nights.Sent | Should -Be $n, 2, 2, 2, 2, 2
        }

        It 'archive rejected handoffs: a rehearsal moves none, the copy has what was moved' {
            $seen.Rehearsed | Should -Be 0
            $seen.Archived | Should -BeGreaterThan 0
            $seen.Lines | Should -Be $seen.Archived
            $seen.Rejected | Should -Be 0
        }

        It 'archive none without a copy that -Confirm asked for and nobody wanted' {
            $seen.Asked | Should -BeLike '*Copy*handoffs*'
            $seen.Unwanted | Should -Be $seen.Archived
        }
    }
}
