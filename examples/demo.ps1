#Requires -Version 7.4
<#
.SYNOPSIS
    Shows LeoPS at work on a private PostgreSQL with sample rows.
.DESCRIPTION
    Makes a sandbox of its own, runs the main pipelines, prints each before it runs and shows what comes out, and stops
    the sandbox again. The data are new on every run, so it can be started as often as you like. Needs out/LeoPS, which
    "./build.ps1 package" makes; "./build.ps1 demo" does both.
.PARAMETER Path
    The folder of the demo's sandbox: everything in it is replaced. Without it the one beside the default sandbox whose name ends in "-demo".
.PARAMETER KeepRunning
    Leaves the sandbox running at the end.
#>
[CmdletBinding()]
param(
    [string] $Path,
    [switch] $KeepRunning
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# Beside the default sandbox: as root this must be a folder that the server's unprivileged user can enter.
function Get-DemoPath {
    $default = if ($env:LEOPS_SANDBOX_HOME) {
        $env:LEOPS_SANDBOX_HOME.TrimEnd('/', '\')
    }
    elseif (-not $IsWindows -and [Environment]::IsPrivilegedProcess) {
        '/var/lib/leops/sandbox'
    }
    else {
        Join-Path ([Environment]::GetFolderPath('LocalApplicationData', 'Create')) 'LeoPS' 'sandbox'
    }
    "$default-demo"
}

# What runs is what is printed. -ExpectError names the errors that belong to the story; any other makes the demo fail.
function Step {
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Text,
        [Parameter(Mandatory, Position = 1)] [scriptblock] $Script,
        [string[]] $ExpectError = @()
    )
    [pscustomobject]@{ Text = $Text; Script = $Script; ExpectError = $ExpectError }
}

Import-Module (Join-Path $PSScriptRoot '../out/LeoPS/LeoPS.psd1')
$demo = $Path ? $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path) : (Get-DemoPath)
if (Get-LeoSandbox -Path $demo -ErrorAction Ignore) {
    Stop-LeoSandbox -Path $demo -Remove -Confirm:$false
}

# Should the demo be killed, "./build.ps1 demo" ends the server whose folder is listed here.
if ($env:LEOPS_RUN_FOLDER -and -not $KeepRunning) {
    Add-Content -LiteralPath (Join-Path $env:LEOPS_RUN_FOLDER 'servers') -Value $demo
}

$steps = @(
    Step 'A private PostgreSQL server with the schema and sample rows; it becomes the default connection.' {
        Start-LeoSandbox -Path $demo -Sample
    }
    Step 'Who answers, and is everything there?' {
        Test-LeoDatabase
    }
    Step 'The tables beside the contract, item by item.' {
        Test-LeoSchema | Group-Object State -NoElement
    }
    Step 'What waits to be sent?' {
        Get-HandoffPreparation -Status Ready
    }
    Step 'JSON columns read with dots: the thin ones among those in preparation.' {
        Get-HandoffPreparation -Status Preparing | Where-Object { $_.QualityMetrics.coverage -lt 80 } |
            Select-Object SdKey, Status, @{ n = 'Coverage'; e = { $_.QualityMetrics.coverage } }, @{ n = 'LintErrors'; e = { $_.QualityMetrics.lintErrors } }
    }
    Step 'The newest handoff of each directive, where that one has been in its status for more than 16 hours.' {
        Get-HandoffPreparation -Latest -Stuck 16h
    }
    Step 'A rehearsal first: -WhatIf writes nothing.' {
        Get-HandoffPreparation -Status Ready -SdId 'SD-2026-00*', 'SD-EXPORT-*' | Set-HandoffStatus Sent -WhatIf
    }
    Step 'The main pipeline: send all that is ready. The moved objects come out, stamped by the server''s clock.' {
        Get-HandoffPreparation -Status Ready | Set-HandoffStatus Sent | Tee-Object -Variable sent | Group-Object Status -NoElement
    }
    Step 'One of them in full.' {
        $sent | Select-Object -First 1 | Format-List
    }
    Step 'Selected and moved on the server, in one statement; no rows travel in, and -Summary gives the figures only.' {
        Set-HandoffStatus Accepted -CurrentStatus Sent -SdId 'SD-2026-*' -Summary
    }
    Step 'A move that is not in the transition table is refused, with those that are.' -ExpectError InvalidTransition {
        Get-HandoffPreparation -Status Preparing -First 1 | Set-HandoffStatus Accepted
    }
    Step 'A rejection needs a reason.' -ExpectError ReasonRequired {
        Get-HandoffPreparation -Status Sent -First 1 | Set-HandoffStatus Rejected
    }
    Step 'With one it works, and the reason is kept in the notes.' {
        Get-HandoffPreparation -Status Sent -First 1 | Set-HandoffStatus Rejected -Reason 'End-to-end results are missing' | ForEach-Object PostImplementationNotes
    }
    Step 'You read three handoffs, and before you answer, somebody else accepts one of them.' {
        $three = Get-HandoffPreparation -Status Sent -First 3
        $null = Set-HandoffStatus Accepted -Id $three[1].Id
    }
    Step 'The changed one is left alone and reported; the other two are done.' -ExpectError StatusConflict {
        $three | Set-HandoffStatus Rejected -Reason 'Superseded by the March plan'
    }
    Step 'All or nothing: with -Atomic one bad row keeps the others from moving.' -ExpectError InvalidTransition, BatchRolledBack {
        $rejected = @(Get-HandoffPreparation -Status Rejected -First 3)
        $accepted = @(Get-HandoffPreparation -Status Accepted -First 1)
        $rejected + $accepted | Set-HandoffStatus Preparing -Atomic
    }
    Step 'JSON lines keep everything, microseconds and SQL NULL included.' {
        Get-HandoffPreparation -Status Preparing -First 1 -AsJson
    }
    Step 'What it all came to.' {
        Get-HandoffPreparation | Group-Object Status -NoElement | Sort-Object Name
    }
    Step 'The other half: stored flows, and their runs.' {
        Get-Flow
    }
    Step 'A run of the weekly meeting. Its key is made of the flow''s, and its input is any object.' {
        $run = Start-FlowExecution weekly-board-meeting -InputState @{ agenda = 'runway', 'hiring'; attendees = 6 }
        $run
    }
    Step 'It is over: output, tokens, cost. Times and duration are the server''s.' {
        $run | Complete-FlowExecution -OutputState @{ decision = 'approved'; votes = 5 } -TokenCount 18400 -CostUsd 0.0552 | Format-List Status, DurationMs, OutputState, TokenCount, CostUsd
    }
    Step 'A run that fails: message, type and stack come from the error record.' {
        $run = Start-FlowExecution investment-approval -InputState '{"venture": "Quiet Harbor", "amountUsd": 150000.00}'
        try { [decimal]::Parse('twelve') } catch { $run | Complete-FlowExecution -ErrorRecord $_ | Format-List Status, ErrorType, ErrorMessage }
    }
    Step 'An idempotency key: the second start gives the run of the first.' {
        $null = Start-FlowExecution emergency-board-session -ExecutionKey ALERT-4711 -InputState '{"severity": "high"}'
        Start-FlowExecution emergency-board-session -ExecutionKey ALERT-4711 -InputState '{"severity": "high"}' -OnConflict UseExisting | Select-Object ExecutionKey, Status, IsNew
    }
    Step 'An archived flow is not started; the others are.' -ExpectError FlowNotRunnable {
        Get-Flow *-* | Start-FlowExecution -InputState { @{ flow = $_.FlowKey } } | Complete-FlowExecution -OutputState @{ ok = $true } | Measure-Object DurationMs -Average | Select-Object Count, Average
    }
    Step 'What has been running for hours, or failed.' {
        Get-FlowExecution -Status Running, Failed -OrderBy StartedAt -First 5
    }
    Step 'Several steps as one: where a row fails, nothing of it is kept.' -ExpectError FlowNotFound, BatchRolledBack {
        Invoke-LeoTransaction {
            Start-FlowExecution weekly-board-meeting -ExecutionKey NOT-KEPT
            Start-FlowExecution no-such-flow
        }
    }
)

# Text of a fixed width where no console says how wide it is.
$width = 120
if ([Console]::IsOutputRedirected) {
    $PSStyle.OutputRendering = 'PlainText'
}
else {
    $width = [Math]::Clamp([Console]::WindowWidth - 1, 80, 160)
}

$surprises = 0
try {
    foreach ($step in $steps) {
        Write-Host ''
        Write-Host "# $($step.Text)" -ForegroundColor DarkGray
        foreach ($line in $step.Script.ToString().Trim() -split '\r?\n') {
            Write-Host "PS> $($line -replace '^ {8}')" -ForegroundColor Cyan
        }
        $came = [Collections.Generic.List[object]]::new()
        $ErrorActionPreference = 'Continue'
        try {
            # Dot-sourced here and not in a function: a later step uses the variables of an earlier one.
            . $step.Script 2>&1 | ForEach-Object { $came.Add($_) }
        }
        catch {
            $came.Add($_)
        }
        $ErrorActionPreference = 'Stop'
        $failures = @($came | Where-Object { $_ -is [Management.Automation.ErrorRecord] })
        $came | Where-Object { $_ -isnot [Management.Automation.ErrorRecord] } | Out-String -Stream -Width $width | Write-Host
        foreach ($failure in $failures) {
            Write-Host "$($failure.InvocationInfo.MyCommand.Name): $($failure.Exception.Message)" -ForegroundColor Red
        }
        $seen = @($failures | ForEach-Object { ($_.FullyQualifiedErrorId -split ',')[0] } | Sort-Object) -join ' '
        $expected = @($step.ExpectError | Sort-Object) -join ' '
        if ($seen -ne $expected) {
            $surprises++
            Write-Host "This step was to give the errors '$expected' and gave '$seen'." -ForegroundColor Red
        }
    }
}
finally {
    if (-not $KeepRunning -and (Get-LeoSandbox -Path $demo -ErrorAction Ignore)) {
        Stop-LeoSandbox -Path $demo -Confirm:$false
    }
}

$manifest = Join-Path $PSScriptRoot '../out/LeoPS/LeoPS.psd1' | Convert-Path
Write-Host @"

The demo's sandbox in $demo $($KeepRunning ? 'is still running' : 'is stopped'). To go on by yourself:

    Import-Module '$manifest'
    Start-LeoSandbox -Path '$demo'
    Get-HandoffPreparation -Status Sent | Set-HandoffStatus Accepted -WhatIf
    Get-Help Set-HandoffStatus -Full
    Stop-LeoSandbox -Path '$demo' -Remove
"@
if ($surprises -gt 0) {
    Write-Host "$($surprises) of the demo's steps did not end as they should." -ForegroundColor Red
    exit 1
}
