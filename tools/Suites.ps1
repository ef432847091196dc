# The test task of build.ps1: which suites run, on which server, and their figures. build.ps1 dot-sources this file.

$resultsPath = Join-Path $out 'test-results'

function Read-Trx([string] $Path) {
    <#
    .SYNOPSIS
        Counts and skips of one trx file; $null where there is none to read.
    #>
    if (-not (Test-Path -LiteralPath $Path)) {
        return $null
    }
    $run = ([xml](Get-Content -LiteralPath $Path -Raw)).TestRun
    $counters = $run.ResultSummary.Counters
    $results = $run.SelectNodes("//*[local-name()='UnitTestResult' and @outcome='NotExecuted']")
    [pscustomobject]@{
        Passed  = [int]$counters.passed
        Failed  = [int]$counters.executed - [int]$counters.passed
        Skipped = [int]$counters.total - [int]$counters.executed
        Skips   = @(foreach ($result in $results) {
                $message = $result.SelectSingleNode(".//*[local-name()='Message' or local-name()='StdOut']")
                "$($result.testName): $($null -eq $message ? 'no reason given' : $message.InnerText)"
            })
    }
}

function Get-BrokenSuite([string] $Name, [int] $ExitCode) {
    Write-Host "${Name}: the run left no result (exit code $ExitCode); it counts as one failure."
    [pscustomobject]@{ Name = $Name; Passed = 0; Failed = 1; Skipped = 0; Skips = @() }
}

function Invoke-XunitSuite([string] $Name, [string] $Project, [string] $Filter) {
    <#
    .SYNOPSIS
        Runs one xunit project that Invoke-Build has compiled.
    #>
    $trx = Join-Path $resultsPath "$($Name -replace '\W+', '-').trx"
    $options = @('-c', $configuration, '--no-build', '--nologo', '-v', 'minimal', '--results-directory', $resultsPath, '--logger', "trx;LogFileName=$(Split-Path $trx -Leaf)")
    if ($Filter) {
        $options += '--filter', $Filter
    }
    & dotnet test (Get-RepoPath $Project) @options | Out-Host
    $exitCode = $LASTEXITCODE
    $counts = Read-Trx $trx
    if ($null -eq $counts) {
        return Get-BrokenSuite $Name $exitCode
    }
    if ($exitCode -ne 0 -and $counts.Failed -eq 0) {
        $counts.Failed = 1
        Write-Host "${Name}: the run ended early (exit code $exitCode) with no failed test; it counts as one failure."
    }
    $counts | Add-Member Name $Name -PassThru
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

function Invoke-PesterSuite([string] $Name, [string] $Pester, [string] $Tag) {
    <#
    .SYNOPSIS
        Runs the Pester files against out/LeoPS in a PowerShell of their own.
    #>
    $result = Join-Path $resultsPath "$($Name -replace '\W+', '-').json"
    $options = @{ Path = Get-RepoPath 'tests/pester'; ModulePath = $modulePath; ResultPath = $result; PesterPath = $Pester }
    $arguments = @($options.GetEnumerator() | ForEach-Object { "-$($_.Key)", $_.Value })
    if ($Tag) {
        $arguments += '-Tag', $Tag
    }
    if ([Console]::IsOutputRedirected) {
        $arguments += '-Plain'
    }
    Invoke-ChildPowerShell -File (Get-RepoPath 'tools/Invoke-PesterSuite.ps1') @arguments | Out-Host
    $exitCode = $LASTEXITCODE
    if (-not (Test-Path -LiteralPath $result)) {
        return Get-BrokenSuite $Name $exitCode
    }
    Get-Content -LiteralPath $result -Raw | ConvertFrom-Json | Add-Member Name $Name -PassThru
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
    $all = @(
        Invoke-XunitSuite 'xunit units' 'tests/units/LeoPS.Units.csproj'
        Invoke-XunitSuite 'xunit postgres' 'tests/postgres/LeoPS.PostgresTests.csproj'
        Invoke-PesterSuite 'Pester' $pester
    )
    Write-Host ''
    foreach ($suite in $all) {
        foreach ($skip in $suite.Skips) {
            Write-Host "skipped: $($skip -replace '\s+', ' ')"
        }
    }
    foreach ($suite in $all) {
        Write-Host "$($suite.Name): $($suite.Passed) passed, $($suite.Failed) failed, $($suite.Skipped) skipped"
    }
    $sum = @{}
    foreach ($count in 'Passed', 'Failed', 'Skipped') {
        $sum[$count] = [int]($all | Measure-Object -Property $count -Sum).Sum
    }
    Write-Host "$($sum.Passed) passed, $($sum.Failed) failed, $($sum.Skipped) skipped"
    # No test at all is a broken run, not a good one.
    exit ($sum.Failed -gt 0 -or $sum.Passed -eq 0 ? 1 : 0)
}
