# Moving and reading handoffs, beside one statement of psql's, a plain C# reader, and a prepared row loop.

function Reset-Handoffs([int] $Count) {
    & psql @psql -v "rows=$Count" -f (Join-Path $PSScriptRoot 'handoffs.sql')
    if ($LASTEXITCODE -ne 0) { throw 'The table could not be rebuilt.' }
}

function Assert-Moved([int] $Expected) {
    $moved = [int] (& psql @psql -At -c "select count(*) from exec_handoff_preparations where handoff_status = 'sent' and sent_at is not null")
    if ($moved -ne $Expected) { throw "$moved rows were moved, not $Expected." }
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
    Write-Host "handoffs, round $round of $Rounds"
    Reset-Handoffs $Rows
    Add-Time 'psql: UPDATE … RETURNING *' (Measure-Milliseconds { & psql @psql -A -t -o /dev/null -c $handWritten })
    Assert-Moved $Rows

    Reset-Handoffs $Rows
    Add-Time 'Get | Set-HandoffStatus' (Measure-Milliseconds { Get-HandoffPreparation -Status Ready | Set-HandoffStatus Sent })
    Assert-Moved $Rows

    Reset-Handoffs $Rows
    $handoffs = @(Get-HandoffPreparation -Status Ready)
    Add-Time '$handoffs | Set-HandoffStatus' (Measure-Milliseconds { $handoffs | Set-HandoffStatus Sent })
    $handoffs = $null
    Assert-Moved $Rows

    Reset-Handoffs $Rows
    Add-Time 'Set-HandoffStatus -CurrentStatus' (Measure-Milliseconds { Set-HandoffStatus -CurrentStatus Ready -Status Sent })
    Assert-Moved $Rows

    Reset-Handoffs $Rows
    Add-Time 'C# reader of 21 columns' (Measure-Milliseconds { [LeoPS.Benchmarks.HandoffReader]::ReadAll($connectionString) })
    Reset-Handoffs $Rows
    Add-Time 'Get-HandoffPreparation' (Measure-Milliseconds { Get-HandoffPreparation })

    Reset-Handoffs $LoopRows
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

$psqlTime = Get-MedianTime 'psql: UPDATE … RETURNING *'
$getAndSet = Get-MedianTime 'Get | Set-HandoffStatus'
Add-Ratio 'Get | Set over psql' ($getAndSet / $psqlTime) '<= 1.5'
Add-Ratio '$handoffs | Set over psql' ((Get-MedianTime '$handoffs | Set-HandoffStatus') / $psqlTime) '<= 1.5'
Add-Ratio 'server-side selection over psql' ((Get-MedianTime 'Set-HandoffStatus -CurrentStatus') / $psqlTime)
Add-Ratio 'Get | Set, times faster than the row loop' (($Rows / $getAndSet) / ($LoopRows / (Get-MedianTime "row loop ($LoopRows rows)"))) '>= 10'
Add-Ratio 'Get over the C# reader' ((Get-MedianTime 'Get-HandoffPreparation') / (Get-MedianTime 'C# reader of 21 columns')) '<= 2.0'
