# What the Pester files of the handoff cmdlets share beside _shared.ps1: calls seen whole, rows seen behind the module's back.

function Get-Outcome {
    <#
    .SYNOPSIS
        Runs a script block and gives back what came of it, by stream: Out, Errors, Verbose, All (Out and Errors as they came), and Ended, the error that ended it.
    #>
    param([Parameter(Mandatory, Position = 0)] [scriptblock] $Script)
    # A test run may have been started under Stop; what a user sees is Continue.
    $ErrorActionPreference = 'Continue'
    $outcomeOfCall = [pscustomobject]@{
        Out     = [Collections.Generic.List[object]]::new()
        Errors  = [Collections.Generic.List[object]]::new()
        All     = [Collections.Generic.List[object]]::new()
        Verbose = [Collections.Generic.List[string]]::new()
        Ended   = $null
    }
    try {
        & $Script 2>&1 4>&1 | ForEach-Object {
            if ($_ -is [System.Management.Automation.VerboseRecord]) {
                $outcomeOfCall.Verbose.Add($_.Message)
                return
            }
            $outcomeOfCall.All.Add($_)
            if ($_ -is [System.Management.Automation.ErrorRecord]) {
                $outcomeOfCall.Errors.Add($_)
            }
            else {
                $outcomeOfCall.Out.Add($_)
            }
        }
    }
    catch {
        $outcomeOfCall.Ended = $_
    }
    $outcomeOfCall
}

function Get-ErrorName {
    <#
    .SYNOPSIS
        The first part of each record's FullyQualifiedErrorId.
    #>
    param([Parameter(ValueFromPipeline)] $Record)
    process { ($Record.FullyQualifiedErrorId -split ',')[0] }
}

function Get-TestStatus {
    <#
    .SYNOPSIS
        The handoff_status of the n-th handoffs, in the order asked for.
    #>
    param([Parameter(Mandatory, Position = 0)] [int[]] $Number)
    Invoke-TestSql "select h.handoff_status from unnest(array[$($Number -join ',')]) with ordinality k(n, ord)
        join public.exec_handoff_preparations h on h.id = md5('h' || k.n)::uuid order by k.ord"
}

function Get-TestCount {
    <#
    .SYNOPSIS
        How many handoffs have which status, as "ready 2, sent 3".
    #>
    (Invoke-TestSql "select handoff_status || ' ' || count(*) from public.exec_handoff_preparations group by handoff_status order by 1") -join ', '
}

function Get-RunningCall {
    <#
    .SYNOPSIS
        How many statements of the module run on the server at this moment.
    #>
    [int](Invoke-TestSql "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
        and state <> 'idle' and application_name like 'LeoPS/%'")
}

function Open-TestTransaction {
    <#
    .SYNOPSIS
        Runs SQL in a transaction that stays open until Close-TestTransaction; returns when the SQL is done.
    #>
    param([Parameter(Mandatory, Position = 0)] [string] $Sql)
    $connection = Open-TestConnection -Database leops -User leops
    $null = Read-TestSql $connection "begin;`n$Sql"
    $connection
}

function Close-TestTransaction {
    param([Parameter(Mandatory, Position = 0)] $Connection, [switch] $Commit)
    try { $null = Read-TestSql $Connection ($Commit ? 'commit' : 'rollback') }
    finally { $Connection.Dispose() }
}

function Get-HostOutput {
    <#
    .SYNOPSIS
        What a script block says to the host (-WhatIf does), line by line; its output and errors are in the variable named by -Outcome.
    #>
    param([Parameter(Mandatory, Position = 0)] [scriptblock] $Script, [string] $Outcome)
    $transcript = Join-Path ([IO.Path]::GetTempPath()) "leops-$([guid]::NewGuid().ToString('n')).txt"
    try {
        $null = Start-Transcript -LiteralPath $transcript -UseMinimalHeader
        try {
            $outcomeOfHost = Get-Outcome $Script
        }
        finally {
            $null = Stop-Transcript
        }
        if ($Outcome) {
            Set-Variable -Name $Outcome -Value $outcomeOfHost -Scope 1
        }
        Get-Content -LiteralPath $transcript
    }
    finally {
        Remove-Item -LiteralPath $transcript -ErrorAction Ignore
    }
}
