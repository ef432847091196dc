# What the Pester files have in common. Each begins with:  BeforeAll { . "$PSScriptRoot/_shared.ps1" }
Set-StrictMode -Version 3.0

# build.ps1 names the packaged module; a test file that is started by hand takes it from out/.
$LeoModulePath = $env:LEOPS_TEST_MODULE ? $env:LEOPS_TEST_MODULE : (Join-Path $PSScriptRoot '../../out/LeoPS')
$LeoManifest = Join-Path $LeoModulePath 'LeoPS.psd1'
if (-not (Test-Path -LiteralPath $LeoManifest)) {
    throw "There is no module in $LeoModulePath. Run ./build.ps1 package first."
}
$LeoModulePath = Convert-Path -LiteralPath $LeoModulePath
$LeoManifest = Convert-Path -LiteralPath $LeoManifest

. "$PSScriptRoot/_sql.ps1"

# Where a test file is started by hand, its server ends with this PowerShell.
. "$PSScriptRoot/../../tools/TestRun.ps1"
Start-Run

# Text that is broken by whoever quotes, escapes or counts it wrong.
$awkward = "it's ""quoted"" 100 % of_rows \ C:\new\table 🚀🚀 日本"

function Import-LeoModule {
    # Not -Force: a second load of the same assemblies is no test of the first.
    if (-not (Get-Module LeoPS)) {
        Import-Module $LeoManifest -Global
    }
}

function Invoke-FreshPowerShell {
    <#
    .SYNOPSIS
        Runs a script in a PowerShell of its own and gives back what it puts out; throws with its error text where it fails.
    .DESCRIPTION
        The script sees -Argument as $args and $LeoManifest as its first line. Output travels as JSON, so give objects of plain properties.
    #>
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, Position = 0)] [scriptblock] $Script,
        [object[]] $Argument = @()
    )
    $folder = New-Item -ItemType Directory -Path (Join-Path ([IO.Path]::GetTempPath()) "leops-$([guid]::NewGuid().ToString('n'))")
    try {
        $file = Join-Path $folder 'script.ps1'
        $result = Join-Path $folder 'result.json'
        $failure = Join-Path $folder 'failure.txt'
        $call = [ordered]@{ Manifest = $LeoManifest; Arguments = $Argument } | ConvertTo-Json -Depth 5
        Set-Content -LiteralPath (Join-Path $folder 'call.json') -Value $call
        Set-Content -LiteralPath $file -Value @"
`$ErrorActionPreference = 'Stop'
`$call = Get-Content -LiteralPath (Join-Path `$PSScriptRoot 'call.json') -Raw | ConvertFrom-Json
`$LeoManifest = `$call.Manifest
try {
    `$arguments = @(`$call.Arguments)
    `$output = & { $Script } @arguments
    ConvertTo-Json -InputObject @(`$output) -Depth 8 | Set-Content -LiteralPath (Join-Path `$PSScriptRoot 'result.json')
}
catch {
    (`$_ | Out-String) + `$_.ScriptStackTrace | Set-Content -LiteralPath (Join-Path `$PSScriptRoot 'failure.txt')
    exit 1
}
"@
        $executable = Join-Path $PSHOME ($IsWindows ? 'pwsh.exe' : 'pwsh')
        if (Test-Path -LiteralPath $executable) {
            $said = & $executable -NoLogo -NoProfile -NonInteractive -File $file 2>&1
        }
        else {
            $said = & dotnet (Join-Path $PSHOME 'pwsh.dll') -NoLogo -NoProfile -NonInteractive -File $file 2>&1
        }
        if (Test-Path -LiteralPath $failure) {
            throw (Get-Content -LiteralPath $failure -Raw)
        }
        if (-not (Test-Path -LiteralPath $result)) {
            throw "The script left no result (exit code $LASTEXITCODE): $said"
        }
        Get-Content -LiteralPath $result -Raw | ConvertFrom-Json
    }
    finally {
        Remove-Item -LiteralPath $folder -Recurse -Force
    }
}

function Start-TestServer {
    <#
    .SYNOPSIS
        The PostgreSQL server of this test run, started when first asked for: its Uri, its Sandbox and its Port.
    #>
    $path = $env:LEOPS_TEST_SANDBOX ? $env:LEOPS_TEST_SANDBOX : (Join-Path $env:LEOPS_RUN_FOLDER 'pester')
    # Looking whether the server runs takes longer than most tests do, so each file looks once.
    if ((Test-Path Variable:script:leoTestServer) -and $script:leoTestServer.Path -eq $path) {
        return $script:leoTestServer
    }
    # Losing everything in a power cut is fine here, and a test run must not wait for the disk.
    $sandbox = Start-LeoSandbox -Path $path -NoConnect -Configuration 'fsync = off', 'synchronous_commit = off', 'full_page_writes = off', 'max_connections = 200'
    $password = (Get-Content -LiteralPath (Join-Path $path 'password') -Raw).Trim()
    $script:leoTestServer = [pscustomobject]@{
        Path     = $path
        Sandbox  = $sandbox
        Port     = $sandbox.Port
        Password = $password
        Uri      = "postgresql://$($sandbox.UserName):$([uri]::EscapeDataString($password))@127.0.0.1:$($sandbox.Port)/$($sandbox.Database)"
    }
    $script:leoTestServer
}

function Get-TestServerUser {
    <#
    .SYNOPSIS
        The beginning of a command line under which a program runs as the user of the test server, as root; otherwise nothing.
    #>
    if ((id -u) -eq '0') {
        $data = Join-Path (Start-TestServer).Path 'data'
        if (Get-Command setpriv -CommandType Application -ErrorAction Ignore) {
            'setpriv', "--reuid=$(stat -c '%u' $data)", "--regid=$(stat -c '%g' $data)", '--init-groups'
        }
        else {
            'runuser', '-u', "$(stat -c '%U' $data)", '--'
        }
    }
}

function Reset-TestData {
    <#
    .SYNOPSIS
        Leaves the tables with two directives, a session of each, and so many handoffs of one status; gives back nothing.
    .DESCRIPTION
        Handoff n (from 1) has the id md5('h' || n)::uuid; odd ones belong to SD-A-001, even ones to SD-B-002.
    #>
    [CmdletBinding()]
    param([int] $Count = 0, [string] $Status = 'ready')
    Invoke-TestSql -Variable @{ count = $Count; status = $Status } @'
truncate public.exec_handoff_preparations, public.exec_implementation_sessions, public.strategic_directives_v2, public.crewai_flow_executions, public.crewai_flows cascade;
insert into public.strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
values ('SD-A-001', 'SD-A-001', 'First directive', 'active', 'engineering', 'medium', 'd', 'r', 's'),
       ('6e6fb2a1-0000-4000-8000-000000000002', 'SD-B-002', 'Second directive', 'active', 'engineering', 'medium', 'd', 'r', 's');
insert into public.exec_implementation_sessions (id, sd_id, implementation_type)
select md5('s' || n)::uuid, case n when 1 then 'SD-A-001' else '6e6fb2a1-0000-4000-8000-000000000002' end, 'GENERAL_FEATURE' from generate_series(1, 2) n;
insert into public.exec_handoff_preparations (id, session_id, sd_id, handoff_status, implementation_summary, quality_metrics, deliverables_manifest, prepared_at)
select md5('h' || n)::uuid, md5('s' || (2 - n % 2))::uuid, case n % 2 when 1 then 'SD-A-001' else '6e6fb2a1-0000-4000-8000-000000000002' end,
       :'status', 'Summary of handoff ' || n, jsonb_build_object('coverage', 60 + n % 40), array['src/part' || n || '.cs'], now() - make_interval(mins => n)
from generate_series(1, :count) n;
'@
}

function Get-TestId {
    <#
    .SYNOPSIS
        The id of the n-th handoff of Reset-TestData; with another letter, of what else is numbered that way.
    #>
    param([Parameter(Mandatory, Position = 0)] [int] $Number, [string] $Letter = 'h')
    $hash = [Security.Cryptography.MD5]::HashData([Text.Encoding]::UTF8.GetBytes("$Letter$Number"))
    [guid][Convert]::ToHexString($hash)
}
