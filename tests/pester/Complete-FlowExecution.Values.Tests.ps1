# Complete-FlowExecution: what is written into a run that ends, where it comes from, and what is refused of it.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-complete-values'
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Values' {
    BeforeEach {
        Reset-RunData -Runs 4
    }

    It 'of the output are each row''s own by a script block, which sees the run; one that fails fails its row only' {
        $outcome = Get-Outcome { Get-Run 1, 2, 3 | Complete-FlowExecution -OutputState { if ($_.InputState.n -eq 2) { throw 'no report' }; [ordered]@{ flow = $_.FlowKey; n = $_.InputState.n } } }
        $outcome.Out | ForEach-Object { "$($_.OutputState.flow) $($_.OutputState.n)" } | Should -Be 'weekly-2 1', 'weekly-1 3'
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidJson'
        "$($outcome.Errors[0])" | Should -BeLike '*-OutputState failed for this row: no report*'
        $outcome.Errors[0].TargetObject.ExecutionKey | Should -Be 'RUN-2'
        Get-RunCount | Should -Be 'completed 2, running 2'
    }

    It 'come from the columns of piped rows, and parameters win' {
        $csv = "Id,OutputState,TokenCount,CostUsd
$(Get-RunId 1),`"{`"`"a`"`": 1.10}`",1200,0.0361
$(Get-RunId 2), ,,
$(Get-RunId 3),[],7,1e-3"
        $csv | ConvertFrom-Csv | Complete-FlowExecution | ForEach-Object { Get-RunValue $_.Id "coalesce(output_state::text, '-') || ' ' || coalesce(token_count::text, '-') || ' ' || coalesce(cost_usd::text, '-')" } |
            Should -Be '{"a": 1.10} 1200 0.0361', '- - -', '[] 7 0.0010'
        $run = [pscustomobject]@{ Id = (Get-RunId 4); OutputState = [pscustomobject]@{ column = 1 }; TokenCount = 1; CostUsd = 1 } | Complete-FlowExecution -OutputState '"mine"' -TokenCount 2 -CostUsd 2
        "$($run.OutputState) $($run.TokenCount) $($run.CostUsd)" | Should -Be 'mine 2 2.0000'
    }

    It 'of an object of ours are not taken, whatever stands in it' {
        Invoke-TestSql "update public.crewai_flow_executions set output_state = '{`"partial`": 1}', token_count = 5"
        $live = Get-Run 1
        $deserialized = Get-Run 2 | ForEach-Object { $_ | Export-Clixml TestDrive:/run; Import-Clixml TestDrive:/run }
        $deserialized.TokenCount = 999
        $runs = $live, $deserialized | Complete-FlowExecution
        $runs.TokenCount | Should -Be 5, 5
        # There was nothing to write, so that a second time is no error.
        $again = Get-Outcome { $runs | Complete-FlowExecution }
        $again.Errors | Should -BeNullOrEmpty
    }

    It 'keep every column at its extreme, out and in again' {
        $long = "$awkward " * [int](1MB / "$awkward ".Length)
        $json = '{"huge": 1e400, "tenth": 0.1, "long": 12345678901234567890, "scale": 1.10, "list": [null, [null], {}], "null": null, "text": ' + (ConvertTo-Json $long) + '}'
        $run = Get-Run 1 | Complete-FlowExecution -OutputState $json -TokenCount ([int]::MaxValue) -CostUsd 999999.9999 -Status Failed -ErrorMessage $long -ErrorStack $long -ErrorType ('é' * 100)
        $read = Get-FlowExecution -Id $run.Id
        foreach ($row in $run, $read) {
            $row.TokenCount, $row.CostUsd, $row.ErrorMessage, $row.ErrorStack, $row.ErrorType | Should -BeExactly @([int]::MaxValue, 999999.9999d, $long, $long, ('é' * 100))
            $row.OutputState.tenth | Should -Be 0.1d
            $row.OutputState.long | Should -Be 12345678901234567890d
            "$($row.OutputState.scale)" | Should -Be '1.10'
            $row.OutputState.text | Should -BeExactly $long
            $row.OutputState.list | Should -HaveCount 3
        }
        Get-RunValue $run.Id "(output_state - 'text' - 'huge')::text || ' ' || (output_state->'huge' = '1e400'::jsonb)" |
            Should -Be '{"list": [null, [null], {}], "long": 12345678901234567890, "null": null, "scale": 1.10, "tenth": 0.1} true'
        # What came out can go in again, to the last digit.
        $null = Get-Run 2 | Complete-FlowExecution -OutputState $read.OutputState -TokenCount $read.TokenCount -CostUsd $read.CostUsd
        Invoke-TestSql "select count(distinct output_state::text) from public.crewai_flow_executions where execution_key in ('RUN-1', 'RUN-2')" | Should -Be 1
        # And as a line of JSON.
        (Get-FlowExecution -Id $run.Id -AsJson) -replace [regex]::Escape("$($run.Id)"), "$(Get-RunId 3)" -replace ',"RowVersion":\d+' | Complete-FlowExecution | Out-Null
        Invoke-TestSql "select count(distinct concat(output_state::text, token_count, cost_usd)) from public.crewai_flow_executions where execution_key in ('RUN-1', 'RUN-3')" | Should -Be 1
    }

    It 'tell the JSON null from NULL: <Name>' -ForEach @(
        @{ Name = 'the text null'; Output = 'null'; Stored = 'null' }
        @{ Name = 'a list with null'; Output = , $null; Stored = '[null]' }
        @{ Name = 'null'; Output = $null; Stored = 'NULL' }
    ) {
        $run = Get-Run 1 | Complete-FlowExecution -OutputState $Output
        Get-RunValue $run.Id "coalesce(output_state::text, 'NULL')" | Should -Be $Stored
    }

    It 'are refused before the first row where no column holds them: <Name>' -ForEach @(
        @{ Name = 'a cost of 10e6'; With = @{ CostUsd = 10e6 }; Id = 'ValueOutOfRange'; Message = '*10000000*0 to 999999.9999*' }
        @{ Name = 'a cost that rounds to a million'; With = @{ CostUsd = 999999.99996d }; Id = 'ValueOutOfRange'; Message = '*999999.9999*' }
        @{ Name = 'a negative cost'; With = @{ CostUsd = -0.01 }; Id = 'ValueOutOfRange'; Message = '*-0.01*' }
        @{ Name = 'negative tokens'; With = @{ TokenCount = -1 }; Id = 'ValueOutOfRange'; Message = '*-1*' }
        @{ Name = 'tokens past the column'; With = @{ TokenCount = 2147483648 }; Id = 'CannotConvertArgumentNoMessage'; Message = '*TokenCount*Int32*' }
        @{ Name = 'output that is no data'; With = @{ OutputState = [Diagnostics.Process]::GetCurrentProcess() }; Id = 'InvalidJson'; Message = '-OutputState*' }
    ) {
        $outcome = Get-Outcome { Complete-FlowExecution -Id (Get-RunId 1, 2) @With }
        $outcome.All | Should -BeNullOrEmpty
        $outcome.Ended | Get-ErrorName | Should -Be $Id
        "$($outcome.Ended)" | Should -BeLike $Message
        Get-RunCount | Should -Be 'running 4'
    }

    It 'fail their row where they stand in a column: <Name>' -ForEach @(
        @{ Name = 'tokens past the column'; Row = @{ TokenCount = 2147483648 }; Id = 'ValueOutOfRange'; Message = '*TokenCount*2147483648*' }
        @{ Name = 'tokens with a fraction'; Row = @{ TokenCount = 1.5 }; Id = 'ValueOutOfRange'; Message = '*TokenCount*1.5*' }
        @{ Name = 'negative tokens'; Row = @{ TokenCount = '-5' }; Id = 'ValueOutOfRange'; Message = '*-5*' }
        @{ Name = 'a cost in words'; Row = @{ CostUsd = 'cheap' }; Id = 'ValueOutOfRange'; Message = '*CostUsd*cheap*' }
        @{ Name = 'a cost of 10e6'; Row = @{ CostUsd = 10e6 }; Id = 'ValueOutOfRange'; Message = '*10000000*' }
        @{ Name = 'output that is not JSON'; Row = @{ OutputState = 'fine' }; Id = 'InvalidJson'; Message = 'column OutputState*' }
        @{ Name = 'output with a NUL'; Row = @{ OutputState = @{ a = "`0" } }; Id = 'InvalidJson'; Message = 'column OutputState.a*U+0000*' }
    ) {
        $bad = [pscustomobject](@{ Id = (Get-RunId 2) } + $Row)
        $outcome = Get-Outcome { (Get-RunId 1), $bad, (Get-RunId 3) | Complete-FlowExecution }
        $outcome.Ended | Should -BeNullOrEmpty
        $outcome.Out.Id | Should -Be (Get-RunId 1, 3)
        $outcome.Errors | Get-ErrorName | Should -Be $Id
        $outcome.Errors[0].TargetObject | Should -Be $bad
        "$($outcome.Errors[0])" | Should -BeLike $Message
    }

    It 'that a column keeps otherwise are told by a warning: a cost under its decimals' {
        $run = Get-Run 1 | Complete-FlowExecution -CostUsd 0.00004 -WarningVariable told -WarningAction SilentlyContinue
        $run.CostUsd | Should -Be 0
        $told | Should -BeLike '*0.00004 is stored as 0*'
        $null = [pscustomobject]@{ Id = (Get-RunId 2); CostUsd = 0.00004 } | Complete-FlowExecution -WarningVariable told -WarningAction SilentlyContinue
        $told | Should -BeLike "*$(Get-RunId 2)*0.00004 is stored as 0*"
        $run = Get-Run 3 | Complete-FlowExecution -CostUsd 0.00005 -WarningVariable told -WarningAction SilentlyContinue
        $run.CostUsd, @($told).Count | Should -Be 0.0001, 0
    }
}

Describe '-ErrorRecord' {
    BeforeEach {
        Reset-RunData -Runs 2
        $run = Get-Run 1
    }

    It 'of a catch block fills message, type and stack, with the script''s position' {
        function Invoke-Broken { [int]::Parse('x') }
        try { Invoke-Broken } catch { $failed = $run | Complete-FlowExecution -ErrorRecord $_ }
        $failed.Status | Should -Be 'Failed'
        $failed.ErrorMessage | Should -BeLike "*Parse*input string 'x'*"
        $failed.ErrorType | Should -Be 'System.FormatException'
        $failed.ErrorStack | Should -BeLike "*Complete-FlowExecution.Values.Tests.ps1:*Invoke-Broken*"
        $failed.ErrorStack | Should -BeLike '*at Invoke-Broken, *Complete-FlowExecution.Values.Tests.ps1: line *'
        Get-RunValue $run.Id "concat_ws('|', error_message, error_type, error_stack)" | Should -Not -BeNullOrEmpty
    }

    It 'takes an error of <Name>' -ForEach @(
        @{ Name = 'throw'; Type = 'System.Management.Automation.RuntimeException'; Message = 'no report today'; Make = { try { throw 'no report today' } catch { $_ } } }
        @{ Name = '$Error'; Type = 'System.DivideByZeroException'; Message = '*divide by zero*'; Make = { try { 1 / (0 * 1) } catch { $null = $_ }; $Error[0] } }
        @{ Name = 'a cmdlet that went on'; Type = 'System.Management.Automation.ItemNotFoundException'; Message = "*nowhere*"; Make = { Get-Item TestDrive:/nowhere -ErrorAction SilentlyContinue -ErrorVariable failure; $failure[0] } }
        @{ Name = 'a cmdlet under Stop'; Type = 'System.Management.Automation.ItemNotFoundException'; Message = "*nowhere*"; Make = { try { Get-Item TestDrive:/nowhere -ErrorAction Stop } catch { $_ } } }
        @{ Name = 'an exception''s'; Type = 'System.InvalidOperationException'; Message = 'not now'; Make = { [InvalidOperationException]::new('not now') } }
        @{ Name = 'an exception of the engine'; Type = 'System.FormatException'; Message = "*input string 'x'*"; Make = { try { [int]::Parse('x') } catch { $_.Exception } } }
        @{ Name = 'a thrown exception of ours'; Type = 'LeoPS.LeoException'; Message = 'There is no flow*'; Make = { try { Start-FlowExecution nowhere -ErrorAction Stop } catch { $_ } } }
        @{ Name = 'Start-Job'; Type = 'System.FormatException'; Message = "*input string 'x'*"; Make = { $job = Start-Job { [int]::Parse('x') }; try { $job | Receive-Job -Wait -ErrorAction Stop } catch { $_ } finally { $job | Remove-Job -Force } } }
    ) {
        $made = & $Make
        $failed = $run | Complete-FlowExecution -ErrorRecord $made
        $failed.Status, $failed.ErrorType | Should -Be 'Failed', $Type
        $failed.ErrorMessage | Should -BeLike $Message
    }

    It 'gives way to the texts, and goes with another status' {
        $failed = $run | Complete-FlowExecution -ErrorRecord ([TimeoutException]::new('slow')) -ErrorMessage 'took 300 s' -Status Timeout
        $failed.Status, $failed.ErrorMessage, $failed.ErrorType | Should -Be 'Timeout', 'took 300 s', 'System.TimeoutException'
        $named = Get-Run 2 | Complete-FlowExecution -ErrorRecord ([TimeoutException]::new('slow')) -ErrorType 'Slow' -ErrorStack 'here'
        $named.ErrorMessage, $named.ErrorType, $named.ErrorStack | Should -Be 'slow', 'Slow', 'here'
    }

    It 'is refused where it is <Name>, and the run does not end' -ForEach @(
        @{ Name = 'a text'; Value = 'boom' }
        @{ Name = 'null, as of an empty $Error'; Value = $null }
        @{ Name = 'all of $Error'; Value = [Collections.ArrayList]@(1, 2) }
    ) {
        $outcome = Get-Outcome { $run | Complete-FlowExecution -ErrorRecord $Value }
        ($outcome.Ended ?? $outcome.Errors[0]).FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
        "$($outcome.Ended)$($outcome.Errors)" | Should -BeLike '*catch*-ErrorMessage*'
        Get-RunCount | Should -Be 'running 2'
    }

    It 'shortens a type of 150 characters from its beginning, and replaces what no column holds, with a warning' {
        $type = 'Namespace.' * 14 + 'MyError150'
        $type.Length | Should -Be 150
        $failed = $run | Complete-FlowExecution -ErrorType $type -ErrorMessage "a`0b$([char]0xd83d)c" -WarningVariable told -WarningAction SilentlyContinue
        $failed.ErrorType | Should -BeExactly "…$($type.Substring(51))"
        $failed.ErrorType.Length | Should -Be 100
        $failed.ErrorMessage | Should -BeExactly "a$([char]0xfffd)b$([char]0xfffd)c"
        $told | Should -HaveCount 1
        "$told" | Should -BeLike '*100 characters*shortened*U+FFFD*'
    }
}
