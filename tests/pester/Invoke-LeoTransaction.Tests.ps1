# Invoke-LeoTransaction: what lasts, what is taken back, who takes part, and what is left on the server.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-transaction'

    # Sessions of this module that are in a transaction at this moment.
    function Get-OpenTransaction {
        [int](Invoke-TestSql "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
            and application_name like 'LeoPS/%' and xact_start is not null")
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Invoke-LeoTransaction' -Tag Core {
    BeforeEach {
        Reset-TestData -Count 5
    }

    It 'commits what the block did as one, and only then puts out' {
        $seen = [Collections.Generic.List[string]]::new()
        $out = @(Invoke-LeoTransaction {
                Get-TestId 1 | Set-HandoffStatus Sent
                # Behind the module's back nothing is there yet.
                $seen.Add((Get-TestCount))
                Get-TestId 2 | Set-HandoffStatus Sent
            } | ForEach-Object {
                $seen.Add((Get-TestCount))
                $_
            })
        $out.Status | Should -Be 'Sent', 'Sent'
        $seen | Should -Be 'ready 5', 'ready 3, sent 2', 'ready 3, sent 2'
        # One transaction has one time.
        Invoke-TestSql "select count(distinct sent_at) from public.exec_handoff_preparations where handoff_status = 'sent'" | Should -Be 1
    }

    It 'sees inside what it did before, in pipelines of several cmdlets and in pages' {
        $out = Invoke-LeoTransaction {
            Get-HandoffPreparation -Status Ready -PageSize 2 | Set-HandoffStatus Sent -BatchSize 2 | Set-HandoffStatus Accepted -BatchSize 1
            (Get-HandoffPreparation -Status Accepted).Count
        }
        $out.Count | Should -Be 6
        $out[5] | Should -Be 5
        Get-TestCount | Should -Be 'accepted 5'
    }

    It 'takes everything back where a row failed, after each row''s own error' {
        $outcome = Get-Outcome {
            Invoke-LeoTransaction {
                Get-TestId 1 | Set-HandoffStatus Sent
                (Get-TestId 2), [guid]::NewGuid(), 'nonsense' | Set-HandoffStatus Accepted
                Get-TestId 3 | Set-HandoffStatus Sent
            }
        }
        $outcome.Out | Should -BeNullOrEmpty
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidTransition', 'NotFound', 'InvalidIdentity'
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'BatchRolledBack,*'
        $outcome.Ended.Exception.Message | Should -BeLike '*3 rows failed*'
        Get-TestCount | Should -Be 'ready 5'
        Get-OpenTransaction | Should -Be 0
    }

    It 'counts the rows that failed quietly, too' {
        { Invoke-LeoTransaction { Get-TestId 1 | Set-HandoffStatus Sent; [guid]::NewGuid() | Set-HandoffStatus Sent -ErrorAction Ignore } } |
            Should -Throw -ErrorId 'BatchRolledBack,*'
        Get-TestCount | Should -Be 'ready 5'
    }

    It 'keeps the rows that did not fail with -ErrorAction <_>' -ForEach 'Continue', 'SilentlyContinue' {
        $outcome = Get-Outcome { Invoke-LeoTransaction -ErrorAction $_ { (Get-TestId 1), [guid]::NewGuid(), (Get-TestId 2) | Set-HandoffStatus Sent } }
        $outcome.Ended | Should -BeNullOrEmpty
        $outcome.Out.Count | Should -Be 2
        Get-TestCount | Should -Be 'ready 3, sent 2'
    }

    It 'takes everything back where the block throws, and passes the error on as it was' {
        $outcome = Get-Outcome { Invoke-LeoTransaction -ErrorAction Continue { Get-TestId 1 | Set-HandoffStatus Sent; throw [FormatException] 'in the block' } }
        $outcome.Ended.Exception | Should -BeOfType ([FormatException])
        Get-TestCount | Should -Be 'ready 5'
        Get-OpenTransaction | Should -Be 0
    }

    It 'takes everything back where <_> leaves the block, and warns of it, which no error does' -ForEach 'break', 'continue' {
        $block = [scriptblock]::Create("`$null = Get-TestId 1 | Set-HandoffStatus Sent; $_")
        foreach ($once in 1) {
            Invoke-LeoTransaction $block -WarningVariable warned -WarningAction SilentlyContinue
        }
        $warned | Should -BeLike '*left by break, continue or exit*rolled back*'
        Get-TestCount | Should -Be 'ready 5'
        # The way to leave it early.
        Invoke-LeoTransaction { $null = Get-TestId 1 | Set-HandoffStatus Sent; return }
        Get-TestCount | Should -Be 'ready 4, sent 1'
    }

    It 'keeps the transaction usable behind a row that the database refuses, and behind a reading that is given up' {
        Invoke-TestSql "create function public.refuse_one() returns trigger language plpgsql as `$f`$ begin
                if new.id = md5('h2')::uuid then raise exception using errcode = '23514', message = 'not this one'; end if; return new; end `$f`$;
            create trigger refuse_one before update on public.exec_handoff_preparations for each row execute function public.refuse_one();"
        try {
            $outcome = Get-Outcome {
                Invoke-LeoTransaction -ErrorAction Continue {
                    Get-HandoffPreparation -PageSize 2 | Select-Object -First 1 | Out-Null
                    Get-HandoffPreparation | Set-HandoffStatus Sent
                    'went on'
                }
            }
            $outcome.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
            $outcome.Out[-1] | Should -Be 'went on'
            Get-TestCount | Should -Be 'ready 1, sent 4'
        }
        finally {
            Invoke-TestSql 'drop trigger refuse_one on public.exec_handoff_preparations; drop function public.refuse_one()'
        }
    }

    It 'lets an -Atomic change fail inside, and keeps the rest with -ErrorAction Continue' {
        $outcome = Get-Outcome {
            Invoke-LeoTransaction -ErrorAction Continue {
                (Get-TestId 1), (Get-TestId 2) | Set-HandoffStatus Sent -Atomic
                (Get-TestId 3), [guid]::NewGuid() | Set-HandoffStatus Sent -Atomic
            }
        }
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound', 'BatchRolledBack'
        Get-TestCount | Should -Be 'ready 3, sent 2'
    }

    It 'runs the block in the caller''s scope, and leaves the caller''s own variables alone' {
        function Test-Scope {
            $found = 1
            Invoke-LeoTransaction { $found = 2; $new = 3 }
            "$found $new $($args -join ',')"
        }
        Test-Scope a b | Should -Be '2 3 a,b'
    }

    It 'changes nothing and does not run the block with -WhatIf' {
        Invoke-LeoTransaction -WhatIf { Get-TestId 1 | Set-HandoffStatus Sent; throw 'it ran' } | Should -BeNullOrEmpty
        Get-TestCount | Should -Be 'ready 5'
    }

    It 'refuses another one inside, and the next call works outside again' {
        { Invoke-LeoTransaction { Get-TestId 1 | Set-HandoffStatus Sent; Invoke-LeoTransaction { 1 } } } | Should -Throw '*one Invoke-LeoTransaction*'
        Get-TestCount | Should -Be 'ready 5'
        $null = Get-TestId 1 | Set-HandoffStatus Sent
        Get-TestCount | Should -Be 'ready 4, sent 1'
    }

    It 'is nothing to another connection, nor to another runspace' {
        $other = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-outside'
        try {
            $null = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-transaction'
            $inside = Invoke-LeoTransaction {
                $null = Get-TestId 1 | Set-HandoffStatus Sent
                (Get-HandoffPreparation -Status Sent -Connection pester-outside | Measure-Object).Count
                1 | ForEach-Object -Parallel {
                    Import-Module $using:LeoManifest
                    (Get-HandoffPreparation -Status Sent -Connection pester-transaction | Measure-Object).Count
                }
                (Get-HandoffPreparation -Status Sent | Measure-Object).Count
            }
            $inside | Should -Be 0, 0, 1
        }
        finally {
            Disconnect-LeoDatabase $other
            $script:connection = Get-LeoConnection | Where-Object Name -EQ 'pester-transaction'
        }
    }

    It 'ends with the pipeline: a Select-Object -First behind it loses nothing, a stop takes it back' {
        Invoke-LeoTransaction { Get-TestId 1 | Set-HandoffStatus Sent; Get-TestId 2 | Set-HandoffStatus Sent } | Select-Object -First 1 | Should -Not -BeNullOrEmpty
        Get-TestCount | Should -Be 'ready 3, sent 2'
        $shell = [PowerShell]::Create()
        try {
            $null = $shell.AddScript({
                    param($manifest, $uri, $id)
                    Import-Module $manifest
                    $null = Connect-LeoDatabase -Uri $uri
                    Invoke-LeoTransaction { $id | Set-HandoffStatus Sent; Start-Sleep -Seconds 60 }
                }).AddArgument($LeoManifest).AddArgument($server.Uri).AddArgument((Get-TestId 3))
            $null = $shell.BeginInvoke()
            $patience = [DateTime]::UtcNow.AddSeconds(60)
            # Idle in its transaction: its connect, too, has open transactions for a moment.
            $idle = { (Invoke-TestSql "select count(*) from pg_stat_activity where application_name like 'LeoPS/%' and state = 'idle in transaction'") -gt 0 }
            while (-not (& $idle) -and [DateTime]::UtcNow -lt $patience) { Start-Sleep -Milliseconds 50 }
            Get-OpenTransaction | Should -Be 1
            $shell.Stop()
            Get-OpenTransaction | Should -Be 0
            Get-TestCount | Should -Be 'ready 3, sent 2'
        }
        finally {
            $shell.Dispose()
        }
    }
}
