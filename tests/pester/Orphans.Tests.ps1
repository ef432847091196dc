# Runs whose process is gone: a real process is killed, and who lives is left alone. What the server tells is tested in tests/postgres.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    . "$PSScriptRoot/_processes.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-orphans'

    function Start-Worker([int] $Count) {
        <#
        .SYNOPSIS
            A PowerShell of its own that claims so many runs and then works on them for ever.
        #>
        $process = Start-TestProcess "(Start-FlowExecution -Next -Count $Count).Count; Start-Sleep 600"
        $process.StandardOutput.ReadLine() | Should -Be $Count
        $process
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'A process that is killed in the midst of its runs' {
    BeforeAll {
        Reset-RunData -Runs 60 -Status pending
        $worker = Start-Worker 50
    }

    AfterAll {
        Stop-TestProcess $worker
    }

    It 'leaves all of them as orphans within two seconds, and no other' {
        # Beside it: runs that this process owns, one that nobody owns, however old it is, and what still waits.
        $own = Start-FlowExecution -Next -Count 5
        $bare = Start-FlowExecution weekly-1
        Invoke-TestSql "update public.crewai_flow_executions set started_at = now() - interval '60 days' where id = '$($bare.Id)'"
        Get-FlowExecution -Orphaned | Should -BeNullOrEmpty

        # SIGKILL: nothing of the process runs on.
        $worker.Kill()
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $worker.WaitForExit()
        $found = @(Get-FlowExecution -Orphaned)
        $elapsed = $watch.ElapsedMilliseconds
        Write-Host "    found $($found.Count) orphans after $elapsed ms"
        $found | Should -HaveCount 50
        $elapsed | Should -BeLessThan 2000
        $found.Metadata.leopsOwner.pid | Sort-Object -Unique | Should -Be $worker.Id
        $found.OrphanEvidence | Sort-Object -Unique | Should -Be 'Lock'
        $found.ExecutionKey | Sort-Object | Should -Be (11..60 | ForEach-Object { "RUN-$_" } | Sort-Object)
        $own | ForEach-Object { $_.OrphanEvidence | Should -BeNullOrEmpty }
    }

    It 'takes the other filters along, and its objects go on like any other' {
        (Get-FlowExecution -Orphaned -ExecutionKey RUN-1?).ExecutionKey | Sort-Object | Should -Be (11..19 | ForEach-Object { "RUN-$_" })
        $ended = Get-FlowExecution -Orphaned -ExecutionKey RUN-60 | Complete-FlowExecution -Status Failed -ErrorMessage 'its process was killed'
        $ended.Status | Should -Be 'Failed'
        @(Get-FlowExecution -Orphaned) | Should -HaveCount 49
    }

    It 'is cleared up by another, which stops no run that somebody works on' {
        $stopped = Stop-FlowExecution -Orphaned -AsTimeout
        $stopped | Should -HaveCount 49
        $stopped.ErrorMessage | Sort-Object -Unique | Should -Be "The owner of the run, process $($worker.Id) on $([Environment]::MachineName), is gone (Lock)."
        Get-RunCount | Should -Be 'failed 1, pending 5, running 6, timeout 49'
    }
}
