# The frame of a run of tests, of the demo or of the benchmarks: what it starts ends with it. Dot-sourced.

function Start-Run {
    <#
    .SYNOPSIS
        Makes the folder of a run, which becomes the temporary folder of this process and its children. Inside another run it does nothing.
    .DESCRIPTION
        On Unix, servers in the folder or in a folder that its file "servers" lists, and processes started from here are ended, and the folder is removed, when this process ends in any
        way or calls Stop-Run: tools/end-run.sh waits for it. On Windows only Stop-Run removes the folder.
    #>
    [CmdletBinding()]
    param()
    if ($env:LEOPS_RUN_FOLDER -and (Test-Path -LiteralPath $env:LEOPS_RUN_FOLDER)) { return }
    $folder = Join-Path ([IO.Path]::GetTempPath()) "leops-run-$([guid]::NewGuid().ToString('n').Substring(0, 8))"
    $null = New-Item -ItemType Directory -Path $folder
    $global:LeoRun = @{ Folder = $folder; End = $null; Saved = @{} }
    if (-not $IsWindows) {
        # As root the server runs as another user, who must be able to enter.
        chmod 755 $folder
        $start = [Diagnostics.ProcessStartInfo]::new('/bin/sh')
        foreach ($argument in (Join-Path $PSScriptRoot 'end-run.sh'), $folder, (Get-SandboxList)) { $start.ArgumentList.Add($argument) }
        $start.RedirectStandardInput = $true
        # Kept in a global variable: its standard input must stay open as long as this process lives.
        $global:LeoRun.End = [Diagnostics.Process]::Start($start)
    }
    # After the start of that shell, which must not find the mark on itself.
    foreach ($name in @('LEOPS_RUN_FOLDER') + ($IsWindows ? @('TEMP', 'TMP') : @('TMPDIR'))) {
        $global:LeoRun.Saved[$name] = [Environment]::GetEnvironmentVariable($name)
        [Environment]::SetEnvironmentVariable($name, $folder)
    }
}

function Stop-Run {
    <#
    .SYNOPSIS
        Ends the run that this process began, and returns when nothing of it is left; in a process that began none it does nothing.
    #>
    [CmdletBinding()]
    param()
    if (-not (Test-Path Variable:global:LeoRun)) { return }
    $run = $global:LeoRun
    Remove-Variable LeoRun -Scope Global
    foreach ($name in $run.Saved.Keys) { [Environment]::SetEnvironmentVariable($name, $run.Saved[$name]) }
    if ($run.End) {
        $run.End.StandardInput.Close()
        $run.End.WaitForExit()
        $run.End.Dispose()
    }
    else {
        Remove-Item -LiteralPath $run.Folder -Recurse -Force
    }
}

# Where the module keeps the list of the user's sandboxes.
function Get-SandboxList {
    $local = [Environment]::GetFolderPath('LocalApplicationData')
    $state = [Environment]::IsPrivilegedProcess ? '/var/lib/leops' : (Join-Path $local 'LeoPS')
    Join-Path $state 'sandboxes'
}
