# What the Pester files have in common. Each begins with:  BeforeAll { . "$PSScriptRoot/_shared.ps1" }
Set-StrictMode -Version 3.0

# build.ps1 names the packaged module; a test file that is started by hand takes it from out/.
$LeoModulePath = $env:LEOPS_TEST_MODULE ? $env:LEOPS_TEST_MODULE : (Join-Path $PSScriptRoot '../../out/LeoPS')
$LeoManifest = Join-Path $LeoModulePath 'LeoPS.psd1'
if (-not (Test-Path -LiteralPath $LeoManifest)) {
    throw "There is no module in $LeoModulePath. Run ./build.ps1 package first."
}
$LeoModulePath = Convert-Path -LiteralPath $LeoModulePath
$LeoManifest = Convert-Path -LiteralPath $LeoManifest

function Import-LeoModule {
    # Not -Force: a second load of the same assemblies is no test of the first.
    if (-not (Get-Module LeoPS)) {
        Import-Module $LeoManifest -Global
    }
}

function Invoke-FreshPowerShell {
    <#
    .SYNOPSIS
        Runs a script in a PowerShell of its own and gives back what it puts out; throws with its error text where it fails.
    .DESCRIPTION
        The script sees -Argument as $args and $LeoManifest as its first line. Output travels as JSON, so give objects of plain properties.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [scriptblock] $Script,
        [object[]] $Argument = @()
    )
    $folder = New-Item -ItemType Directory -Path (Join-Path ([IO.Path]::GetTempPath()) "leops-$([guid]::NewGuid().ToString('n'))")
    try {
        $file = Join-Path $folder 'script.ps1'
        $result = Join-Path $folder 'result.json'
        $failure = Join-Path $folder 'failure.txt'
        $call = [ordered]@{ Manifest = $LeoManifest; Arguments = $Argument } | ConvertTo-Json -Depth 5
        Set-Content -LiteralPath (Join-Path $folder 'call.json') -Value $call
        Set-Content -LiteralPath $file -Value @"
`$ErrorActionPreference = 'Stop'
`$call = Get-Content -LiteralPath (Join-Path `$PSScriptRoot 'call.json') -Raw | ConvertFrom-Json
`$LeoManifest = `$call.Manifest
try {
    `$arguments = @(`$call.Arguments)
    `$output = & { $Script } @arguments
    ConvertTo-Json -InputObject @(`$output) -Depth 8 | Set-Content -LiteralPath (Join-Path `$PSScriptRoot 'result.json')
}
catch {
    (`$_ | Out-String) + `$_.ScriptStackTrace | Set-Content -LiteralPath (Join-Path `$PSScriptRoot 'failure.txt')
    exit 1
}
"@
        $executable = Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')
        if (Test-Path -LiteralPath $executable) {
            $said = & $executable -NoLogo -NoProfile -NonInteractive -File $file 2>&1
        }
        else {
            $said = & dotnet (Join-Path $PSHOME 'pwsh.dll') -NoLogo -NoProfile -NonInteractive -File $file 2>&1
        }
        if (Test-Path -LiteralPath $failure) {
            throw (Get-Content -LiteralPath $failure -Raw)
        }
        if (-not (Test-Path -LiteralPath $result)) {
            throw "The script left no result (exit code $LASTEXITCODE): $said"
        }
        Get-Content -LiteralPath $result -Raw | ConvertFrom-Json
    }
    finally {
        Remove-Item -LiteralPath $folder -Recurse -Force
    }
}

function Find-PostgresBin {
    <#
    .SYNOPSIS
        The folder of a PostgreSQL server's binaries, or nothing.
    #>
    $initdb = $IsWindows ? 'initdb.exe' : 'initdb'
    $folders = @(
        $env:LEOPS_POSTGRES_BIN
        (Get-Command $initdb -CommandType Application -ErrorAction Ignore | Select-Object -First 1).Source | Split-Path -ErrorAction Ignore
        (Resolve-Path '/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin', '/opt/homebrew/opt/postgresql*/bin', 'C:/Program Files/PostgreSQL/*/bin' -ErrorAction Ignore).Path
    )
    $folders | Where-Object { $_ -and (Test-Path -LiteralPath (Join-Path $_ $initdb)) } | Select-Object -First 1
}
