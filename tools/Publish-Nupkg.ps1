#Requires -Version 7.4
<#
.SYNOPSIS
    Publishes a module's folder with Publish-PSResource into a folder that serves as a repository.
.DESCRIPTION
    Runs in a process of its own: Publish-PSResource takes registered repositories only, and the user's own list of repositories stays as it
    is.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Path,
    [Parameter(Mandatory)] [string] $Feed
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# Linux and macOS keep the list of repositories below this folder. Windows does not, so there the entry is removed again.
$env:XDG_DATA_HOME = Join-Path $Feed '.data'
$null = New-Item -ItemType Directory -Path $env:XDG_DATA_HOME
$name = "leops-$([guid]::NewGuid().ToString('n').Substring(0, 8))"
Register-PSResourceRepository -Name $name -Uri $Feed -Trusted
try {
    Publish-PSResource -Path $Path -Repository $name
}
finally {
    Unregister-PSResourceRepository -Name $name
    Remove-Item -LiteralPath $env:XDG_DATA_HOME -Recurse -Force
}
