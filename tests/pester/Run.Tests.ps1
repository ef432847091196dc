# What a run leaves when it is killed in the middle: no server, no pooler, no process, no shared memory, no folder, no entry in the list of sandboxes.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    Import-LeoModule

    function Get-ProcessId([string] $Pattern) {
        Get-Process | Where-Object { try { $_.CommandLine -like $Pattern } catch { $false } } | ForEach-Object Id
    }

    # An ended process keeps its number until its parent has asked for its result.
    function Test-Alive([int] $Id) {
        if ($IsLinux) { return [bool]((Get-Content -LiteralPath "/proc/$Id/stat" -ErrorAction Ignore) -match '\) [^ZX] ') }
        [bool](Get-Process -Id $Id -ErrorAction Ignore)
    }

    function Wait-Until([scriptblock] $Condition, [string] $What, [int] $Seconds = 120) {
        $deadline = [datetime]::UtcNow.AddSeconds($Seconds)
        while (-not (& $Condition)) {
            if ([datetime]::UtcNow -gt $deadline) { throw "After $Seconds s still not: $What" }
            Start-Sleep -Milliseconds 100
        }
    }

    # Begins a run of the suite whose one test starts a server, a pooler and a process, and hangs.
    function Start-HangingRun {
        $folder = New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid().ToString('n')))
        Set-Content -LiteralPath "$folder/Hang.Tests.ps1" -Value @"
Describe 'A test' {
    It 'hangs' {
        . '$PSScriptRoot/_shared.ps1'
        . '$PSScriptRoot/_pooler.ps1'
        . '$PSScriptRoot/_processes.ps1'
        Import-LeoModule
        `$server = Start-TestServer
        `$pooler = if (-not (Get-NoPoolerReason)) { Start-TestPooler }
        `$helper = Start-TestProcess 'Start-Sleep 600'
        Invoke-TestSql 'create table t as select 1'
        @{ Run = `$env:LEOPS_RUN_FOLDER; Server = `$server.Sandbox.ProcessId; PoolerPort = `$pooler.Port; Helper = `$helper.Id; Me = `$PID } |
            ConvertTo-Json | Set-Content -LiteralPath '$folder/writing'
        Move-Item -LiteralPath '$folder/writing' -Destination '$folder/ready'
        Start-Sleep 600
    }
}
"@
        $executable = Join-Path $PSHOME 'pwsh'
        $shell = (Test-Path -LiteralPath $executable) ? @($executable) : @('dotnet', (Join-Path $PSHOME 'pwsh.dll'))
        $suite = Convert-Path -LiteralPath "$PSScriptRoot/../../tools/Invoke-PesterSuite.ps1"
        $start = [Diagnostics.ProcessStartInfo]::new('/bin/sh')
        $arguments = @('-c', "exec `"`$@`" >'$folder/said' 2>&1", 'sh') + $shell +
            @('-NoLogo', '-NoProfile', '-NonInteractive', '-File', $suite, '-Path', $folder, '-ModulePath', $LeoModulePath, '-ResultPath', "$folder/result.json",
                '-PesterPath', (Join-Path (Get-Module Pester).ModuleBase 'Pester.psd1'), '-Plain')
        foreach ($argument in $arguments) { $start.ArgumentList.Add($argument) }
        # A run of its own, not a part of this one.
        foreach ($name in 'LEOPS_RUN_FOLDER', 'LEOPS_TEST_SANDBOX') { $null = $start.Environment.Remove($name) }
        $process = [Diagnostics.Process]::Start($start)
        try {
            Wait-Until { (Test-Path "$folder/ready") -or $process.HasExited } 'the test hangs'
            if ($process.HasExited) { throw "The run ended: $(Get-Content -LiteralPath "$folder/said" -Raw)" }
        }
        catch {
            if (-not $process.HasExited) { $process.Kill($true) }
            throw
        }
        $run = Get-Content -LiteralPath "$folder/ready" -Raw | ConvertFrom-Json -AsHashtable
        $run.Shell = $process
        $run.SharedMemory = if ($IsLinux) {
            @((Get-Content -LiteralPath "/proc/$($run.Server)/maps") -match '/dev/shm/' | ForEach-Object { ($_ -split '\s+', 6)[5] } | Select-Object -Unique)
        }
        $run
    }

    function Get-SystemMemory([int] $Creator) {
        if ($IsLinux) { Get-Content -LiteralPath /proc/sysvipc/shm | Where-Object { ($_.Trim() -split '\s+')[4] -eq "$Creator" } }
    }
}

Describe 'A run that is killed by SIG<Signal> in the middle' -ForEach @(@{ Signal = 'INT' }, @{ Signal = 'TERM' }, @{ Signal = 'KILL' }) {
    It 'leaves nothing' {
        if ($IsWindows) { Set-ItResult -Skipped -Because 'Windows has no signals'; return }
        $run = Start-HangingRun
        try {
            # There is something to be left.
            foreach ($id in $run.Server, $run.Helper, $run.Me) { Test-Alive $id | Should -BeTrue }
            Test-Path -LiteralPath $run.Run | Should -BeTrue
            (Get-LeoSandbox -Path "$($run.Run)/pester-$($run.Me)").Running | Should -BeTrue
            if ($IsLinux) {
                Get-SystemMemory $run.Server | Should -Not -BeNullOrEmpty
                $run.SharedMemory | Should -Not -BeNullOrEmpty
            }

            # Ctrl+C on a terminal goes to all of them, the shell that waits for the end included; a kill to one process.
            $waiting = @(Get-ProcessId "*end-run.sh*$($run.Run)*")
            $waiting | Should -HaveCount 1
            foreach ($id in @($Signal -eq 'INT' ? $waiting + $run.Helper : @()) + $run.Me) { sh -c "kill -$Signal $id" }
            $LASTEXITCODE | Should -Be 0
            Wait-Until { -not (Test-Path -LiteralPath $run.Run) } "$($run.Run) is gone" 60
            $run.Shell.WaitForExit(10000) | Should -BeTrue

            foreach ($name in 'Server', 'Helper', 'Me') { Test-Alive $run[$name] | Should -BeFalse -Because $name }
            Get-ProcessId "*$($run.Run)*" | Should -BeNullOrEmpty
            if ($run.PoolerPort) {
                { [Net.Sockets.TcpClient]::new('127.0.0.1', $run.PoolerPort).Dispose() } | Should -Throw '*refused*'
            }
            Get-SystemMemory $run.Server | Should -BeNullOrEmpty
            foreach ($file in $run.SharedMemory) { Test-Path -LiteralPath $file | Should -BeFalse -Because $file }
            Get-ChildItem -Path (Join-Path (Get-SandboxList) '*.path') -ErrorAction Ignore |
                Where-Object { (Get-Content -LiteralPath $_ -Raw) -like "$($run.Run)*" } | Should -BeNullOrEmpty
        }
        finally {
            # Where the test failed.
            if (-not $run.Shell.HasExited) { $run.Shell.Kill() }
            $run.Shell.Dispose()
        }
    }
}

Describe 'A demo that is killed in the middle' {
    It 'leaves no server' {
        if ($IsWindows) { Set-ItResult -Skipped -Because 'Windows has no signals'; return }
        $root = Convert-Path -LiteralPath "$PSScriptRoot/../.."
        # As root the server runs as another user, who must be able to enter.
        $folder = Join-Path ([IO.Path]::GetTempPath()) "leops-demo-$([guid]::NewGuid().ToString('n').Substring(0, 8))"
        $script = Join-Path $TestDrive 'demo.ps1'
        Set-Content -LiteralPath $script -Value ". '$root/tools/TestRun.ps1'; Start-Run; & '$root/examples/demo.ps1' -Path '$folder'"
        $executable = Join-Path $PSHOME 'pwsh'
        $shell = (Test-Path -LiteralPath $executable) ? @($executable) : @('dotnet', (Join-Path $PSHOME 'pwsh.dll'))
        $start = [Diagnostics.ProcessStartInfo]::new($shell[0], [string[]](@($shell | Select-Object -Skip 1) + '-NoLogo', '-NoProfile', '-File', $script))
        $start.RedirectStandardOutput = $true
        foreach ($name in 'LEOPS_RUN_FOLDER', 'LEOPS_TEST_SANDBOX') { $null = $start.Environment.Remove($name) }
        $demo = [Diagnostics.Process]::Start($start)
        try {
            $null = $demo.StandardOutput.ReadToEndAsync()
            $file = "$folder/data/postmaster.pid"
            Wait-Until { (Test-Path -LiteralPath $file) -or $demo.HasExited } 'the demo starts a server'
            $server = [int](Get-Content -LiteralPath $file -TotalCount 1)
            Test-Alive $server | Should -BeTrue
            $demo.Kill()
            Wait-Until { -not (Test-Alive $server) } 'the server of the demo ends' 60
        }
        finally {
            if (-not $demo.HasExited) { $demo.Kill() }
            $demo.Dispose()
            Stop-LeoSandbox -Path $folder -Remove -Confirm:$false -ErrorAction Ignore
        }
    }
}
