# Invoke-FlowExecution: how the block runs, what is recorded of each way in which it can end, and what its caller sees.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-invoke'

    function Get-LastRun {
        # Of several of one moment the key with the higher number is the later one.
        Get-FlowExecution -OrderBy StartedAt -Descending -First 1
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'A block that comes to its end' {
    BeforeEach {
        Reset-RunData
    }

    It 'is a run, and its output is the output state: an array, whatever it wrote' {
        $out = Invoke-FlowExecution weekly-1 -InputState @{ n = 6 } { param($run) $run.InputState.n * 7; 'text "quoted"'; @{ a = 1 }; $null; , @(1, 2) }
        $out[0], $out[1], $out[2].a, $out[3] | Should -Be 42, 'text "quoted"', 1, $null
        $run = Get-LastRun
        $run.Status, $run.FlowKey, $run.InputState.n, $run.ErrorMessage | Should -Be 'Completed', 'weekly-1', 6, $null
        $run.OutputState.ToString() | Should -Be '[42, "text \"quoted\"", {"a": 1}, null, [1, 2]]'
        $run.DurationMs | Should -BeGreaterOrEqual 0
        Get-FlowCount 1 | Should -Be 1
        Invoke-FlowExecution weekly-1 { } | Should -BeNullOrEmpty
        (Get-LastRun).OutputState.ToString() | Should -Be '[]'
    }

    It 'runs in the scope of its caller, and sees what that sees' {
        $seen = 'before'
        function local:Get-Own { 'own' }
        $id = Invoke-FlowExecution -FlowKey weekly-1 { param($run) $seen = Get-Own; $run.Id }
        $seen | Should -Be 'own'
        $id | Should -Be (Get-LastRun).Id
    }

    It 'passes output through as it comes' {
        $status = Invoke-FlowExecution weekly-1 { param($run) $run.Id; $script:later = 'done' } | ForEach-Object { $script:later = 'not yet'; "$((Get-FlowExecution -Id $_).Status) $script:later" }
        $status | Should -Be 'Running not yet'
        $script:later | Should -Be 'done'
    }

    It 'takes tokens, cost and metadata from the block, and keeps what was there' {
        Invoke-FlowExecution weekly-1 -Metadata @{ ticket = 4711; note = 'old' } -ExecutionMode Scheduled -ExecutionKey INVOKED {
            param($run)
            $run.TokenCount = 100
            $run.TokenCount += 50
            $run.CostUsd = 0.0045
            $run.Metadata.note = 'new'
            $run.Metadata.model = 'm-1'
        }
        $run = Get-LastRun
        $run.TokenCount, $run.CostUsd, $run.ExecutionKey, $run.ExecutionMode | Should -Be 150, 0.0045, 'INVOKED', 'Scheduled'
        $run.Metadata.ticket, $run.Metadata.note, $run.Metadata.model | Should -Be 4711, 'new', 'm-1'
        $run.Metadata.leopsOwner.pid | Should -Be $PID
    }

    It 'lets errors, warnings and information leave through its own streams, and they are no output' {
        $ErrorActionPreference = 'Continue'
        $all = Invoke-FlowExecution weekly-1 { 1; Write-Error 'written' -ErrorId Mine -TargetObject 7; Write-Warning 'careful'; Write-Host 'hello'; 2 } -ErrorVariable errors -WarningVariable warnings -InformationVariable information 2>$null 3>$null 6>$null
        $all | Should -Be 1, 2
        $errors | Should -HaveCount 1
        $errors[0].FullyQualifiedErrorId, $errors[0].TargetObject, "$($errors[0])" | Should -Be 'Mine', 7, 'written'
        "$warnings", "$information" | Should -Be 'careful', 'hello'
        (Get-LastRun).OutputState.ToString() | Should -Be '[1, 2]'
    }

    It 'is owned while it runs, and by nobody after' {
        $locks = "select count(*) from pg_locks l where l.locktype = 'advisory' and (l.classid::bigint << 32) | l.objid::bigint = hashtextextended('{0}', $(0x4C656F5053))"
        $id, $while = Invoke-FlowExecution weekly-1 { param($run) $run.Id; Get-FlowExecution -Orphaned; Invoke-TestSql ($locks -f $run.Id) }
        $while | Should -Be 1
        for ($i = 0; (Invoke-TestSql ($locks -f $id)) -ne '0'; $i++) {
            if ($i -eq 100) { throw 'It was never given up.' }
            Start-Sleep -Milliseconds 20
        }
    }

    It 'is recorded although the server ended all sessions meanwhile' {
        Invoke-FlowExecution weekly-1 {
            'before'
            Invoke-TestSql "select count(pg_terminate_backend(pid)) > 1 from pg_stat_activity where application_name like 'LeoPS/%'"
        } | Should -Be 'before', 't'
        (Get-LastRun).Status | Should -Be 'Completed'
    }

    It 'may end its run by itself, and then nothing more is written' {
        Invoke-FlowExecution weekly-1 { param($run) $run.Execution | Complete-FlowExecution -OutputState @{ own = $true } | Out-Null; Start-Sleep -Milliseconds 400; 'on' } | Should -Be 'on'
        (Get-LastRun).OutputState.own | Should -BeTrue
    }

    It 'runs inside another one' {
        Invoke-FlowExecution weekly-1 { 'outer'; Invoke-FlowExecution weekly-2 { 'inner' } } | Should -Be 'outer', 'inner'
        (Get-FlowExecution -FlowKey weekly-1).OutputState.ToString() | Should -Be '["outer", "inner"]'
        (Get-FlowExecution -FlowKey weekly-2).OutputState.ToString() | Should -Be '["inner"]'
    }
}

Describe 'A block that does not come to its end' {
    BeforeEach {
        Reset-RunData
    }

    It 'by an error fails the run, with message, type and stack, and throws that very error' {
        $caught = $null
        try { Invoke-FlowExecution weekly-1 { 'before'; $ErrorActionPreference = 'Stop'; [int]::Parse('twelve') } | Out-Null } catch [FormatException] { $caught = $_ }
        $caught | Should -Not -BeNullOrEmpty
        $run = Get-LastRun
        $run.Status, $run.ErrorType, $run.ErrorMessage | Should -Be 'Failed', 'System.FormatException', "$caught"
        $run.ErrorStack | Should -Match 'Invoke-FlowExecution.Tests.ps1'
        $run.OutputState.ToString() | Should -Be '["before"]'
        { Invoke-FlowExecution weekly-1 { throw 'by hand' } } | Should -Throw 'by hand'
        (Get-LastRun).ErrorMessage | Should -Be 'by hand'
    }

    It 'by -ErrorAction Stop at an error that it wrote fails the run, too' {
        { Invoke-FlowExecution weekly-1 -ErrorAction Stop { 1; Write-Error 'written' -ErrorId Mine; $script:reached = $true } } | Should -Throw 'written' -ErrorId 'Mine*'
        $run = Get-LastRun
        $run.Status, $run.ErrorMessage, $run.OutputState.ToString() | Should -Be 'Failed', 'written', '[1]'
        Get-Variable reached -Scope Script -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'by a statement that fails does so as well, whatever the preference, and does not complete' {
        $ErrorActionPreference = 'Continue'
        $seen = Get-Outcome { Invoke-FlowExecution weekly-1 { 'before'; [int]::Parse('twelve'); 'behind' } }
        $seen.Out | Should -Be 'before'
        "$($seen.Ended)" | Should -Match 'twelve'
        $run = Get-LastRun
        $run.Status, $run.ErrorType, $run.OutputState.ToString() | Should -Be 'Failed', 'System.FormatException', '["before"]'
        foreach ($ErrorActionPreference in 'SilentlyContinue', 'Ignore') {
            # PowerShell passes over a throw then, and on to the caller's next statement; the run failed all the same.
            try { Invoke-FlowExecution weekly-1 { 'before'; throw 'unheard'; 'behind' } | Should -Be 'before' } catch { $_ | Should -Be 'unheard' }
            (Get-LastRun).Status | Should -Be 'Failed'
        }
        $ErrorActionPreference = 'Continue'
        # The block was never run, since it takes no argument.
        (Get-Outcome { Invoke-FlowExecution weekly-1 { [CmdletBinding()] param() 'run' } }).Ended | Get-ErrorName | Should -Be 'PositionalParameterNotFound'
        (Get-LastRun).Status | Should -Be 'Failed'
        Invoke-FlowExecution weekly-1 { trap { "trapped $_"; continue }; throw 'first'; Get-Item /not/there -ErrorAction SilentlyContinue; 'behind' } | Should -Be 'trapped first', 'behind'
    }

    It 'by -WarningAction or -InformationAction Stop fails the run with what was said' {
        (Get-Outcome { Invoke-FlowExecution weekly-1 -WarningAction Stop { 1; Write-Warning 'careful'; 2 } 3>$null }).Ended | Get-ErrorName | Should -Be 'ActionPreferenceStop'
        (Get-Outcome { Invoke-FlowExecution weekly-2 -InformationAction Stop { 1; Write-Information 'hello'; 2 } 6>$null }).Ended | Get-ErrorName | Should -Be 'ActionPreferenceStop'
        $runs = Get-FlowExecution -OrderBy StartedAt
        $runs.Status, $runs.ErrorMessage | ForEach-Object { $_ } | Should -Be 'Failed', 'Failed', 'careful', 'hello'
    }

    It 'because nobody wants more is cancelled, its finally runs and its catch does not' {
        $script:trace = @()
        Invoke-FlowExecution weekly-1 { try { 1; 2; 3 } catch { $script:trace += 'caught' } finally { 'unheard'; $script:trace += 'finally' } } | Select-Object -First 2 | Should -Be 1, 2
        $script:trace | Should -Be 'finally'
        $run = Get-LastRun
        $run.Status, $run.OutputState.ToString(), $run.ErrorMessage | Should -Be 'Cancelled', '[1, 2]', 'The pipeline wanted no more of the output.'
        { Invoke-FlowExecution weekly-1 { 1; 2 } | ForEach-Object { throw 'downstream' } } | Should -Throw 'downstream'
        (Get-LastRun).Status | Should -Be 'Cancelled'
    }

    It 'in time is stopped at its next statement, and times out' {
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $seen = Get-Outcome { Invoke-FlowExecution weekly-1 -Timeout 300ms { 'before'; while ($true) { $null = 1 } } }
        $watch.ElapsedMilliseconds | Should -BeLessThan 2500
        $seen.Out | Should -Be 'before'
        $seen.Ended | Get-ErrorName | Should -Be 'ExecutionTimedOut'
        $run = Get-LastRun
        $run.Status, $run.ErrorMessage, $run.OutputState.ToString() | Should -Be 'Timeout', 'The block ran longer than 300 ms.', '["before"]'
        # A call of .NET runs to its return; one that takes the token does not.
        $watch.Restart()
        (Get-Outcome { Invoke-FlowExecution weekly-1 -Timeout 300ms { param($run) [Threading.Tasks.Task]::Delay(20000, $run.Stopping).Wait() } }).Ended | Get-ErrorName | Should -Be 'ExecutionTimedOut'
        $watch.ElapsedMilliseconds | Should -BeLessThan 5000
        Invoke-FlowExecution weekly-1 -Timeout 1m { 'in time' } | Should -Be 'in time'
    }

    It 'in time, while somebody takes its output or it goes on writing, ends the block and not the script around it' {
        # In a job, since what this guards against would end this file as well.
        $job = Start-ThreadJob {
            Import-Module $using:LeoManifest
            function Get-End($Block) { try { & $Block } catch { ($_.FullyQualifiedErrorId -split ',')[0] } }
            Get-End { Invoke-FlowExecution weekly-1 -Connection pester-invoke -Timeout 200ms { 'a'; 'b' } | ForEach-Object { Start-Sleep -Milliseconds 500; "taken $_" } }
            Get-End { Invoke-FlowExecution weekly-1 -Connection pester-invoke -Timeout 200ms { [Threading.Thread]::Sleep(500); 'late' } | ForEach-Object { "taken $_" } }
            Get-End { Invoke-FlowExecution weekly-1 -Connection pester-invoke -Timeout 200ms { try { Start-Sleep 10 } finally { 'tidy'; Write-Error 'said at the end' } } 2>&1 | ForEach-Object { "taken $_" } }
            'the script goes on'
        }
        $out = $job | Receive-Job -Wait
        $out | Should -Be 'taken a', 'ExecutionTimedOut', 'taken late', 'ExecutionTimedOut', 'taken tidy', 'taken said at the end', 'ExecutionTimedOut', 'the script goes on'
        $job | Remove-Job -Force
        (Get-FlowExecution -Status Timeout -OrderBy StartedAt | ForEach-Object { $_.OutputState.ToString() }) | Should -Be '["a"]', '["late"]', '["tidy"]'
    }

    It 'because its run is stopped from elsewhere hears of it within a second, and its caller gets <Id>' -ForEach @(
        @{ Id = 'ExecutionCancelled'; Sql = "set status = 'cancelled', completed_at = now()"; Left = 'Cancelled' }
        @{ Id = 'ExecutionTimedOut'; Sql = "set status = 'timeout', completed_at = now()"; Left = 'Timeout' }
        @{ Id = 'ExecutionFailed'; Sql = "set status = 'failed', completed_at = now()"; Left = 'Failed' }
    ) {
        $script:at = $null
        $watch = [Diagnostics.Stopwatch]::new()
        $seen = Get-Outcome {
            Invoke-FlowExecution weekly-1 {
                param($run)
                Invoke-TestSql "update public.crewai_flow_executions $Sql where id = '$($run.Id)'"
                $watch.Start()
                try { while ($true) { Start-Sleep -Milliseconds 10 } } finally { $watch.Stop() }
            }
        }
        $seen.Ended | Get-ErrorName | Should -Be $Id
        $watch.ElapsedMilliseconds | Should -BeLessThan 1000
        $run = Get-LastRun
        $run.Status, $run.OutputState | Should -Be $Left, $null
    }

    It 'is stopped by Stop-FlowExecution of another runspace of this process' {
        $job = Start-ThreadJob { Import-Module $using:LeoManifest; Invoke-FlowExecution weekly-2 -Connection pester-invoke { 'begun'; Start-Sleep 60 } }
        for ($i = 0; -not ($running = Get-FlowExecution -FlowKey weekly-2 -Status Running); $i++) { if ($i -eq 200) { throw 'It never began.' }; Start-Sleep -Milliseconds 20 }
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $running | Stop-FlowExecution -Reason 'no longer needed' | Out-Null
        $job | Wait-Job -Timeout 10 | Out-Null
        $watch.ElapsedMilliseconds | Should -BeLessThan 1000
        $job | Receive-Job -ErrorAction SilentlyContinue -ErrorVariable ended | Should -Be 'begun'
        $ended[0] | Get-ErrorName | Should -Be 'ExecutionCancelled'
        (Get-LastRun).ErrorMessage | Should -Be 'no longer needed'
        $job | Remove-Job -Force
    }
}

Describe 'Attempts' {
    BeforeEach {
        Reset-RunData
    }

    It 'are runs of their own, each with the one before it, until one comes to its end' {
        $out = Invoke-FlowExecution weekly-1 -Retry 3 -Backoff 50ms -ExecutionKey TRY -Metadata @{ ticket = 1 } { param($run) "attempt $($run.Attempt)"; if ($run.Attempt -lt 3) { throw "no $($run.Attempt)" } } -WarningVariable warnings -WarningAction SilentlyContinue
        $out | Should -Be 'attempt 1', 'attempt 2', 'attempt 3'
        $warnings | Should -HaveCount 2
        $runs = Get-FlowExecution -OrderBy ExecutionKey
        $runs.ExecutionKey | Should -Be 'TRY', 'TRY-2', 'TRY-3'
        $runs.Status | Should -Be 'Failed', 'Failed', 'Completed'
        $runs[0].Metadata.ToString() | Should -Not -Match 'attempt|retryOf'
        $runs[1].Metadata.attempt, $runs[2].Metadata.attempt | Should -Be 2, 3
        $runs[1].Metadata.retryOf, $runs[2].Metadata.retryOf | Should -Be $runs[0].Id, $runs[1].Id
        $runs.Metadata.ticket | Should -Be 1, 1, 1
        ($runs[2].StartedAt - $runs[1].CompletedAt).TotalMilliseconds | Should -BeGreaterOrEqual 90
    }

    It 'that all fail throw the error of the last one; what took too long is tried again, what was cancelled is not' {
        $seen = Get-Outcome { Invoke-FlowExecution weekly-1 -Retry 1 { param($run) throw "no $($run.Attempt)" } 3>$null }
        "$($seen.Ended)" | Should -Be 'no 2'
        (Get-Outcome { Invoke-FlowExecution weekly-2 -Retry 1 -Timeout 100ms { Start-Sleep 10 } 3>$null }).Ended | Get-ErrorName | Should -Be 'ExecutionTimedOut'
        Invoke-FlowExecution weekly-3 -Retry 5 { 1; 2 } | Select-Object -First 1 | Out-Null
        Get-RunCount | Should -Be 'cancelled 1, failed 2, timeout 2'
    }
}

Describe 'Output that a run cannot keep' {
    BeforeEach {
        Reset-RunData
    }

    It 'is counted where it is too much, and passed through all the same' {
        $out = Invoke-FlowExecution weekly-1 -MaxOutput 1KB { 1..3 | ForEach-Object { 'ä' * 500 }; 'last' } -WarningVariable warnings -WarningAction SilentlyContinue
        $out | Should -HaveCount 4
        (Get-LastRun).OutputState.ToString() | Should -Be '{"bytes": 3017, "truncated": true}'
        $warnings | Should -Match '3,017 bytes and the run keeps 1,024'
        # More than any column holds: PowerShell's own words of it, and no talk of types.
        "$((Get-Outcome { Invoke-FlowExecution weekly-1 -MaxOutput 2GB { 1 } }).Ended)" | Should -Match '2147483648.*2147483647'
        Invoke-FlowExecution weekly-1 -MaxOutput 10 { 'abcdef' } | Out-Null
        (Get-LastRun).OutputState.ToString() | Should -Be '["abcdef"]'
    }

    It 'of fifty megabytes keeps the run from nothing' {
        Invoke-FlowExecution weekly-1 { $text = 'x' * 1MB; 1..50 | ForEach-Object { $text } } -WarningAction SilentlyContinue | Measure-Object Length -Sum | ForEach-Object Sum | Should -Be 50MB
        $run = Get-LastRun
        $run.Status, $run.OutputState.truncated | Should -Be 'Completed', $true
    }

    It 'is null where it cannot become JSON, each with an error, and the run ends' {
        $loop = @{}
        $loop.self = $loop
        $seen = Get-Outcome { Invoke-FlowExecution weekly-1 { 1; $loop; "a`0b"; [Threading.Thread]::CurrentThread; 2 } }
        $seen.Out | Should -HaveCount 5
        $seen.Errors | Get-ErrorName | Should -Be 'InvalidJson', 'InvalidJson', 'InvalidJson'
        "$($seen.Errors[1])" | Should -Match 'Item 3 of the output.*output\[2\]'
        $run = Get-LastRun
        $run.Status, $run.OutputState.ToString() | Should -Be 'Completed', '[1, null, null, null, 2]'
    }

    It 'and figures out of range are left out, each with an error' {
        $seen = Get-Outcome { Invoke-FlowExecution weekly-1 { param($run) $run.CostUsd = 5e9; $run.TokenCount = -1; $run.Metadata.bad = [Threading.Thread]::CurrentThread; 'out' } }
        $seen.Errors | Get-ErrorName | Should -Be 'InvalidJson', 'ValueOutOfRange', 'ValueOutOfRange'
        $run = Get-LastRun
        $run.Status, $run.CostUsd, $run.TokenCount, $run.OutputState.ToString() | Should -Be 'Completed', $null, $null, '["out"]'
    }
}

Describe 'What is refused before the block runs' {
    BeforeEach {
        Reset-RunData
        $script:ran = $false
    }

    It '<Name>' -ForEach @(
        @{ Name = 'a timeout of zero'; Id = 'ValueOutOfRange'; Call = { Invoke-FlowExecution weekly-1 -Timeout 0s { $script:ran = $true } } }
        @{ Name = 'a timeout without a unit'; Id = 'ParameterArgumentTransformationError'; Call = { Invoke-FlowExecution weekly-1 -Timeout 30 { $script:ran = $true } } }
        @{ Name = 'a key without room for the number of the last attempt'; Id = 'ValueOutOfRange'; Call = { Invoke-FlowExecution weekly-1 -Retry 1 -ExecutionKey ('k' * 99) { $script:ran = $true } } }
        @{ Name = 'a flow that is not there'; Id = 'FlowNotFound'; Call = { Invoke-FlowExecution nobody { $script:ran = $true } } }
        @{ Name = 'a flow that does not start'; Id = 'FlowNotRunnable'; Call = { Invoke-FlowExecution archived-flow { $script:ran = $true } } }
        @{ Name = 'a pattern for a flow'; Id = 'InvalidIdentity'; Call = { Invoke-FlowExecution weekly-* { $script:ran = $true } } }
        @{ Name = 'metadata that are no object'; Id = 'InvalidJson'; Call = { Invoke-FlowExecution weekly-1 -Metadata '[1]' { $script:ran = $true } } }
        @{ Name = 'an input that is no JSON'; Id = 'InvalidJson'; Call = { Invoke-FlowExecution weekly-1 -InputState '{' { $script:ran = $true } } }
        @{ Name = 'a transaction around it'; Id = 'DatabaseError'; Call = { Invoke-LeoTransaction { Invoke-FlowExecution weekly-1 { $script:ran = $true } } } }
    ) {
        (Get-Outcome $Call).Ended | Get-ErrorName | Should -Be $Id
        $script:ran | Should -BeFalse
        Get-RunCount | Should -BeNullOrEmpty
    }

    It 'a key that is taken' {
        Invoke-FlowExecution weekly-1 -ExecutionKey ONCE { 'first' } | Should -Be 'first'
        $ended = (Get-Outcome { Invoke-FlowExecution weekly-1 -ExecutionKey ONCE { $script:ran = $true } }).Ended
        $ended | Get-ErrorName | Should -Be 'DuplicateExecutionKey'
        # It has no -OnConflict that could be advised.
        "$ended" | Should -Match 'choose another key'
        $script:ran | Should -BeFalse
    }

    It 'a role that could start the run and never end it' {
        $user = [guid]::NewGuid()
        Invoke-TestSql "drop role if exists pester_invoker; create role pester_invoker login password 'only here' in role authenticated; alter role pester_invoker set request.jwt.claims = '{`"sub`": `"$user`"}'"
        $member = Connect-LeoDatabase -Uri "postgresql://pester_invoker:only%20here@127.0.0.1:$($server.Port)/leops" -Name pester-invoker
        try {
            (Get-Outcome { Invoke-FlowExecution weekly-1 -ExecutedBy $user -Connection $member { $script:ran = $true } }).Ended | Get-ErrorName | Should -Be 'Forbidden'
        }
        finally {
            Disconnect-LeoDatabase $member
            $null = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-invoke'
        }
        $script:ran | Should -BeFalse
        Get-RunCount | Should -BeNullOrEmpty
    }

    It 'and under -WhatIf all of it' {
        Invoke-FlowExecution weekly-1 -WhatIf { $script:ran = $true }
        (Get-Outcome { Invoke-FlowExecution archived-flow -WhatIf { $script:ran = $true } }).Ended | Get-ErrorName | Should -Be 'FlowNotRunnable'
        Invoke-FlowExecution archived-flow -Force { 'forced' } | Should -Be 'forced'
        $script:ran | Should -BeFalse
    }
}

Describe 'In other runspaces and processes' {
    BeforeEach {
        Reset-RunData
    }

    It 'runs in ForEach-Object -Parallel, many at once' {
        $out = 1..12 | ForEach-Object -ThrottleLimit 6 -Parallel {
            Import-Module $using:LeoManifest
            $n = $_
            Invoke-FlowExecution weekly-1 -Connection pester-invoke -InputState @{ n = $n } { param($run) $run.InputState.n * 10 }
        }
        $out | Sort-Object | Should -Be (1..12 | ForEach-Object { $_ * 10 })
        Get-RunCount | Should -Be 'completed 12'
        Get-FlowCount 1 | Should -Be 12
    }

    It 'runs in Start-ThreadJob, and stopping the job cancels the run' {
        $job = Start-ThreadJob { Import-Module $using:LeoManifest; Invoke-FlowExecution weekly-1 -Connection pester-invoke { 'begun'; Start-Sleep 60 } }
        for ($i = 0; -not (Get-FlowExecution -Status Running); $i++) { if ($i -eq 200) { throw 'It never began.' }; Start-Sleep -Milliseconds 20 }
        $job | Stop-Job
        for ($i = 0; Get-FlowExecution -Status Running; $i++) { if ($i -eq 100) { throw 'It was never ended.' }; Start-Sleep -Milliseconds 20 }
        $run = Get-LastRun
        $run.Status, $run.ErrorMessage | Should -Be 'Cancelled', 'The call was stopped.'
        $job | Remove-Job -Force
    }

    It 'is cancelled as a stopped call while somebody takes its output, too' {
        # Several: what takes the output is stopped first, and how long before the cmdlet, differs.
        $shells = foreach ($me in 1..6) { [powershell]::Create().AddScript("Import-Module '$LeoManifest'; Invoke-FlowExecution weekly-1 -Connection pester-invoke { 'begun' } | ForEach-Object { Set-Content -LiteralPath '$TestDrive/taken-$me' -Value taken; Start-Sleep 60 }") }
        $shells | ForEach-Object { $null = $_.BeginInvoke() }
        for ($i = 0; @(Get-ChildItem -Path "$TestDrive/taken-*").Count -lt 6; $i++) { if ($i -eq 500) { throw 'Not all were taken.' }; Start-Sleep -Milliseconds 20 }
        $shells | ForEach-Object { $_.Stop(); $_.Dispose() }
        Get-FlowExecution | Select-Object -ExpandProperty ErrorMessage -Unique | Should -Be 'The call was stopped.'
    }

    It 'runs in Start-Job' {
        $job = Start-Job { Import-Module $using:LeoManifest; $null = Connect-LeoDatabase ($using:server).Uri; Invoke-FlowExecution weekly-2 { param($run) "in $PID"; $run.TokenCount = 5 } }
        $out = $job | Receive-Job -Wait -AutoRemoveJob
        $out | Should -Match '^in \d+$'
        $run = Get-LastRun
        $run.Status, $run.TokenCount, $run.FlowKey | Should -Be 'Completed', 5, 'weekly-2'
        "in $($run.Metadata.leopsOwner.pid)" | Should -Be $out
    }
}
