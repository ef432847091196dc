#!/usr/bin/env pwsh
#Requires -Version 7.4

<#
.SYNOPSIS
    Builds, tests, packages and shows LeoPS.
.DESCRIPTION
    build     compiles the solution with analyzers; warnings are errors
    package   compiles the module alone and leaves it in out/LeoPS, and as a nupkg in out
    test      build and package, then the suites; the last line is "N passed, N failed, N skipped"
    demo      package, then examples/demo.ps1 in a PowerShell of its own
    bench     package, then benchmarks/run.ps1 with the remaining arguments
    help      updates docs/en-US and writes module/en-US from it
    clean     removes everything that the other tasks made
    list      prints this text
.PARAMETER PostgresVersion
    test: the major version of the PostgreSQL server, 13 to 18. Without it the whole runs on the machine's version,
    and then the core of the postgres and Pester suites runs on 13, 17 and 18.
.PARAMETER PesterVersion
    test: the version of Pester. Without it the one that tools/Packages.proj names.
.PARAMETER Slow
    test: also runs the slow tests, about half an hour of failover, load, kill and million-row tests.
.EXAMPLE
    ./build.ps1 test -PostgresVersion 18
.EXAMPLE
    ./build.ps1 bench -Rows 100000
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('build', 'package', 'test', 'demo', 'bench', 'help', 'clean', 'list')]
    [string] $Task = 'build',

    [ValidateRange(13, 18)]
    [int] $PostgresVersion,

    [string] $PesterVersion,

    [switch] $Slow,

    [Parameter(ValueFromRemainingArguments)]
    [string[]] $Arguments = @()
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false

$configuration = 'Release'
$out = Join-Path $PSScriptRoot 'out'
$modulePath = Join-Path $out 'LeoPS'

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
        Stop-Build ('dotnet was not found. Install the .NET SDK 10 or later (https://dotnet.microsoft.com/download) ' +
            'and put dotnet on the PATH.')
    }
    & dotnet @args | Out-Host
    if ($LASTEXITCODE -ne 0) {
        Stop-Build "dotnet $($args[0]) failed with exit code $LASTEXITCODE."
    }
}

# The command of this PowerShell. As a dotnet tool it has no executable of its own.
function Get-ChildPowerShell {
    $executable = Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')
    if (Test-Path $executable) { $executable } else { 'dotnet', (Join-Path $PSHOME 'pwsh.dll') }
    '-NoLogo', '-NoProfile'
}

# A new process: this one must not hold the module's files open, nor see what an earlier run loaded.
function Invoke-ChildPowerShell {
    $program, $options = Get-ChildPowerShell
    & $program @options @args
}

. (Join-Path $PSScriptRoot 'tools/Packaging.ps1')
. (Join-Path $PSScriptRoot 'tools/TestRun.ps1')
. (Join-Path $PSScriptRoot 'tools/TestServers.ps1')
. (Join-Path $PSScriptRoot 'tools/Suites.ps1')

function Invoke-Build {
    Write-Host 'Compiling the solution with analyzers (one to two minutes the first time).'
    Invoke-DotNet build (Get-RepoPath 'LeoPS.sln') -c $configuration --nologo -v minimal
}

# Servers that the script starts end with it. The demo's own are kept where its caller asks for that.
function Invoke-Script([string] $Path) {
    New-Package
    $keeps = '-KeepRunning' -in $Arguments
    if (-not $keeps) {
        Start-Run
    }
    try {
        if ($reason = Use-PostgresServer) {
            Stop-Build $reason
        }
        Invoke-ChildPowerShell -File (Get-RepoPath $Path) @Arguments
        $code = $LASTEXITCODE
    }
    finally {
        Stop-Run
    }
    exit $code
}

function Invoke-Help {
    Invoke-Build
    $generator = "tools/HelpGenerator/bin/$configuration/net8.0/LeoPS.HelpGenerator.dll"
    Invoke-DotNet (Get-RepoPath $generator) --root $PSScriptRoot --update-docs
}

function Invoke-Clean {
    $folders = Get-ChildItem -LiteralPath $PSScriptRoot -Filter '*.csproj' -Recurse -File |
        ForEach-Object { 'bin', 'obj' | ForEach-Object { Join-Path $args[0] $_ } -ArgumentList $_.DirectoryName }
    foreach ($folder in @($folders) + $out | Where-Object { Test-Path -LiteralPath $_ }) {
        Remove-Item -LiteralPath $folder -Recurse -Force
    }
}

switch ($Task) {
    'build' { Invoke-Build }
    'package' { New-Package; New-Nupkg }
    'test' { Invoke-Test }
    'demo' { Invoke-Script 'examples/demo.ps1' }
    'bench' { Invoke-Script 'benchmarks/run.ps1' }
    'help' { Invoke-Help }
    'clean' { Invoke-Clean }
    'list' { Get-Help $PSCommandPath -Full }
}
