#Requires -Version 7.4
<#
.SYNOPSIS
    Measures LeoPS beside psql, raw Npgsql and a bare pwsh: all in one run, on one private server, each as a ratio.
.DESCRIPTION
    Every measured run starts from a table that was just rebuilt and vacuumed. Runs are interleaved (each round has one
    of every kind) in one warm process; medians are compared. Absolute times mean little on a shared machine; ratios do.
#>
[CmdletBinding()]
param(
    [int] $Rows = 100000,
    [int] $Rounds = 5,
    # The row loop is so slow that it gets fewer rows; rates are compared.
    [int] $LoopRows = 10000,
    [int] $ImportPairs = 30,
    [switch] $SkipImport,
    # A folder for the server; without it a temporary one that is removed at the end.
    [string] $SandboxPath
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$module = Convert-Path (Join-Path $PSScriptRoot '../out/LeoPS')
Import-Module (Join-Path $module 'LeoPS.psd1')
$keep = [bool] $SandboxPath
if (-not $SandboxPath) {
    $SandboxPath = Join-Path ([IO.Path]::GetTempPath()) "leops-bench-$([guid]::NewGuid().ToString('n').Substring(0, 8))"
}

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

function Assert-Moved([int] $Expected) {
    $moved = [int] (& psql @psql -At -c "select count(*) from exec_handoff_preparations where handoff_status = 'sent' and sent_at is not null")
    if ($moved -ne $Expected) { throw "$moved rows were moved, not $Expected." }
}

if (-not $SkipImport) {
    # Whole processes, in pairs: what an import adds to a bare start. First, while no server of ours is at work.
    $pwsh = Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')
    $manifest = Join-Path $module 'LeoPS.psd1'
    foreach ($pair in 0..$ImportPairs) {
        $bare = Measure-Milliseconds { & $pwsh -NoProfile -NonInteractive -c 'exit' }
        $with = Measure-Milliseconds { & $pwsh -NoProfile -NonInteractive -c "Import-Module '$manifest'" }
        if ($pair -gt 0) {
            Add-Time 'bare pwsh' $bare
            Add-Time 'pwsh with import' $with
            Add-Time 'import adds' ($with - $bare)
        }
    }
}

$sandbox = Start-LeoSandbox -Path $SandboxPath
try {
    $password = (Get-Content -LiteralPath (Join-Path $SandboxPath 'password') -Raw).Trim()
    $env:PGPASSWORD = $password
    $psql = @('-X', '-q', '-h', '127.0.0.1', '-p', $sandbox.Port, '-U', $sandbox.UserName, '-d', $sandbox.Database, '-v', 'ON_ERROR_STOP=1')
    function Reset-Table([int] $Count) {
        & psql @psql -v "rows=$Count" -f (Join-Path $PSScriptRoot 'handoffs.sql')
        if ($LASTEXITCODE -ne 0) { throw 'The table could not be rebuilt.' }
    }

    # The references use Npgsql as anybody would, beside the module's private copy.
    $references = Join-Path $PSScriptRoot 'bin/Release/net8.0'
    $null = [Reflection.Assembly]::LoadFrom((Join-Path $references 'Npgsql.dll'))
    $null = [Reflection.Assembly]::LoadFrom((Join-Path $references 'LeoPS.Benchmarks.dll'))
    $connectionString = "Host=127.0.0.1;Port=$($sandbox.Port);Database=$($sandbox.Database);Username=$($sandbox.UserName);Password=$password;Pooling=false"

    # psql moves the whole table in one statement of its own.
    $handWritten = @"
update exec_handoff_preparations set handoff_status = 'sent', sent_at = now(), updated_at = now()
where handoff_status = 'ready' returning *
"@
    $null = Get-HandoffPreparation -First 1
    foreach ($round in 1..$Rounds) {
        Write-Host "round $round of $Rounds"
        Reset-Table $Rows
        Add-Time 'psql: UPDATE … RETURNING *' (Measure-Milliseconds { & psql @psql -A -t -o /dev/null -c $handWritten })
        Assert-Moved $Rows

        Reset-Table $Rows
        Add-Time 'Get | Set-HandoffStatus' (Measure-Milliseconds { Get-HandoffPreparation -Status Ready | Set-HandoffStatus Sent })
        Assert-Moved $Rows

        Reset-Table $Rows
        $handoffs = @(Get-HandoffPreparation -Status Ready)
        Add-Time '$handoffs | Set-HandoffStatus' (Measure-Milliseconds { $handoffs | Set-HandoffStatus Sent })
        $handoffs = $null
        Assert-Moved $Rows

        Reset-Table $Rows
        Add-Time 'Set-HandoffStatus -CurrentStatus' (Measure-Milliseconds { Set-HandoffStatus -CurrentStatus Ready -Status Sent })
        Assert-Moved $Rows

        Reset-Table $Rows
        Add-Time 'C# reader of 21 columns' (Measure-Milliseconds { [LeoPS.Benchmarks.HandoffReader]::ReadAll($connectionString) })
        Reset-Table $Rows
        Add-Time 'Get-HandoffPreparation' (Measure-Milliseconds { Get-HandoffPreparation })

        Reset-Table $LoopRows
        $ids = @(Get-HandoffPreparation | ForEach-Object Id)
        $connection = [Npgsql.NpgsqlConnection]::new($connectionString)
        $connection.Open()
        $command = [Npgsql.NpgsqlCommand]::new("update exec_handoff_preparations set handoff_status = 'sent', sent_at = now(), updated_at = now() where id = `$1 and handoff_status = 'ready'", $connection)
        $parameter = [Npgsql.NpgsqlParameter[guid]]::new()
        $null = $command.Parameters.Add($parameter)
        $command.Prepare()
        Add-Time "row loop ($LoopRows rows)" (Measure-Milliseconds {
                foreach ($id in $ids) {
                    $parameter.TypedValue = $id
                    $null = $command.ExecuteNonQuery()
                }
            })
        $connection.Dispose()
        Assert-Moved $LoopRows
    }
}
finally {
    $env:PGPASSWORD = $null
    if (-not $keep) {
        Stop-LeoSandbox -Path $SandboxPath -Remove -Confirm:$false
    }
}

$median = @{}
$times.GetEnumerator() | ForEach-Object { $median[$_.Key] = Get-Median $_.Value }
$times.GetEnumerator() | ForEach-Object {
    [pscustomobject]@{
        Measured  = $_.Key
        MedianMs  = [Math]::Round($median[$_.Key], 0)
        MinimumMs = [Math]::Round(($_.Value | Measure-Object -Minimum).Minimum, 0)
        MaximumMs = [Math]::Round(($_.Value | Measure-Object -Maximum).Maximum, 0)
        Runs      = $_.Value.Count
    }
} | Format-Table | Out-String -Width 120 | Write-Host

$psqlTime = $median['psql: UPDATE … RETURNING *']
$loopRate = $LoopRows / $median["row loop ($LoopRows rows)"]
$ratios = @(
    [pscustomobject]@{ Ratio = 'Get | Set over psql'; Value = $median['Get | Set-HandoffStatus'] / $psqlTime; Bound = '<= 1.5' }
    [pscustomobject]@{ Ratio = '$handoffs | Set over psql'; Value = $median['$handoffs | Set-HandoffStatus'] / $psqlTime; Bound = '<= 1.5' }
    [pscustomobject]@{ Ratio = 'server-side selection over psql'; Value = $median['Set-HandoffStatus -CurrentStatus'] / $psqlTime; Bound = '' }
    [pscustomobject]@{ Ratio = 'Get | Set, times faster than the row loop'; Value = ($Rows / $median['Get | Set-HandoffStatus']) / $loopRate; Bound = '>= 10' }
    [pscustomobject]@{ Ratio = 'Get over the C# reader'; Value = $median['Get-HandoffPreparation'] / $median['C# reader of 21 columns']; Bound = '<= 2.0' }
    if (-not $SkipImport) { [pscustomobject]@{ Ratio = 'import adds, ms'; Value = $median['import adds']; Bound = '<= 60' } }
)
$ratios | Select-Object Ratio, @{ n = 'Value'; e = { [Math]::Round($_.Value, 2) } }, Bound | Format-Table | Out-String -Width 120 | Write-Host
$missed = @($ratios | Where-Object { $_.Bound -and -not (($_.Bound -match '^<=') ? ($_.Value -le [double]($_.Bound -replace '[^\d.]')) : ($_.Value -ge [double]($_.Bound -replace '[^\d.]'))) })
if ($missed) {
    Write-Host "Missed: $($missed.Ratio -join '; ')"
    exit 1
}
