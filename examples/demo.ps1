#Requires -Version 7.4
<#
.SYNOPSIS
    Shows LeoPS at work.
#>
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

Import-Module (Join-Path $PSScriptRoot '../out/LeoPS/LeoPS.psd1')
Get-Command -Module LeoPS | Format-Table Name, Version
