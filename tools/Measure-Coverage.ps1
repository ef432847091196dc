#Requires -Version 7.4
<#
.SYNOPSIS
    Reports the line coverage of src/LeoPS, src/LeoPS.Core and src/LeoPS.Postgres by all suites together.
.DESCRIPTION
    Needs what "./build.ps1 test" leaves behind. Lines that run only in a process that is killed are not counted. The suites take half as
    long again as without coverage.
.PARAMETER Suite
    The suites to count.
.PARAMETER PesterVersion
    The version of Pester. Without it the one that tools/Packages.proj names.
.PARAMETER Detail
    Also lists the files with the most lines that no suite runs.
#>
[CmdletBinding()]
param(
    [ValidateSet('units', 'postgres', 'pester')]
    [string[]] $Suite = @('units', 'postgres', 'pester'),
    [string] $PesterVersion,
    [int] $Detail = 0
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$root = Convert-Path (Join-Path $PSScriptRoot '..')
$work = Join-Path $root 'out/coverage'
if (Test-Path -LiteralPath $work) {
    Remove-Item -LiteralPath $work -Recurse -Force
}
$null = New-Item -ItemType Directory -Path $work

$packages = Join-Path $root 'out/packages'
$project = Join-Path $PSScriptRoot 'Packages.proj'
$options = @("-p:RestorePackagesPath=$packages", "-p:BaseIntermediateOutputPath=$packages/obj/", '-p:Coverage=true')
if ($PesterVersion) {
    $options += "-p:PesterVersion=$PesterVersion"
}
& dotnet restore $project @options -v quiet
$tasks = (Get-ChildItem -Path "$packages/coverlet.msbuild/*/tasks/net10.0/coverlet.msbuild.tasks.dll").FullName
$pester = "$packages/pester/$(& dotnet msbuild $project -getProperty:PesterVersion @options)/tools/Pester.psd1"
$shell = (Test-Path (Join-Path $PSHOME 'pwsh')) ? "`"$(Join-Path $PSHOME 'pwsh')`"" : "dotnet `"$(Join-Path $PSHOME 'pwsh.dll')`""

$reports = @()
foreach ($name in $Suite) {
    $report = Join-Path $work "$name.json"
    if ($name -eq 'pester') {
        $module = Join-Path $work 'LeoPS'
        Copy-Item -LiteralPath (Join-Path $root 'out/LeoPS') -Destination $module -Recurse
        $target = Join-Path $module 'bin/LeoPS.dll'
        $command = "$shell -NoProfile -File `"$root/tools/Invoke-PesterSuite.ps1`" -Path `"$root/tests/pester`" -ModulePath `"$module`" " +
            "-ResultPath `"$work/pester-results.json`" -PesterPath `"$pester`" -Plain"
    }
    else {
        $project = (Get-ChildItem -Path "$root/tests/$name/*.csproj").FullName
        $assembly = [IO.Path]::GetFileNameWithoutExtension($project)
        $target = (Get-ChildItem -Path "$root/tests/$name/bin/Release/*/$assembly.dll").FullName
        $command = "dotnet test `"$project`" -c Release --no-build --nologo -v minimal"
    }
    $properties = @{
        CoverletTasks    = $tasks
        TargetPath       = $target
        IncludeTarget    = "$($name -eq 'pester')".ToLowerInvariant()
        IncludeDirectory = $name -eq 'pester' ? (Join-Path $work 'LeoPS/lib') : ''
        MergeWith        = $reports ? $reports[-1] : ''
        Report           = $report
        Command          = $command
    }
    $arguments = foreach ($property in $properties.GetEnumerator()) {
        "-p:$($property.Key)=$($property.Value.Replace('%', '%25').Replace(',', '%2c').Replace(';', '%3b').Replace('"', '%22'))"
    }
    & dotnet msbuild (Join-Path $PSScriptRoot 'Coverage.proj') -t:Measure -nologo -v:minimal @arguments | Out-Host
    $reports += $report
}

$lines = foreach ($module in (Get-Content -LiteralPath $reports[-1] -Raw | ConvertFrom-Json -AsHashtable).GetEnumerator()) {
    foreach ($document in $module.Value.GetEnumerator()) {
        if ($document.Key -notmatch 'src/(?<project>LeoPS[^/]*)/(?<file>.+)$' -or $document.Key -match '/obj/') {
            continue
        }
        $project, $file = $Matches.project, $Matches.file
        # A line can belong to several methods: a lambda and the method around it.
        $hits = @{}
        foreach ($class in $document.Value.Values) {
            foreach ($method in $class.Values) {
                foreach ($line in $method.Lines.GetEnumerator()) {
                    $hits[$line.Key] = [Math]::Max([long]$line.Value, [long]($hits[$line.Key] ?? 0))
                }
            }
        }
        $covered = @($hits.Values | Where-Object { $_ -gt 0 }).Count
        [pscustomobject]@{ Project = $project; File = "$project/$file"; Lines = $hits.Count; Covered = $covered }
    }
}
if ($Detail) {
    $lines | Where-Object { $_.Lines -gt $_.Covered } | Sort-Object { $_.Covered - $_.Lines } | Select-Object -First $Detail |
        ForEach-Object { '{0,5} of {1,5} lines not run: {2}' -f ($_.Lines - $_.Covered), $_.Lines, $_.File } | Write-Host
}
$lines | Group-Object Project | ForEach-Object {
    $sum = $_.Group | Measure-Object Lines, Covered -Sum
    $percent = [Math]::Round(100.0 * $sum[1].Sum / $sum[0].Sum, 1)
    [pscustomobject]@{ Project = $_.Name; Lines = $sum[0].Sum; Covered = $sum[1].Sum; Percent = $percent }
}
