# The powershell blocks of README.md and docs, and how what they print is compared. Used by Examples.Tests.ps1.

function Get-DocumentationPage {
    <#
    .SYNOPSIS
        The powershell blocks of a page in order, each with the output block behind it. A block behind <!-- no-run: reason --> is only counted.
    #>
    param([Parameter(Mandatory)] [string] $Root, [Parameter(Mandatory)] [IO.FileInfo] $File)
    $text = (Get-Content -LiteralPath $File.FullName -Raw) -replace "`r`n", "`n"
    $pattern = '(?ms)(?<noRun>^<!-- no-run: [^\n]+ -->\n\n?)?^```powershell\n(?<code>.*?)^```$(\n\n^```output\n(?<output>.*?)^```$)?'
    $blocks = @([regex]::Matches($text, $pattern))
    $name = [IO.Path]::GetRelativePath($Root, $File.FullName).Replace('\', '/')
    $number = 0
    @{
        Name    = $name
        # A page that tells one story: its blocks share a session, and each goes on where the one before ended.
        IsStory = $name -notlike 'docs/en-US/*'
        LeftOut = @($blocks | Where-Object { $_.Groups['noRun'].Success }).Count
        Outputs = [regex]::Matches($text, '(?m)^```output$').Count
        Blocks  = @(foreach ($block in $blocks) {
                $number++
                if (-not $block.Groups['noRun'].Success) {
                    @{
                        Key      = "$name#$number"
                        Page     = $name
                        IsStory  = $name -notlike 'docs/en-US/*'
                        Code     = $block.Groups['code'].Value
                        Line     = ($block.Groups['code'].Value -split "`n")[0]
                        Expected = $block.Groups['output'].Success ? $block.Groups['output'].Value : $null
                    }
                }
            })
    }
}

function ConvertTo-ComparableOutput {
    <#
    .SYNOPSIS
        Printed text without what differs from run to run: ids, times, durations, ports, versions, paths and the width of columns.
    #>
    param([AllowEmptyString()] [AllowNull()] [string] $Text)
    $rules = [ordered]@{
        '\e\[[\d;]*m'                                                        = ''
        '\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b'   = '<id>'
        '-\d{8}T\d{9}Z-[0-9A-F]*'                                            = '-<key>'
        '(?<![.\d])\b[0-9a-f]{8}\b'                                          = '<id>'
        '\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(\.\d+)?Z?( \+00:00)?'        = '<time>'
        '\b(\d+\.)?\d\d:\d\d:\d\d(\.\d+)?\b'                                 = '<duration>'
        'just now|\b\d+ (d|h|min|s|ms)\b( \d+ (h|min|s|ms)\b)?'              = '<duration>'
        '(?m)^(True|False) +\d+ +[\d.]+ +\d+ +\S+'                           = '$1 <port> <version> <process> <path>'
        '(?m)^(Port|ServerVersion) *: \S+'                                   = '$1: <value>'
        # A column that is cut off ends where the columns before it leave room.
        '(?m).{0,24}…$'                                                      = '…'
        '(?m)[ -]+'                                                          = ' '
        '(?m)^ | $'                                                          = ''
        '\n{2,}'                                                             = "`n"
    }
    $result = $Text -replace "`r`n", "`n"
    foreach ($rule in $rules.GetEnumerator()) {
        $result = $result -creplace $rule.Key, $rule.Value
    }
    $result.Trim()
}

function Update-DocumentationOutput {
    <#
    .SYNOPSIS
        Writes what the blocks of a page printed into its output blocks.
    #>
    param([Parameter(Mandatory)] [string] $Root, [Parameter(Mandatory)] [string] $Page, [Parameter(Mandatory)] [hashtable] $Printed)
    $file = Join-Path $Root $Page
    $text = (Get-Content -LiteralPath $file -Raw) -replace "`r`n", "`n"
    $script:number = 0
    $pattern = '(?ms)^(?<code>```powershell\n.*?^```$)(?<between>\n\n^```output\n)?(?<output>(?<=```output\n).*?^```$)?'
    $text = [regex]::Replace($text, $pattern, {
            $match = $args[0]
            $key = "$Page#$((++$script:number))"
            $match.Groups['output'].Success -and $Printed.ContainsKey($key) ? "$($match.Groups['code'])$($match.Groups['between'])$($Printed[$key])`n``````" : $match.Value
        })
    [IO.File]::WriteAllText($file, $text)
}
