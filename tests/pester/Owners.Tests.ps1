# Processes that own runs, and restarts of their server: who lives is never taken for gone. What one process can see of it is tested in tests/postgres.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_executions.ps1"
    . "$PSScriptRoot/_processes.ps1"
    Import-LeoModule
    $slow = $env:LEOPS_SLOW_TESTS -eq '1'

    function Restart-Server([string] $Mode) {
        <#
        .SYNOPSIS
            Restarts the server with pg_ctl; returns, with the time, when it takes sessions again.
        #>
        $as = @(Get-TestServerUser)
        # What pg_ctl inherits the server keeps open.
        & sh -c 'cd "$0" && "$@" >/dev/null 2>&1 </dev/null' $server.Path @as (Join-Path $server.Sandbox.BinaryPath 'pg_ctl') restart -D data -l log/server.log -s -w -t 60 -m $Mode
        $LASTEXITCODE | Should -Be 0
        [datetime]::UtcNow
        # Their sessions went with the server.
        Reset-TestConnection
    }

    function Get-OwnOutput([int] $Me) { "[`"run by $($processes[$Me - 1].Id)`"]" }

    function Get-RunEnd([string[]] $Id) {
        Invoke-TestSql "select concat_ws(' ', e.status, e.output_state, e.error_message) from unnest('{$($Id -join ',')}'::uuid[]) with ordinality k(id, ord) join crewai_flow_executions e using (id) order by k.ord"
    }

    function Get-Found { Get-Look | ForEach-Object { $_.Found } }

    function Get-Look {
        <#
        .SYNOPSIS
            The looks that the reaper has told of so far: At, when it began, Failure, what it ended with, and Found, the ids of what it stopped.
        #>
        while ($told.Next.IsCompleted -and $null -ne ($line = $told.Next.Result)) {
            $at, $failure, $found = $line -split ';'
            $told.Looks.Add([pscustomobject]@{ At = [datetime]::new([long]$at, 'Utc'); Failure = $failure; Found = @($found -split ',' -ne '') })
            $told.Next = $reaper.StandardOutput.ReadLineAsync()
        }
        $told.Looks
    }

    function Wait-Reaper([datetime] $From, [int] $Count) {
        <#
        .SYNOPSIS
            Waits until the reaper has looked so many times from a moment on.
        #>
        $deadline = [datetime]::UtcNow.AddSeconds(60)
        while (@(Get-Look | Where-Object { $_.At -ge $From -and -not $_.Failure }).Count -lt $Count) {
            if ([datetime]::UtcNow -gt $deadline) { throw "The reaper has looked no more: $(Get-Look | Select-Object -Last 5)" }
            Start-Sleep -Milliseconds 100
        }
    }
}

Describe 'Twenty processes that own a run each' {
    BeforeAll {
        if (-not $slow -or $IsWindows) { return }
        $folder = Join-Path $TestDrive 'told'
        $null = New-Item -ItemType Directory -Path $folder
        # A server of its own, since it is restarted; what is committed is kept under an immediate shutdown, unlike on the one that the files share.
        $sharedPath = $env:LEOPS_TEST_SANDBOX
        $env:LEOPS_TEST_SANDBOX = Join-Path ([IO.Path]::GetTempPath()) "leops-owners-$([guid]::NewGuid().ToString('n').Substring(0, 8))"
        $null = Start-LeoSandbox -Path $env:LEOPS_TEST_SANDBOX -NoConnect -Configuration 'fsync = off', 'full_page_writes = off', 'max_connections = 200'
        $server = Start-TestServer
        Reset-RunData
        # Those with even numbers take their runs from a queue, the others run blocks.
        $owner = @'
$folder, $me = $args[0], [int]$args[1]
function Wait-End($Id) {
    Set-Content -LiteralPath "$folder/writing-$me" -Value $Id
    Move-Item -LiteralPath "$folder/writing-$me" -Destination "$folder/owns-$round-$me"
    while (-not (Test-Path -LiteralPath "$folder/end-$round")) { Start-Sleep -Milliseconds 50 }
}
foreach ($round in 1..3) {
    if ($me % 2) {
        Invoke-FlowExecution weekly-1 -InputState @{ round = $round } {
            param($run)
            Wait-End $run.Id
            "run by $PID"
        } | Out-Null
    }
    else {
        $run = Start-FlowExecution -Next
        Wait-End $run.Id
        $run | Complete-FlowExecution -OutputState "[""run by $PID""]" | Out-Null
    }
}
"$($Error.Count) $Error"
'@
        $reaping = @'
$folder = $args[0]
while (-not (Test-Path -LiteralPath "$folder/end-3")) {
    $at = [datetime]::UtcNow.Ticks
    $failure = ''
    $found = @()
    try { $found = @(Stop-FlowExecution -Orphaned -AsTimeout -ErrorAction Stop) } catch { $failure = ($_.FullyQualifiedErrorId -split ',')[0] }
    "$at;$failure;$($found.Id -join ',')"
    Start-Sleep -Milliseconds 20
}
'@
        $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-owners'
        $null = 1..30 | ForEach-Object { [pscustomobject]@{ FlowKey = 'weekly-2'; InputState = '{"round": 0}' } } | New-FlowExecution
        $processes = @(foreach ($me in 1..20) { Start-TestProcess $owner -Argument $folder, $me })
        $reaper = Start-TestProcess $reaping -Argument $folder
        $told = @{ Looks = [Collections.Generic.List[object]]::new(); Next = $reaper.StandardOutput.ReadLineAsync() }
        $said = foreach ($process in $processes) { $process.StandardOutput.ReadToEndAsync() }
    }

    BeforeEach {
        if (-not $slow) { Set-ItResult -Skipped -Because 'twenty processes and two restarts take a minute; set LEOPS_SLOW_TESTS=1 to run it' }
        elseif ($IsWindows) { Set-ItResult -Skipped -Because 'it restarts its server as its user, which is done on Unix only' }
    }

    AfterAll {
        if (-not $slow -or $IsWindows) { return }
        Stop-TestProcess (@($processes) + $reaper)
        Disconnect-LeoDatabase $connection
        Stop-LeoSandbox -Path $env:LEOPS_TEST_SANDBOX -Remove
        $env:LEOPS_TEST_SANDBOX = $sharedPath
    }

    It 'keep and end them through a restart of the server, under a reaper that never rests: <Mode>' -ForEach @(
        @{ Mode = 'fast'; Round = 1 }
        @{ Mode = 'immediate'; Round = 2 }
    ) {
        Wait-TestFile $folder "owns-$Round-*" 20
        Wait-Reaper ([datetime]::UtcNow) 2
        $up = Restart-Server $Mode
        while ([int](Invoke-TestSql "select count(*) from pg_locks where locktype = 'advisory'") -lt 20) {
            [datetime]::UtcNow - $up | Should -BeLessThan ([timespan]::FromSeconds(10))
            Start-Sleep -Milliseconds 20
        }
        $back = [int]([datetime]::UtcNow - $up).TotalMilliseconds
        # Until the grace is over, in which nobody is taken for gone, and somewhat longer.
        Wait-Reaper $up.AddSeconds(11) 3
        $ids = 1..20 | ForEach-Object { Get-Content -LiteralPath "$folder/owns-$Round-$_" }
        Set-Content -LiteralPath "$folder/end-$Round" -Value ''
        Wait-TestFile $folder "owns-$($Round + 1)-*" 20

        $looks = @(Get-Look)
        Get-Found | Should -BeNullOrEmpty
        foreach ($failure in $looks.Failure -ne '') { $failure | Should -BeIn 'ConnectionFailed', 'ConnectionLost' }
        Get-RunEnd $ids | Should -Be (1..20 | ForEach-Object { "completed $(Get-OwnOutput $_)" })
        Write-Host "    ${Mode}: all locks back after $back ms; the reaper looked $($looks.Count) times, $(@($looks | Where-Object Failure).Count) of them without a server"
    }

    It 'leave those of three that are killed as the only orphans' {
        $ids = 1..20 | ForEach-Object { Get-Content -LiteralPath "$folder/owns-3-$_" }
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $dead = 4, 7, 16
        foreach ($me in $dead) { $processes[$me - 1].Kill() }
        while (@(Get-Found).Count -lt 3) {
            $watch.ElapsedMilliseconds | Should -BeLessThan 10000
            Start-Sleep -Milliseconds 20
        }
        $after = $watch.ElapsedMilliseconds
        Wait-Reaper ([datetime]::UtcNow) 3
        Set-Content -LiteralPath "$folder/end-3" -Value ''
        foreach ($me in 1..20) {
            $text = $said[$me - 1].Result.Trim()
            $text | Should -Be ($me -in $dead ? '' : '0')
        }
        Get-Found | Sort-Object | Should -Be ($dead | ForEach-Object { $ids[$_ - 1] } | Sort-Object)
        Get-RunEnd $ids | Should -Be (1..20 | ForEach-Object {
            $_ -in $dead ? "timeout The owner of the run, process $($processes[$_ - 1].Id) on $([Environment]::MachineName), is gone (Lock)." : "completed $(Get-OwnOutput $_)"
        })
        Get-RunCount | Should -Be 'completed 57, timeout 3'
        Write-Host "    found 3 of 20 after $after ms"
    }
}
