# The package task of build.ps1: the module's folder and its nupkg. build.ps1 dot-sources this file.

function Copy-Output([string] $Source, [string[]] $Name, [string] $Destination) {
    $null = New-Item -ItemType Directory -Path $Destination -Force
    foreach ($item in $Name) {
        Copy-Item -LiteralPath (Join-Path $Source $item) -Destination $Destination
        $symbols = Join-Path $Source ([IO.Path]::ChangeExtension($item, 'pdb'))
        if (Test-Path -LiteralPath $symbols) {
            Copy-Item -LiteralPath $symbols -Destination $Destination
        }
    }
}

function New-Package {
    <#
    .SYNOPSIS
        Leaves the module in out/LeoPS.
    .PARAMETER Built
        Takes what Invoke-Build has compiled. Without it the module's projects are compiled without analyzers, into out/build.
    #>
    param([switch] $Built)
    if (-not $Built) {
        Write-Host 'Compiling the module (half a minute the first time).'
        $artifacts = Join-Path $out 'build'
        $options = '-c', $configuration, '--artifacts-path', $artifacts, '-p:RunAnalyzers=false', '--nologo', '-v', 'minimal'
        Invoke-DotNet build (Get-RepoPath 'src/LeoPS.slnf') @options
    }
    $folderOf = {
        $Built ? (Get-RepoPath "src/$($args[0])/bin/$configuration/net8.0") :
            (Join-Path $out "build/bin/$($args[0])/$($configuration.ToLowerInvariant())")
    }
    if (Test-Path -LiteralPath $modulePath) {
        try {
            Remove-Item -LiteralPath $modulePath -Recurse -Force
        }
        catch {
            Stop-Build "out/LeoPS cannot be replaced, perhaps because a PowerShell has imported it: $($_.Exception.Message)"
        }
    }
    $null = New-Item -ItemType Directory -Path $modulePath -Force
    Copy-Item -Path (Get-RepoPath 'module/*') -Destination $modulePath -Recurse
    Copy-Item -LiteralPath (Get-RepoPath 'LICENSE') -Destination $modulePath
    Complete-Manifest (Join-Path $modulePath 'LeoPS.psd1')
    $bin = Join-Path $modulePath 'bin'
    Copy-Output (& $folderOf LeoPS) -Name 'LeoPS.dll', 'LeoPS.Core.dll' -Destination $bin
    $version = (Import-PowerShellDataFile -LiteralPath (Join-Path $modulePath 'LeoPS.psd1')).ModuleVersion
    Copy-Output (& $folderOf LeoPS.Guard) -Name "LeoPS.Guard-$version.dll" -Destination $bin
    # Core is shared with the cmdlets and must exist once; System.* of this list comes with PowerShell.
    $storage = & $folderOf LeoPS.Postgres
    $private = Get-ChildItem -Path (Join-Path $storage '*.dll') |
        Where-Object Name -NotIn 'LeoPS.Core.dll', 'System.Text.Json.dll', 'System.Management.Automation.dll'
    Copy-Output $storage -Name $private.Name -Destination (Join-Path $modulePath 'lib')
    Write-Host "The module is in $modulePath"
}

function Get-ReleaseNote([string] $Version) {
    <#
    .SYNOPSIS
        The text of a version's section of CHANGELOG.md; of the section Unreleased where the version has none.
    #>
    $sections = @{}
    $title = ''
    foreach ($line in Get-Content -LiteralPath (Get-RepoPath 'CHANGELOG.md')) {
        if ($line -match '^## \[(?<title>[^\]]+)\]') {
            $title = $Matches.title
            $sections[$title] = [Collections.Generic.List[string]]::new()
        }
        elseif ($title) {
            $sections[$title].Add($line)
        }
    }
    $found = $Version, 'Unreleased' | Where-Object { $sections.ContainsKey($_) } | Select-Object -First 1
    if (-not $found) {
        Stop-Build "CHANGELOG.md has neither a section [$Version] nor [Unreleased]."
    }
    ($sections[$found] -join "`n").Trim()
}

function Complete-Manifest([string] $Path) {
    <#
    .SYNOPSIS
        Adds the release notes of the changelog and, where Directory.Build.props names it, the project's page.
    #>
    $marker = '            # Added by the package task: ReleaseNotes, and ProjectUri where the project has a page.'
    $text = [IO.File]::ReadAllText($Path)
    if (-not $text.Contains($marker)) {
        Stop-Build "The manifest lacks the line '$($marker.Trim())'."
    }
    $version = (Import-PowerShellDataFile -LiteralPath $Path).ModuleVersion
    $properties = ([xml](Get-Content -LiteralPath (Get-RepoPath 'Directory.Build.props') -Raw)).Project.PropertyGroup
    $quote = { "'" + ($args[0] -replace "'", "''") + "'" }
    $lines = @("            ReleaseNotes = $(& $quote (Get-ReleaseNote $version))")
    if ($page = "$($properties.ProjectPage)".TrimEnd('/')) {
        $lines += "            ProjectUri   = $(& $quote $page)"
        $text = $text.Replace("    PrivateData ", "    HelpInfoUri          = $(& $quote "$page/help/")`n`n    PrivateData ")
    }
    [IO.File]::WriteAllText($Path, $text.Replace($marker, $lines -join "`n"))
}

function New-Nupkg {
    <#
    .SYNOPSIS
        Publishes out/LeoPS into a local repository, and leaves the nupkg in out with bytes that depend on its content alone.
    #>
    Write-Host 'Making the nupkg.'
    $feed = Join-Path $out 'feed'
    if (Test-Path -LiteralPath $feed) {
        Remove-Item -LiteralPath $feed -Recurse -Force
    }
    $null = New-Item -ItemType Directory -Path $feed
    Invoke-ChildPowerShell -File (Get-RepoPath 'tools/Publish-Nupkg.ps1') -Path $modulePath -Feed $feed | Out-Host
    if ($LASTEXITCODE -ne 0) {
        Stop-Build "Publish-PSResource made no nupkg; its message is above."
    }
    $made = Get-ChildItem -LiteralPath $feed -Filter '*.nupkg'
    $target = Join-Path $out $made.Name
    Write-NormalizedZip $made.FullName $target
    Remove-Item -LiteralPath $feed -Recurse -Force
    Write-Host "The package is $target"
}

function Write-NormalizedZip([string] $Source, [string] $Destination) {
    <#
    .SYNOPSIS
        Copies a nupkg with its entries sorted, without times, and without what NuGet draws at random or takes from the machine.
    #>
    $random = '(?<=package/services/metadata/core-properties/)[0-9a-f]+(?=\.psmdcp)'
    $old = [IO.Compression.ZipFile]::OpenRead($Source)
    $new = $null
    try {
        $new = [IO.Compression.ZipArchive]::new([IO.File]::Create($Destination), 'Create')
        $names = [string[]]$old.Entries.FullName
        [Array]::Sort($names, [StringComparer]::Ordinal)
        foreach ($entry in $names | ForEach-Object { $old.GetEntry($_) }) {
            $copy = $new.CreateEntry(($entry.FullName -replace $random, 'leops'), 'Optimal')
            $copy.LastWriteTime = [DateTimeOffset]::new(1980, 1, 1, 0, 0, 0, [TimeSpan]::Zero)
            $from = $entry.Open()
            $to = $copy.Open()
            try {
                if ($entry.FullName -match '\.(rels|psmdcp)$') {
                    # The ids of relations are random, too, and lastModifiedBy names this machine's kernel.
                    $text = [IO.StreamReader]::new($from).ReadToEnd() -replace $random, 'leops'
                    $text = $text -replace '<lastModifiedBy>.*?</lastModifiedBy>'
                    $script:relation = 0
                    $text = [regex]::Replace($text, '(?<=\bId=")[^"]*', { 'R' + ($script:relation++) })
                    $to.Write([Text.Encoding]::UTF8.GetBytes($text))
                }
                else {
                    $from.CopyTo($to)
                }
            }
            finally {
                $to.Dispose()
                $from.Dispose()
            }
        }
    }
    finally {
        ${new}?.Dispose()
        $old.Dispose()
    }
}
