# What an import adds to a bare start: whole processes, in pairs.
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
Add-Ratio 'import adds, ms' (Get-MedianTime 'import adds') '<= 60'
