#!/usr/bin/env pwsh
#Requires -Version 7.4
<#
.SYNOPSIS
    Builds, tests, packages and shows LeoPS.
.DESCRIPTION
    build     compiles the solution
    package   build, and leaves the module in out/LeoPS
    test      package, then xunit and Pester; the last line is "N passed, N failed, N skipped"
    demo      package, then examples/demo.ps1 in a PowerShell of its own
    bench     package, then benchmarks/run.ps1 with the arguments that are left
    help      renews docs/en-US and writes module/en-US from it
    clean     removes everything that the other tasks made
.EXAMPLE
    ./build.ps1 test
.EXAMPLE
    ./build.ps1 bench -Rows 100000
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('build', 'test', 'demo', 'package', 'bench', 'help', 'clean')]
    [string] $Task = 'build',

    [Parameter(ValueFromRemainingArguments)]
    [string[]] $Arguments = @()
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false

$configuration = 'Release'
$framework = 'net8.0'
$out = Join-Path $PSScriptRoot 'out'
$modulePath = Join-Path $out 'LeoPS'
$resultsPath = Join-Path $out 'test-results'
$suites = [ordered]@{
    'xunit units'    = 'tests/units/LeoPS.Units.csproj'
    'xunit postgres' = 'tests/postgres/LeoPS.PostgresTests.csproj'
}

function Get-RepoPath([string] $Path) {
    Join-Path $PSScriptRoot $Path
}

# Stops the script with one sentence and no stack trace.
function Stop-Build([string] $Message) {
    [Console]::Error.WriteLine($Message)
    exit 1
}

function Invoke-DotNet {
    if (-not (Get-Command dotnet -CommandType Application -ErrorAction Ignore)) {
        Stop-Build 'The .NET SDK (8.0 or later) was not found: install it from https://dotnet.microsoft.com/download and put dotnet on the PATH.'
    }
    & dotnet @args
    if ($LASTEXITCODE -ne 0) {
        Stop-Build "dotnet $(Split-Path $args[0] -Leaf) failed with exit code $LASTEXITCODE."
    }
}

# A PowerShell of its own: this one must not hold the module's files open, nor see what an earlier run loaded.
function Invoke-ChildPowerShell {
    $executable = Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')
    if (Test-Path $executable) {
        & $executable -NoLogo -NoProfile @args
    }
    else {
        # As a dotnet tool PowerShell has no executable of its own.
        & dotnet (Join-Path $PSHOME 'pwsh.dll') -NoLogo -NoProfile @args
    }
}

function Invoke-Build {
    Invoke-DotNet build (Get-RepoPath 'LeoPS.sln') -c $configuration --nologo -v quiet
}

function Copy-Output([string] $Project, [string[]] $Name, [string] $Destination) {
    $source = Get-RepoPath "src/$Project/bin/$configuration/$framework"
    $null = New-Item -ItemType Directory -Path $Destination -Force
    foreach ($item in $Name) {
        Copy-Item -LiteralPath (Join-Path $source $item) -Destination $Destination
        $symbols = Join-Path $source ([IO.Path]::ChangeExtension($item, 'pdb'))
        if (Test-Path -LiteralPath $symbols) {
            Copy-Item -LiteralPath $symbols -Destination $Destination
        }
    }
}

function Invoke-Package {
    Invoke-Build
    if (Test-Path -LiteralPath $modulePath) {
        try {
            Remove-Item -LiteralPath $modulePath -Recurse -Force
        }
        catch {
            Stop-Build "out/LeoPS cannot be replaced, perhaps because a PowerShell has it imported: $($_.Exception.Message)"
        }
    }
    $null = New-Item -ItemType Directory -Path $modulePath -Force
    Copy-Item -Path (Get-RepoPath 'module/*') -Destination $modulePath -Recurse
    Copy-Item -LiteralPath (Get-RepoPath 'LICENSE') -Destination $modulePath
    Copy-Output LeoPS -Name 'LeoPS.dll', 'LeoPS.Core.dll' -Destination (Join-Path $modulePath 'bin')
    $version = (Import-PowerShellDataFile -LiteralPath (Join-Path $modulePath 'LeoPS.psd1')).ModuleVersion
    Copy-Output LeoPS.Guard -Name "LeoPS.Guard-$version.dll" -Destination (Join-Path $modulePath 'bin')
    # Core is shared with the cmdlets and must exist once; the rest is PowerShell's or the runtime's own.
    $private = Get-ChildItem -Path (Get-RepoPath "src/LeoPS.Postgres/bin/$configuration/$framework/*.dll") |
        Where-Object Name -NotIn 'LeoPS.Core.dll', 'System.Text.Json.dll', 'System.Management.Automation.dll'
    Copy-Output LeoPS.Postgres -Name $private.Name -Destination (Join-Path $modulePath 'lib')
    Write-Host "Packaged $modulePath"
}

# Counts and skips of one trx file; $null where there is none to read.
function Read-Trx([string] $Path) {
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

function Invoke-XunitSuite([string] $Name, [string] $Project) {
    $trx = Join-Path $resultsPath "$([IO.Path]::GetFileNameWithoutExtension($Project)).trx"
    & dotnet test (Get-RepoPath $Project) -c $configuration --no-build --nologo -v minimal --results-directory $resultsPath --logger "trx;LogFileName=$(Split-Path $trx -Leaf)" | Out-Host
    $exitCode = $LASTEXITCODE
    $counts = Read-Trx $trx
    if ($null -eq $counts) {
        $counts = [pscustomobject]@{ Passed = 0; Failed = 1; Skipped = 0; Skips = @() }
        Write-Host "${Name}: the run left no result (exit code $exitCode); it counts as one failure."
    }
    elseif ($exitCode -ne 0 -and $counts.Failed -eq 0) {
        $counts.Failed = 1
        Write-Host "${Name}: the run broke off (exit code $exitCode) with no failed test; it counts as one failure."
    }
    $counts | Add-Member Name $Name -PassThru
}

function Invoke-PesterSuite {
    $name = 'Pester'
    if (-not (Get-Module Pester -ListAvailable | Where-Object Version -GE '5.0')) {
        return [pscustomobject]@{ Name = $name; Passed = 0; Failed = 0; Skipped = 1; Skips = @('Pester suite: Pester 5.0 or later was not found (Install-PSResource Pester).') }
    }
    $result = Join-Path $resultsPath 'pester.json'
    $plain = @([Console]::IsOutputRedirected ? '-Plain' : @())
    Invoke-ChildPowerShell -File (Get-RepoPath 'tools/Invoke-PesterSuite.ps1') -Path (Get-RepoPath 'tests/pester') -ModulePath $modulePath -ResultPath $result @plain | Out-Host
    $exitCode = $LASTEXITCODE
    if (-not (Test-Path -LiteralPath $result)) {
        Write-Host "${name}: the run left no result (exit code $exitCode); it counts as one failure."
        return [pscustomobject]@{ Name = $name; Passed = 0; Failed = 1; Skipped = 0; Skips = @() }
    }
    Get-Content -LiteralPath $result -Raw | ConvertFrom-Json | Add-Member Name $name -PassThru
}

function Invoke-Test {
    Invoke-Package
    if (Test-Path -LiteralPath $resultsPath) {
        Remove-Item -LiteralPath $resultsPath -Recurse -Force
    }
    $null = New-Item -ItemType Directory -Path $resultsPath -Force
    $all = @(
        foreach ($suite in $suites.GetEnumerator()) {
            Invoke-XunitSuite $suite.Key $suite.Value
        }
        Invoke-PesterSuite
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

function Invoke-Script([string] $Path) {
    Invoke-Package
    Invoke-ChildPowerShell -File (Get-RepoPath $Path) @Arguments
    exit $LASTEXITCODE
}

function Invoke-Help {
    Invoke-Build
    Invoke-DotNet (Get-RepoPath "tools/HelpGenerator/bin/$configuration/$framework/LeoPS.HelpGenerator.dll") --root $PSScriptRoot --update-docs
}

function Invoke-Clean {
    foreach ($project in Get-ChildItem -LiteralPath $PSScriptRoot -Filter '*.csproj' -Recurse -File) {
        foreach ($folder in 'bin', 'obj') {
            $path = Join-Path $project.DirectoryName $folder
            if (Test-Path -LiteralPath $path) {
                Remove-Item -LiteralPath $path -Recurse -Force
            }
        }
    }
    if (Test-Path -LiteralPath $out) {
        Remove-Item -LiteralPath $out -Recurse -Force
    }
}

switch ($Task) {
    'build' { Invoke-Build }
    'package' { Invoke-Package }
    'test' { Invoke-Test }
    'demo' { Invoke-Script 'examples/demo.ps1' }
    'bench' { Invoke-Script 'benchmarks/run.ps1' }
    'help' { Invoke-Help }
    'clean' { Invoke-Clean }
}
