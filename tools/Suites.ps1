# The test task of build.ps1: which suites run, on which server, and their figures. build.ps1 dot-sources this file.

$resultsPath = Join-Path $out 'test-results'

function New-XunitSuite([string] $Name, [string] $Project, [string] $Filter) {
    <#
    .SYNOPSIS
        Describes the run of one xunit project that Invoke-Build has compiled.
    #>
    $file = Join-Path $resultsPath ($Name -replace '\W+', '-')
    $arguments = 'test', (Get-RepoPath $Project), '-c', $configuration, '--no-build', '--nologo', '-v', 'minimal',
        '--results-directory', $resultsPath, '--logger', "trx;LogFileName=$(Split-Path $file -Leaf).trx"
    if ($Filter) {
        $arguments += '--filter', $Filter
    }
    New-Suite $Name (@('dotnet') + $arguments) "$file.trx"
}

function New-PesterSuite([string] $Name, [string] $Pester, [string] $Tag, [string] $Initial) {
    <#
    .SYNOPSIS
        Describes the run of the Pester files against out/LeoPS in a PowerShell of their own.
    #>
    $file = Join-Path $resultsPath ($Name -replace '\W+', '-')
    $arguments = '-File', (Get-RepoPath 'tools/Invoke-PesterSuite.ps1'), '-Path', (Get-RepoPath 'tests/pester'), '-ModulePath', $modulePath,
        '-ResultPath', "$file.json", '-PesterPath', $Pester, '-Plain'
    if ($Tag) {
        $arguments += '-Tag', $Tag
    }
    if ($Initial) {
        $arguments += '-Initial', $Initial
    }
    New-Suite $Name (@(Get-ChildPowerShell) + $arguments) "$file.json"
}

# The suite runs on the server that LEOPS_POSTGRES_BIN names now.
function New-Suite([string] $Name, [string[]] $Command, [string] $Result) {
    $log = [IO.Path]::ChangeExtension($Result, 'log')
    [pscustomobject]@{ Name = $Name; Command = $Command; Result = $Result; Log = $log; Server = $env:LEOPS_POSTGRES_BIN }
}

function Start-Suite($Suite) {
    Write-Host "$($Suite.Name): started; its output goes to $([IO.Path]::GetRelativePath($PWD, $Suite.Log))"
    $options = @{
        FilePath               = $Suite.Command[0]
        # Start-Process joins the arguments with spaces and quotes none.
        ArgumentList           = $Suite.Command | Select-Object -Skip 1 | ForEach-Object { "`"$_`"" }
        Environment            = @{ LEOPS_POSTGRES_BIN = $Suite.Server }
        RedirectStandardOutput = $Suite.Log
        RedirectStandardError  = [IO.Path]::ChangeExtension($Suite.Log, 'errors.log')
        NoNewWindow            = $true
        PassThru               = $true
    }
    $process = Start-Process @options
    # Without the handle .NET loses the exit code.
    $null = $process.Handle
    [pscustomobject]@{ Suite = $Suite; Process = $process; Clock = [Diagnostics.Stopwatch]::StartNew() }
}

function Invoke-Suite([object[]] $Suite) {
    <#
    .SYNOPSIS
        Runs suites side by side, one more than there are processors, since they wait more than they compute; gives the figures of each.
    #>
    $waiting = [Collections.Generic.Queue[object]]::new($Suite)
    $running = [Collections.Generic.List[object]]::new()
    try {
        while ($waiting.Count -gt 0 -or $running.Count -gt 0) {
            while ($waiting.Count -gt 0 -and $running.Count -le [Environment]::ProcessorCount) {
                $running.Add((Start-Suite $waiting.Dequeue()))
            }
            Start-Sleep -Milliseconds 250
            foreach ($ended in @($running | Where-Object { $_.Process.HasExited })) {
                $null = $running.Remove($ended)
                Read-Suite $ended
            }
        }
    }
    finally {
        foreach ($left in $running) { $left.Process.Kill($true) }
    }
}

function Read-Suite($Ended) {
    <#
    .SYNOPSIS
        The figures of a suite that has ended. The output of one that failed is printed.
    #>
    $suite = $Ended.Suite
    $exitCode = $Ended.Process.ExitCode
    $counts = if (-not (Test-Path -LiteralPath $suite.Result)) {
        New-Count -Failure "the run left no result (exit code $exitCode)"
    }
    elseif ($suite.Result -like '*.trx') {
        Read-Trx $suite.Result
    }
    else {
        Get-Content -LiteralPath $suite.Result -Raw | ConvertFrom-Json
    }
    if ($exitCode -ne 0 -and $counts.Failed -eq 0) {
        $counts.Failed = 1
        $counts.Failures = @("the run ended early (exit code $exitCode) with no failed test")
    }
    if ($counts.Failed -gt 0) {
        Get-Content -LiteralPath $suite.Log, ([IO.Path]::ChangeExtension($suite.Log, 'errors.log')) | Out-Host
    }
    $counts | Add-Member Name $suite.Name
    Write-Host "$(Format-Count $counts) in $($Ended.Clock.Elapsed.ToString('m\:ss'))"
    $counts
}

function Read-Trx([string] $Path) {
    $run = ([xml](Get-Content -LiteralPath $Path -Raw)).TestRun
    $counters = $run.ResultSummary.Counters
    $named = {
        foreach ($result in $run.SelectNodes("//*[local-name()='UnitTestResult' and @outcome='$($args[0])']")) {
            $message = $result.SelectSingleNode(".//*[local-name()='Message']") ?? $result.SelectSingleNode(".//*[local-name()='StdOut']")
            "$($result.testName): $($null -eq $message ? 'no reason given' : $message.InnerText)"
        }
    }
    New-Count -Passed $counters.passed -Failure @(& $named 'Failed') -Skip @(& $named 'NotExecuted')
}

function New-Count([int] $Passed, [string[]] $Failure = @(), [string[]] $Skip = @()) {
    [pscustomobject]@{ Passed = $Passed; Failed = $Failure.Count; Skipped = $Skip.Count; Failures = $Failure; Skips = $Skip }
}

function Format-Count($Count) {
    "$($Count.Name): $($Count.Passed) passed, $($Count.Failed) failed, $($Count.Skipped) skipped"
}

function Restore-Pester {
    <#
    .SYNOPSIS
        Restores Pester as a NuGet package into out/packages; gives the path of its manifest.
    #>
    $packages = Join-Path $out 'packages'
    $options = @("-p:RestorePackagesPath=$packages", "-p:BaseIntermediateOutputPath=$packages/obj/")
    if ($PesterVersion) {
        $options += "-p:PesterVersion=$PesterVersion"
    }
    $project = Get-RepoPath 'tools/Packages.proj'
    Invoke-DotNet restore $project @options -v quiet
    $version = & dotnet msbuild $project -getProperty:PesterVersion @options
    Join-Path $packages "pester/$version/tools/Pester.psd1"
}

function Use-PostgresServer([int] $Version) {
    <#
    .SYNOPSIS
        Points the suites at a PostgreSQL server of a major version, or of any; gives the reason where it cannot be had.
    #>
    try {
        Initialize-PostgresServer -Version $Version
    }
    catch {
        "$_"
    }
}

function Get-CoreSuite([string] $Pester) {
    <#
    .SYNOPSIS
        The core of the postgres and Pester suites on the oldest, an earlier and the newest version of PostgreSQL.
    #>
    foreach ($version in 13, 17, 18) {
        $env:LEOPS_POSTGRES_BIN = $null
        if ($reason = Use-PostgresServer $version) {
            [pscustomobject]@{ Name = "core, PostgreSQL $version"; Missing = $reason }
            continue
        }
        New-XunitSuite "xunit postgres, core, PostgreSQL $version" 'tests/postgres/LeoPS.PostgresTests.csproj' 'Category=Core'
        New-PesterSuite "Pester, core, PostgreSQL $version" $Pester 'Core'
    }
}

function Invoke-Test {
    Invoke-Build
    New-Package -Built
    New-Nupkg
    $pester = Restore-Pester
    if (Test-Path -LiteralPath $resultsPath) {
        Remove-Item -LiteralPath $resultsPath -Recurse -Force
    }
    $null = New-Item -ItemType Directory -Path $resultsPath -Force
    $env:LEOPS_SLOW_TESTS = $Slow ? '1' : $null
    Start-Run
    try {
        if ($reason = Use-PostgresServer $PostgresVersion) {
            Stop-Build $reason
        }
        Initialize-Pooler
        # The longest ones first.
        $postgres = 'tests/postgres/LeoPS.PostgresTests.csproj'
        $firstHalf = 'Access', 'Cmdlets', 'Connections', 'Directives', 'Executions'
        $suites = @(
            # A suite has one server, and its tests run one after the other; so the two long ones run in halves, side by side.
            New-PesterSuite 'Pester, A to M' $pester -Initial 'A-M'
            New-PesterSuite 'Pester, N to Z' $pester -Initial 'N-Z'
            New-XunitSuite 'xunit postgres, F to Z' $postgres (($firstHalf | ForEach-Object { "FullyQualifiedName!~PostgresTests.$_." }) -join '&')
            New-XunitSuite 'xunit postgres, A to E' $postgres (($firstHalf | ForEach-Object { "FullyQualifiedName~PostgresTests.$_." }) -join '|')
            New-XunitSuite 'xunit units' 'tests/units/LeoPS.Units.csproj'
            if (-not $PostgresVersion) {
                Get-CoreSuite $pester
            }
        )
        $missing, $suites = $suites.Where({ $_.PSObject.Properties['Missing'] }, 'Split')
        $all = @(Invoke-Suite $suites)
    }
    finally {
        Stop-Run
    }
    foreach ($suite in $missing) {
        $all += New-Count -Skip "$($suite.Name): $($suite.Missing)" | Add-Member Name $suite.Name -PassThru
    }
    Write-Host ''
    foreach ($suite in $all) {
        foreach ($skip in $suite.Skips) { Write-Host "skipped: $($skip -replace '\s+', ' ')" }
    }
    foreach ($suite in $all) {
        foreach ($failure in $suite.Failures) { Write-Host "failed: $($suite.Name): $($failure -replace '\s+', ' ')" }
    }
    $sum = New-Count
    foreach ($suite in $all) {
        Write-Host (Format-Count $suite)
        foreach ($count in 'Passed', 'Failed', 'Skipped') { $sum.$count += $suite.$count }
    }
    Write-Host "$($sum.Passed) passed, $($sum.Failed) failed, $($sum.Skipped) skipped"
    # No test at all is a broken run, not a good one.
    exit ($sum.Failed -gt 0 -or $sum.Passed -eq 0 ? 1 : 0)
}
