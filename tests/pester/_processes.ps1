# What the Pester files share that need PowerShells of their own at once, beside _shared.ps1. Invoke-FreshPowerShell is for one, whose result is waited for.

function Start-TestProcess {
    <#
    .SYNOPSIS
        A PowerShell of its own that runs a script (a text) with the module imported and the test server connected; its output is to be read.
    .DESCRIPTION
        The script sees what is given with -Argument as $args. Whoever starts one ends it with Stop-TestProcess.
    #>
    param([Parameter(Mandatory, Position = 0)] [string] $Script, [string[]] $Argument = @())
    $server = Start-TestServer
    $file = Join-Path $TestDrive "process-$([guid]::NewGuid().ToString('n')).ps1"
    Set-Content -LiteralPath $file -Value "Import-Module '$LeoManifest'", "`$null = Connect-LeoDatabase '$($server.Uri)'", $Script
    $executable = Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')
    $shell = (Test-Path -LiteralPath $executable) ? @($executable) : @('dotnet', (Join-Path $PSHOME 'pwsh.dll'))
    $start = [Diagnostics.ProcessStartInfo]::new($shell[0], [string[]](@($shell | Select-Object -Skip 1) + '-NoLogo', '-NoProfile', '-NonInteractive', '-File', $file + $Argument))
    $start.RedirectStandardOutput = $true
    [Diagnostics.Process]::Start($start)
}

function Stop-TestProcess {
    <#
    .SYNOPSIS
        Ends processes of Start-TestProcess that still run.
    #>
    param([Parameter(Mandatory, Position = 0)] [AllowEmptyCollection()] [Diagnostics.Process[]] $Process)
    foreach ($one in $Process) {
        if (-not $one.HasExited) { $one.Kill() }
        $one.Dispose()
    }
}

function Wait-TestFile {
    <#
    .SYNOPSIS
        Waits until a folder has so many files of a name, with which processes tell how far they are; throws after a time.
    #>
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Folder,
        [Parameter(Mandatory, Position = 1)] [string] $Filter,
        [Parameter(Mandatory, Position = 2)] [int] $Count,
        [int] $Seconds = 180
    )
    $deadline = [datetime]::UtcNow.AddSeconds($Seconds)
    while (($there = @(Get-ChildItem -LiteralPath $Folder -Filter $Filter).Count) -lt $Count) {
        if ([datetime]::UtcNow -gt $deadline) { throw "$there of $Count '$Filter' after $Seconds s." }
        Start-Sleep -Milliseconds 50
    }
}

function Invoke-AtOnce {
    <#
    .SYNOPSIS
        Runs a script in so many PowerShells of their own, which begin it at the same moment, and gives back what each puts out as text.
    .DESCRIPTION
        The script is a text and sees its number, from 1, as $me, and a folder that all of them share as $folder. One call of each cmdlet was made by then.
    #>
    param([Parameter(Mandatory)] [int] $Count, [Parameter(Mandatory)] [string] $Script)
    $folder = New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid().ToString('n')))
    $text = @"
`$folder, `$me = `$args[0], [int]`$args[1]
`$null = Get-FlowExecution -First 1
Set-Content -LiteralPath "`$folder/ready-`$me" -Value ''
while (-not (Test-Path -LiteralPath "`$folder/go")) { Start-Sleep -Milliseconds 20 }
`$go = [datetime]::new([long](Get-Content -LiteralPath "`$folder/go"), 'Utc')
while ([datetime]::UtcNow -lt `$go) { }
$Script
"@
    $workers = @(foreach ($me in 1..$Count) { Start-TestProcess $text -Argument $folder, $me })
    try {
        $reading = foreach ($worker in $workers) { $worker.StandardOutput.ReadToEndAsync() }
        try { Wait-TestFile $folder 'ready-*' $Count }
        catch { throw "Not all workers came up: $(foreach ($text in $reading) { if ($text.IsCompleted) { $text.Result } })" }
        # Whole at once: nobody must read half of the time.
        Set-Content -LiteralPath "$folder/time" -Value ([datetime]::UtcNow.AddMilliseconds(500).Ticks)
        Move-Item -LiteralPath "$folder/time" -Destination "$folder/go"
        foreach ($text in $reading) { $text.Result.Trim() }
    }
    finally {
        Stop-TestProcess $workers
    }
}
