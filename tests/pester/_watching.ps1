# What the Pester files of the watching cmdlets share beside _shared.ps1 and _outcome.ps1: a watch that goes on in a runspace of its own.

function Start-Watch {
    <#
    .SYNOPSIS
        Runs a script block, which watches on $connection or another one, in a runspace of its own with verbose on; returns when the watch has begun.
    #>
    param(
        [Parameter(Mandatory, Position = 0)] [scriptblock] $Script,
        [object] $On = $connection,
        [object[]] $Argument = @()
    )
    $shell = [powershell]::Create()
    $watch = [pscustomobject]@{
        Shell  = $shell
        Out    = [Management.Automation.PSDataCollection[psobject]]::new()
        Run    = $null
    }
    $null = $shell.AddScript({
        param($manifest, $connection, $script, $arguments)
        Import-Module $manifest -Verbose:$false
        $PSDefaultParameterValues = @{ 'Watch-*:Connection' = $connection; 'Watch-*:Verbose' = $true }
        . ([scriptblock]::Create($script)) @arguments
    }).AddArgument($LeoManifest).AddArgument($On).AddArgument("$Script").AddArgument($Argument)
    $watch.Run = $shell.BeginInvoke([Management.Automation.PSDataCollection[psobject]]::new(), $watch.Out)
    Wait-Watch $watch { (Get-WatchVerbose $watch) -match '^watching' }
    $watch
}

function Invoke-OnceWatched {
    <#
    .SYNOPSIS
        Runs SQL once the watch, whose output and verbose lines are piped, has begun; passes its output on.
    #>
    param([Parameter(Mandatory, Position = 0)] [string] $Sql, [string] $Database = 'leops', [Parameter(ValueFromPipeline)] $Line)
    process {
        if ($Line -isnot [Management.Automation.VerboseRecord]) { $Line }
        elseif ($Line.Message -match '^watching') { Invoke-TestSql -Database $Database $Sql }
    }
}

function Get-WatchItem {
    # By number: an enumeration of such a collection waits for the end of the pipeline that fills it.
    param([Parameter(Mandatory, Position = 0)] [AllowEmptyCollection()] [Collections.IList] $Collection)
    for ($i = 0; $i -lt $Collection.Count; $i++) { $Collection[$i] }
}

function Wait-Watch {
    <#
    .SYNOPSIS
        Waits until a condition holds, at most 20 s; throws with what the watch has said where it does not.
    #>
    param([Parameter(Mandatory, Position = 0)] $Watch, [Parameter(Mandatory, Position = 1)] [scriptblock] $Until)
    $deadline = [DateTime]::UtcNow.AddSeconds(20)
    while (-not (& $Until)) {
        if ($Watch.Run.IsCompleted -and -not (& $Until) -or [DateTime]::UtcNow -gt $deadline) {
            throw "'$Until' did not become true; out: $(Get-WatchItem $Watch.Out), verbose: $(Get-WatchVerbose $Watch), errors: $(Get-WatchItem $Watch.Shell.Streams.Error)"
        }
        Start-Sleep -Milliseconds 20
    }
}

function Get-WatchVerbose {
    param([Parameter(Mandatory, Position = 0)] $Watch)
    @(Get-WatchItem $Watch.Shell.Streams.Verbose | ForEach-Object Message)
}

function Wait-WatchOut {
    <#
    .SYNOPSIS
        Waits for so many objects, and a moment longer, in which no further one may come; gives them back.
    #>
    param([Parameter(Mandatory, Position = 0)] $Watch, [Parameter(Mandatory, Position = 1)] [int] $Count)
    Wait-Watch $Watch { $Watch.Out.Count -ge $Count }
    Start-Sleep -Milliseconds 150
    $rows = @(Get-WatchItem $Watch.Out)
    if ($rows.Count -ne $Count) { throw "$($rows.Count) objects came instead of ${Count}: $rows" }
    $rows
}

function Wait-WatchEnd {
    <#
    .SYNOPSIS
        Waits until the watch has ended by itself, and throws what ended it; gives back what came out.
    #>
    param([Parameter(Mandatory, Position = 0)] $Watch)
    if (-not $Watch.Run.AsyncWaitHandle.WaitOne(20000)) { throw 'The watch did not end.' }
    $null = $Watch.Shell.EndInvoke($Watch.Run)
    @(Get-WatchItem $Watch.Out)
}

function Stop-Watch {
    <#
    .SYNOPSIS
        Stops a watch as Ctrl+C does; gives back the milliseconds that it took.
    #>
    param([Parameter(Mandatory, Position = 0)] $Watch)
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $Watch.Shell.Stop()
    $clock.ElapsedMilliseconds
    $Watch.Shell.Dispose()
}
