# Numbers and times mean the same in every culture, or are refused: parameters, piped rows, CSV files, views.
BeforeDiscovery {
    $cultures = 'tr-TR', 'fr-FR', 'th-TH', 'fa-IR', 'de-CH', 'en-US'
    # Without ICU every culture is the invariant one, and nothing here could fail.
    $withoutIcu = [cultureinfo]::GetCultureInfo('fa-IR').DateTimeFormat.Calendar -isnot [Globalization.PersianCalendar]
}

BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-cultures'

    # Binds a value to a parameter of this type and with these attributes, by PowerShell's own binder.
    function Invoke-Binder {
        [CmdletBinding()]
        param()
        dynamicparam {
            $all = [Management.Automation.RuntimeDefinedParameterDictionary]::new()
            $attributes = [Collections.ObjectModel.Collection[Attribute]]::new()
            $attributes.Add([Parameter]::new())
            $boundAttributes | ForEach-Object { $attributes.Add($_) }
            $all.Add('Value', [Management.Automation.RuntimeDefinedParameter]::new('Value', $boundType, $attributes))
            $all
        }
        process { , $PSBoundParameters.Value }
    }

    function Get-Bound {
        param($Parameter, $Value)
        $boundType = $Parameter.ParameterType
        $boundAttributes = @($Parameter.Attributes | Where-Object { $_ -isnot [Parameter] -and $_ -isnot [Alias] -and $_.GetType().Namespace -ne 'System.Runtime.CompilerServices' })
        try { Invoke-Binder -Value $Value }
        catch [Management.Automation.ParameterBindingException] { 'refused' }
    }

    function Get-Shown {
        param($Value)
        $Value -is [IFormattable] ? $Value.ToString($Value -is [datetimeoffset] ? 'O' : $null, [cultureinfo]::InvariantCulture) : "$Value"
    }

    # 7 is in the range of every parameter.
    $whole = @(
        @{ Value = '7'; Is = '7' }, @{ Value = ' 7 '; Is = '7' }, @{ Value = 7; Is = '7' }, @{ Value = 7.0; Is = '7' }, @{ Value = [decimal]7; Is = '7' }
        '1.234', '1,234', '1 234', "1$([char]0x2019)234", "1$([char]0xA0)234", '1.2E+03', '7e0', '7.0', '0x7', '1kb', '', ' ', 'abc', "$([char]0x0667)", $true, 7.5, [DayOfWeek]::Friday, [datetime]'2026-01-01', @(7, 7)
    )
    $number = @(
        @{ Value = '7'; Is = '7' }, @{ Value = '0.0886'; Is = '0.0886' }, @{ Value = 0.0886; Is = '0.0886' }, @{ Value = '8.86E-2'; Is = '0.0886' }, @{ Value = 7; Is = '7' }
        '0,0886', '1,234.5', '1.234,5', '1 234', "0$([char]0x066B)5", '0x7', '', ' ', 'abc', $true, [DayOfWeek]::Friday, [double]::NaN, [datetime]'2026-01-01', @(7, 7)
    )
    $day = [datetimeoffset][datetime]::new(2026, 1, 2)
    $time = @(
        @{ Value = '2026-01-02'; Is = Get-Shown $day }, @{ Value = [datetime]::new(2026, 1, 2); Is = Get-Shown $day }, @{ Value = $day; Is = Get-Shown $day }
        @{ Value = '2026-01-02T03:04:05.123456Z'; Is = '2026-01-02T03:04:05.1234560+00:00' }, @{ Value = '2026-01-02 03:04+02'; Is = '2026-01-02T03:04:00.0000000+02:00' }
        '02/01/2026', '2.1.2026', '2/1/2569', '1404/10/12', '2026-1-2', '2026-13-01', 'Jan 2 2026', '03:04', '20260102', '', ' ', 'abc', 7, $true, @($day, $day)
    )
    $span = @(
        @{ Value = '7s'; Is = '00:00:07' }, @{ Value = '00:00:07'; Is = '00:00:07' }, @{ Value = [timespan]::new(0, 0, 7); Is = '00:00:07' }
        '7', '1.5', '1,5s', '1.5s', '', 'abc', 7, $true, [datetime]'2026-01-01'
    )
    $cases = @{
        ([int]) = $whole; ([long]) = $whole; ([uint]) = $whole; ([ulong]) = $whole; ([short]) = $whole; ([ushort]) = $whole; ([byte]) = $whole; ([sbyte]) = $whole; ([bigint]) = $whole
        ([decimal]) = $number; ([double]) = $number; ([float]) = $number
        ([datetime]) = $time; ([datetimeoffset]) = $time; ([DateOnly]) = $time
        ([timespan]) = $span
    }

    # Every parameter of a number or a time of every cmdlet of the module.
    $parameters = foreach ($command in Get-Command -Module LeoPS -CommandType Cmdlet) {
        foreach ($parameter in $command.Parameters.Values) {
            $type = $parameter.ParameterType.IsArray ? $parameter.ParameterType.GetElementType() : $parameter.ParameterType
            $type = [Nullable]::GetUnderlyingType($type) ?? $type
            if ($cases.ContainsKey($type) -and $parameter.Name -notin [Management.Automation.PSCmdlet]::CommonParameters) {
                [pscustomobject]@{ Name = "$command -$($parameter.Name)"; Parameter = $parameter; Cases = $cases[$type] }
            }
        }
    }

    $before = [cultureinfo]::CurrentCulture
    function Use-Culture {
        param([string] $Name, [scriptblock] $Script)
        [cultureinfo]::CurrentCulture = [cultureinfo]::GetCultureInfo($Name)
        try { & $Script }
        finally { [cultureinfo]::CurrentCulture = $before }
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Every parameter of a number or a time' {
    It 'means the same under <_>, or is refused' -Skip:$withoutIcu -ForEach $cultures {
        ($parameters | Measure-Object).Count | Should -BeGreaterThan 90
        $wrong = Use-Culture $_ {
            foreach ($entry in $parameters) {
                foreach ($case in $entry.Cases) {
                    ($value, $is) = $case -is [hashtable] ? ($case.Value, $case.Is) : ($case, 'refused')
                    if ($value -is [array] -and $entry.Parameter.ParameterType.IsArray) { continue }
                    $bound = Get-Shown (Get-Bound $entry.Parameter $value)
                    if ($bound -ne $is) {
                        "$($entry.Name) makes '$bound' of $($value -is [string] ? "'$value'" : "$value ($($value.GetType().Name))"); expected: $is"
                    }
                }
            }
        }
        $wrong | Should -BeNullOrEmpty
    }

    It 'says what it wants, and repeats no secret' {
        { Complete-FlowExecution -Id (Get-RunId 1) -CostUsd '0,0886' } | Should -Throw '*0,0886*is not a number*0.0886*'
        { Complete-FlowExecution -Id (Get-RunId 1) -TokenCount '1.234' } | Should -Throw '*1.234*is not a whole number*1200*'
        { Get-HandoffPreparation -Before '01/02/2026' } | Should -Throw '*01/02/2026*is not a time*ISO 8601*'
        foreach ($call in { Get-HandoffPreparation -First $secret }, { Measure-FlowExecution -BudgetUsd $secret }, { Get-HandoffPreparation -Before $secret }) {
            $secret = 'postgresql://u:hunter2@h/d'
            $failure = try { & $call } catch { $_ }
            "$failure" | Should -Not -BeLike '*hunter2*'
            $failure.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
        }
    }
}

Describe 'Under <_>' -Skip:$withoutIcu -ForEach $cultures {
    BeforeAll { $culture = $_ }

    It 'a run is completed with the numbers that were given' {
        Reset-RunData -Runs 2
        $runs = Use-Culture $culture {
            Complete-FlowExecution -Id (Get-RunId 1) -CostUsd '0.0886' -TokenCount '1234'
            @{ Id = Get-RunId 2; CostUsd = '0.0886'; TokenCount = '1234' } | Complete-FlowExecution
        }
        $runs | ForEach-Object { Get-Shown $_.CostUsd } | Should -Be '0.0886', '0.0886'
        $runs.TokenCount | Should -Be 1234, 1234
    }

    It 'a row whose number is written in another form is that row''s error, and the others go on' {
        Reset-RunData -Runs 6
        $rows = @(
            @{ Id = Get-RunId 1; CostUsd = '0,0886' }, @{ Id = Get-RunId 2; TokenCount = '1.234' }, @{ Id = Get-RunId 3; TokenCount = '1.2E+03' }
            @{ Id = Get-RunId 4; CostUsd = '1,234.5' }, @{ Id = Get-RunId 5; CostUsd = ''; TokenCount = '' }, @{ Id = Get-RunId 6; CostUsd = 0.5; TokenCount = 12.0 }
        )
        $outcome = Use-Culture $culture { Get-Outcome { $rows | Complete-FlowExecution } }
        $outcome.Errors | Get-ErrorName | Should -Be (@('ValueOutOfRange') * 4)
        $outcome.Errors | ForEach-Object { "$_" -match "Column (\w+) .*'(.*?)'" | Out-Null; "$($Matches[1]) $($Matches[2])" } |
            Should -Be 'CostUsd 0,0886', 'TokenCount 1.234', 'TokenCount 1.2E+03', 'CostUsd 1,234.5'
        $outcome.Out.Id | Should -Be (Get-RunId 5, 6)
        $outcome.Out | ForEach-Object { "$(Get-Shown $_.CostUsd)|$($_.TokenCount)" } | Should -Be '|', '0.5000|12'
    }

    It '-After and -Before select the same rows' {
        Reset-TestData -Count 3
        Invoke-TestSql "update public.exec_handoff_preparations set prepared_at = case id when md5('h1')::uuid then '2025-12-31Z' when md5('h2')::uuid then '2026-02-01Z' else '2027-01-01Z' end::timestamptz"
        $found = Use-Culture $culture { Get-HandoffPreparation -After '2026-01-01' -Before '2026-12-01' }
        $found.Id | Should -Be (Get-TestId 2)
    }

    It 'what Export-Csv wrote is read back, guarded by the version, or refused' {
        Reset-TestData -Count 2
        $file = Join-Path $TestDrive 'handoffs.csv'
        $outcome = Use-Culture $culture {
            Get-HandoffPreparation | Export-Csv -LiteralPath $file
            Invoke-TestSql "update public.exec_handoff_preparations set implementation_summary = 'edited' where id = md5('h2')::uuid"
            Get-Outcome { Import-Csv -LiteralPath $file | Set-HandoffPreparation -DemoUrl 'https://demo' }
        }
        $outcome.Out.Id | Should -Be (Get-TestId 1)
        $outcome.Errors | Get-ErrorName | Should -Be 'EditConflict'
        Reset-RunData -Runs 1
        Invoke-TestSql "update public.crewai_flow_executions set cost_usd = 0.0886, token_count = 1234"
        $file = Join-Path $TestDrive 'runs.csv'
        $outcome = Use-Culture $culture {
            Get-FlowExecution | Export-Csv -LiteralPath $file
            Get-Outcome { Import-Csv -LiteralPath $file | Complete-FlowExecution }
        }
        $stored = Invoke-TestSql 'select cost_usd, token_count from public.crewai_flow_executions'
        $stored | Should -Be '0.0886|1234'
        if ($outcome.Errors) { "$($outcome.Errors[0])" | Should -BeLike "Column CostUsd *'0?0886'*" }
    }

    It 'views show times in the Gregorian calendar and in ASCII digits' {
        Use-Culture $culture { [LeoPS.Formatting.ViewText]::Moment([datetimeoffset]'2026-01-02T03:04:05Z') } | Should -Be '2026-01-02 03:04:05Z'
    }
}
