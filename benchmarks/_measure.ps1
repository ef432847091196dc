# What the benchmarks have in common: times by name, medians, and ratios with the bounds they are held to.

function Get-Median([double[]] $Numbers) {
    $sorted = @($Numbers | Sort-Object)
    $middle = [Math]::Floor($sorted.Count / 2)
    $sorted.Count % 2 ? $sorted[$middle] : ($sorted[$middle - 1] + $sorted[$middle]) / 2
}

function Measure-Milliseconds([scriptblock] $Code) {
    [GC]::Collect()
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $null = & $Code
    $clock.Elapsed.TotalMilliseconds
}

$times = [ordered]@{}
function Add-Time([string] $Name, [double] $Milliseconds) {
    if (-not $times.Contains($Name)) { $times[$Name] = [Collections.Generic.List[double]]::new() }
    $times[$Name].Add($Milliseconds)
}

function Get-MedianTime([string] $Name) {
    Get-Median $times[$Name]
}

$ratios = [Collections.Generic.List[object]]::new()
function Add-Ratio([string] $Name, [double] $Value, [string] $Bound = '') {
    $ratios.Add([pscustomobject]@{ Ratio = $Name; Value = [Math]::Round($Value, 2); Bound = $Bound })
}

# Both tables; gives the names of the ratios that missed their bounds.
function Write-Measures {
    $times.GetEnumerator() | ForEach-Object {
        [pscustomobject]@{
            Measured  = $_.Key
            MedianMs  = [Math]::Round((Get-Median $_.Value), 0)
            MinimumMs = [Math]::Round(($_.Value | Measure-Object -Minimum).Minimum, 0)
            MaximumMs = [Math]::Round(($_.Value | Measure-Object -Maximum).Maximum, 0)
            Runs      = $_.Value.Count
        }
    } | Format-Table | Out-String -Width 120 | Write-Host
    $ratios | Format-Table | Out-String -Width 120 | Write-Host
    foreach ($ratio in $ratios | Where-Object Bound) {
        $limit = [double]($ratio.Bound -replace '[^\d.]')
        $met = $ratio.Bound -match '^<=' ? ($ratio.Value -le $limit) : ($ratio.Value -ge $limit)
        if (-not $met) { $ratio.Ratio }
    }
}
