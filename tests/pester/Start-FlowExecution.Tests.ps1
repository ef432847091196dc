# Over 400 lines on purpose: one It per sentence that the surface has about this cmdlet.
# Start-FlowExecution: what starts, what is written with it, what each bad row gets, and what of it stands in the table afterwards.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-start'
    $awkward = "it's ""quoted"" 100 % of_rows \ C:\new\table 🚀🚀 日本"
    function Get-FlowId([int] $Number) { Get-TestId $Number -Letter f }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Starting a flow' {
    BeforeEach {
        Reset-RunData
    }

    It 'by its key makes a run that goes, and gives it back as it stands in the table' {
        $run = Start-FlowExecution weekly-1 -InputState @{ agenda = 'runway' }
        $run | Should -BeOfType LeoPS.FlowExecution
        $run.Status, $run.IsNew, $run.FlowKey, $run.FlowName, $run.FlowId | Should -Be 'Running', $true, 'weekly-1', 'Weekly flow 1', (Get-FlowId 1)
        $run.InputState.agenda | Should -Be 'runway'
        $run.ExecutionMode | Should -Be 'Manual'
        $run.CompletedAt, $run.DurationMs, $run.OutputState, $run.Metadata | ForEach-Object { $_ | Should -BeNullOrEmpty }
        Get-RunValue $run.Id "status || ' ' || (started_at between now() - interval '1 minute' and now()) || ' ' || xmin || ' ' || input_state" |
            Should -Be "running true $($run.RowVersion) {`"agenda`": `"runway`"}"
        Get-FlowCount 1, 2 | Should -Be 1, 0
        # What came out is the row as it stands, so it can go on.
        $ended = $run | Complete-FlowExecution
        $ended.Status, $ended.IsNew | Should -Be 'Completed', $false
    }

    It 'makes a key of the flow''s and of the server''s time, in capitals, each its own' {
        $runs = 1..3 | ForEach-Object { 'weekly-1' } | Start-FlowExecution
        $runs.ExecutionKey | ForEach-Object { $_ | Should -MatchExactly '^WEEKLY-1-\d{8}T\d{9}Z-[0-9A-F]{12}$' }
        @($runs.ExecutionKey | Sort-Object -Unique) | Should -HaveCount 3
        $time = [datetimeoffset]::ParseExact(($runs[0].ExecutionKey -split '-')[2], "yyyyMMdd'T'HHmmssfff'Z'", [cultureinfo]::InvariantCulture, 'AssumeUniversal')
        ($runs[0].StartedAt - $time).Duration() | Should -BeLessThan ([timespan]::FromMilliseconds(2))
    }

    It 'shortens the flow''s part where its key has a hundred characters, and never makes a pattern or 101' {
        $long = 'k' * 98 + '-9'
        Invoke-TestSql "update public.crewai_flows set flow_key = '$long' where flow_key = 'weekly-1'"
        $key = (Start-FlowExecution $long).ExecutionKey
        $key.Length | Should -BeLessOrEqual 100
        $key | Should -MatchExactly '^K{50,}-\d{8}T\d{9}Z-[0-9A-F]{12}$'
    }

    It 'by ids makes a run for each, in their order, as often as they are named' {
        $runs = Start-FlowExecution -FlowId (Get-FlowId 2), (Get-FlowId 1), (Get-FlowId 2)
        $runs.FlowKey | Should -Be 'weekly-2', 'weekly-1', 'weekly-2'
        Get-FlowCount 1, 2, 3 | Should -Be 1, 2, 0
    }

    It 'takes from the pipe <Name>' -ForEach @(
        @{ Name = 'a flow'; Make = { Get-FlowRow weekly-2 } }
        @{ Name = 'a flow from another session'; Make = { Get-FlowRow weekly-2 | Export-Clixml TestDrive:/flow; Import-Clixml TestDrive:/flow } }
        @{ Name = 'a flow from CSV'; Make = { Get-FlowRow weekly-2 | Export-Csv TestDrive:/flow; Import-Csv TestDrive:/flow } }
        @{ Name = 'a flow from JSON'; Make = { Get-FlowRow weekly-2 | ConvertTo-Json | ConvertFrom-Json } }
        @{ Name = 'a line of JSON'; Make = { Get-FlowRow weekly-2 | ConvertTo-Json -Compress } }
        @{ Name = 'some columns of a flow'; Make = { Get-FlowRow weekly-2 | Select-Object Id } }
        @{ Name = 'a row with a FlowKey'; Make = { [pscustomobject]@{ FlowKey = 'weekly-2' } } }
        @{ Name = 'a row with a flowid of text'; Make = { [pscustomobject]@{ flowid = "$(Get-FlowId 2)" } } }
        @{ Name = 'a hashtable'; Make = { @{ FlowKey = 'weekly-2' } } }
        @{ Name = 'an ordered one'; Make = { [ordered]@{ FlowId = Get-FlowId 2 } } }
        @{ Name = 'a row with an Id only'; Make = { @{ Id = Get-FlowId 2 } } }
        @{ Name = 'a key as text'; Make = { 'weekly-2' } }
        @{ Name = 'a key with blanks around it'; Make = { ' weekly-2 ' } }
        @{ Name = 'a GUID, which is a flow''s'; Make = { Get-FlowId 2 } }
        @{ Name = 'a GUID as text'; Make = { " {$("$(Get-FlowId 2)".ToUpperInvariant())} " } }
    ) {
        $outcome = Get-Outcome { & $Make | Start-FlowExecution }
        $outcome.Errors | Should -BeNullOrEmpty
        $outcome.Out | Should -HaveCount 1
        $outcome.Out[0].FlowKey, $outcome.Out[0].IsNew, $outcome.Out[0].Metadata | Should -Be 'weekly-2', $true, $null
        Get-RunCount | Should -Be 'running 1'
        # The same without a pipe.
        (Start-FlowExecution -InputObject (& $Make)).FlowKey | Should -Be 'weekly-2'
    }

    It 'reports <Name> as InvalidIdentity, that row its target, and starts the others' -ForEach @(
        @{ Name = 'a number'; Value = 42 }
        @{ Name = 'an empty text'; Value = '' }
        @{ Name = 'blanks'; Value = '   ' }
        @{ Name = 'a null'; Value = $null }
        @{ Name = 'the empty GUID'; Value = [guid]::Empty }
        @{ Name = 'an empty hashtable'; Value = @{} }
        @{ Name = 'a row with an empty FlowKey'; Value = [pscustomobject]@{ FlowKey = ' ' } }
        @{ Name = 'a live process, whose Id is a number'; Value = [Diagnostics.Process]::GetCurrentProcess() }
        @{ Name = 'JSON without a flow'; Value = '{"InputState":{}}' }
        @{ Name = 'a pattern'; Value = 'weekly-*' }
        @{ Name = 'a pattern in a row'; Value = @{ FlowKey = 'weekly-[12]' } }
        @{ Name = 'a NUL'; Value = "weekly`0" }
        @{ Name = 'half of a character'; Value = "weekly$([char]0xd83d)" }
        @{ Name = 'a handoff'; Value = [pscustomobject]@{ PSTypeName = 'LeoPS.HandoffPreparation'; Id = [guid]::NewGuid(); FlowKey = 'weekly-1' } }
    ) {
        $outcome = Get-Outcome { 'weekly-1', $Value, 'weekly-3' | Start-FlowExecution }
        $outcome.Ended | Should -BeNullOrEmpty
        $outcome.All | ForEach-Object { $_ -is [Management.Automation.ErrorRecord] ? 'error' : $_.FlowKey } | Should -Be 'weekly-1', 'error', 'weekly-3'
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
        [object]::Equals($outcome.Errors[0].TargetObject, $Value) | Should -BeTrue
        Get-RunCount | Should -Be 'running 2'
    }

    It 'says by name what was piped instead, and how flows are piped' {
        $handoff = [pscustomobject]@{ PSTypeName = 'Deserialized.LeoPS.HandoffPreparation'; Id = (Get-FlowId 1) }
        "$((Get-Outcome { $handoff | Start-FlowExecution }).Errors)" | Should -BeLike 'A HandoffPreparation does not identify a flow*key*FlowKey*'
        "$((Get-Outcome { Start-FlowExecution 'weekly-*' }).Errors)" | Should -BeLike "*pattern*Get-Flow 'weekly-`*' | Start-FlowExecution*"
    }

    It 'takes a key literally behind backticks, and as it is where a row has the id too' {
        Invoke-TestSql "update public.crewai_flows set flow_key = 'odd[1]*``x' where flow_key = 'weekly-2'"
        (Start-FlowExecution 'odd`[1`]`*``x').FlowKey | Should -Be 'odd[1]*`x'
        $row = Get-FlowRow 'odd*'
        $row.FlowKey | Should -Be 'odd[1]*`x'
        ($row | Start-FlowExecution).FlowKey | Should -Be 'odd[1]*`x'
    }

    It 'is FlowNotFound for an unknown one, FlowNotRunnable for one that is archived or deprecated; a draft starts' {
        $unknown = [guid]::NewGuid()
        $outcome = Get-Outcome { 'draft-flow', 'nowhere', 'archived-flow', $unknown, 'deprecated-flow', 'WEEKLY-1' | Start-FlowExecution }
        $outcome.Out.FlowKey | Should -Be 'draft-flow'
        $outcome.Errors | Get-ErrorName | Should -Be 'FlowNotFound', 'FlowNotRunnable', 'FlowNotFound', 'FlowNotRunnable', 'FlowNotFound'
        $outcome.Errors.TargetObject | Should -Be 'nowhere', 'archived-flow', $unknown, 'deprecated-flow', 'WEEKLY-1'
        $outcome.Errors.CategoryInfo.Category | Should -Be 'ObjectNotFound', 'InvalidOperation', 'ObjectNotFound', 'InvalidOperation', 'ObjectNotFound'
        "$($outcome.Errors[0])" | Should -BeLike '*nowhere*hidden from role*'
        "$($outcome.Errors[1])" | Should -BeLike '*archived-flow is Archived*Draft and Active*-Force*'
        Get-RunCount | Should -Be 'running 1'
    }

    It 'is FlowNotRunnable for a queued run of one that was archived meanwhile, in earnest and with -WhatIf' {
        $queued = New-FlowExecution archived-flow -Force
        (Get-Outcome { $queued | Start-FlowExecution }).Errors | Get-ErrorName | Should -Be 'FlowNotRunnable'
        (Get-Outcome { Start-FlowExecution -Id $queued.Id -WhatIf }).Errors | Get-ErrorName | Should -Be 'FlowNotRunnable'
        ($queued | Start-FlowExecution -Force).Status | Should -Be 'Running'
    }

    It 'starts archived and deprecated ones with -Force, and no unknown one' {
        $outcome = Get-Outcome { 'archived-flow', 'deprecated-flow', 'nowhere' | Start-FlowExecution -Force }
        $outcome.Out.FlowKey | Should -Be 'archived-flow', 'deprecated-flow'
        $outcome.Errors | Get-ErrorName | Should -Be 'FlowNotFound'
    }

    It 'writes mode, user, meeting and metadata' {
        $user, $meeting = [guid]::NewGuid(), [guid]::NewGuid()
        $run = Start-FlowExecution weekly-1 -ExecutionMode triggered -ExecutedBy $user -BoardMeetingId $meeting -Metadata @{ text = $awkward }
        $run.ExecutionMode, $run.ExecutedBy, $run.BoardMeetingId | Should -Be 'Triggered', $user, $meeting
        $run.Metadata.text | Should -BeExactly $awkward
        Get-RunValue $run.Id "concat_ws(' ', execution_mode, executed_by, board_meeting_id, metadata->>'text')" | Should -BeExactly "triggered $user $meeting $awkward"
    }

    It 'takes a mode by its whole name: <_> is refused with the three listed' -ForEach 1, '1', 'man', 'manual,scheduled', '' {
        $outcome = Get-Outcome { Start-FlowExecution weekly-1 -ExecutionMode $_ }
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
        $outcome.Ended.Exception.Message | Should -BeLike '*not an execution mode*Manual, Scheduled, Triggered*'
        Get-RunCount | Should -BeNullOrEmpty
    }
}

Describe 'Starting a run that was queued' {
    BeforeEach {
        Reset-RunData -Runs 4 -Status pending
        $queued = Get-RunValue (Get-RunId 2) "to_char(started_at at time zone 'UTC', 'YYYY-MM-DD`"T`"HH24:MI:SS.US`"Z`"')"
    }

    It 'takes <Name>, overwrites the queue time and keeps it in the metadata' -ForEach @(
        @{ Name = 'an object'; Start = { Get-FlowExecution -Id (Get-RunId 2) | Start-FlowExecution } }
        @{ Name = '-Id'; Start = { Start-FlowExecution -Id (Get-RunId 2) } }
        @{ Name = 'an object from another session'; Start = { Get-FlowExecution -Id (Get-RunId 2) | Export-Clixml TestDrive:/run; Import-Clixml TestDrive:/run | Start-FlowExecution } }
        @{ Name = 'CSV'; Start = { Get-FlowExecution -Id (Get-RunId 2) | Export-Csv TestDrive:/run; Import-Csv TestDrive:/run | Start-FlowExecution } }
        @{ Name = 'a line of JSON'; Start = { Get-FlowExecution -Id (Get-RunId 2) -AsJson | Start-FlowExecution } }
        @{ Name = 'some columns of one'; Start = { Get-FlowExecution -Id (Get-RunId 2) | Select-Object Id, Status, RowVersion | Start-FlowExecution } }
    ) {
        $run = & $Start
        $run.Id, $run.Status, $run.IsNew, $run.ExecutionKey | Should -Be (Get-RunId 2), 'Running', $false, 'RUN-2'
        $run.Metadata.queuedAt | Should -Be $queued
        $run.StartedAt | Should -BeGreaterThan ([datetimeoffset]::UtcNow.AddMinutes(-1))
        $run.InputState.n | Should -Be 2
        Get-RunCount | Should -Be 'pending 3, running 1'
        Get-FlowCount 1, 2, 3 | Should -Be 0, 0, 0
    }

    It 'mixes with new runs in one pipe, and all comes out in input order, errors in their places' {
        $pending = Get-FlowExecution -Id (Get-RunId 1, 3)
        $first, $third = $pending | Sort-Object { [int]$_.InputState.n }
        $unknown = [guid]::NewGuid()
        $outcome = Get-Outcome { 'weekly-1', $first, $unknown, (Get-FlowId 2), 'archived-flow', $third, @{ FlowKey = 'weekly-3' }, 42 | Start-FlowExecution -BatchSize 3 }
        $outcome.All | ForEach-Object { $_ -is [Management.Automation.ErrorRecord] ? (Get-ErrorName $_) : "$($_.FlowKey) $($_.IsNew)" } |
            Should -Be 'weekly-1 True', 'weekly-2 False', 'FlowNotFound', 'weekly-2 True', 'FlowNotRunnable', 'weekly-1 False', 'weekly-3 True', 'InvalidIdentity'
        Get-RunCount | Should -Be 'pending 2, running 5'
    }

    It 'writes the values of the parameters, and merges the queue time into the metadata' {
        Invoke-TestSql "update public.crewai_flow_executions set metadata = '{`"old`": 1}'"
        $run = Start-FlowExecution -Id (Get-RunId 2) -InputState '{"agenda": 1.10}' -Metadata @{ new = 2 } -ExecutionMode Scheduled
        Get-RunValue (Get-RunId 2) "concat_ws(' ', input_state, metadata - 'queuedAt', execution_mode)" | Should -Be '{"agenda": 1.10} {"new": 2} scheduled'
        $run.Metadata.queuedAt | Should -Be $queued
        (Start-FlowExecution -Id (Get-RunId 3)).Metadata.old | Should -Be 1
    }

    It 'leaves the columns of the queued row alone that a file brings along' {
        Get-FlowExecution -Id (Get-RunId 2) | Export-Csv TestDrive:/run
        $row = Import-Csv TestDrive:/run
        $row.InputState = '{"edited": true}'
        $row.ExecutionKey = 'EDITED'
        ($row | Start-FlowExecution).InputState.n | Should -Be 2
        Get-RunValue (Get-RunId 2) 'execution_key' | Should -Be 'RUN-2'
    }

    It 'refuses -ExecutionKey for it, in its row' {
        $outcome = Get-Outcome { (Get-FlowExecution -Id (Get-RunId 2)), 'weekly-1' | Start-FlowExecution -ExecutionKey K-1 }
        $outcome.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
        $outcome.Out.ExecutionKey | Should -Be 'K-1'
        Get-RunCount | Should -Be 'pending 4, running 1'
    }

    It 'does not start it again: the object is stale, the id comes out as it is, and given values are an InvalidTransition' {
        $pending = Get-FlowExecution -Id (Get-RunId 2)
        $null = Start-FlowExecution -Id (Get-RunId 2)
        $before = Get-RunValue (Get-RunId 2) 'xmin'
        $again = Get-Outcome { $pending | Start-FlowExecution }
        $again.Errors | Get-ErrorName | Should -Be 'StatusConflict'
        $again.Errors[0].TargetObject | Should -Be $pending
        $byId = Get-Outcome { Start-FlowExecution -Id (Get-RunId 2) -Verbose }
        $byId.Out.Id | Should -Be (Get-RunId 2)
        $byId.Verbose -join "`n" | Should -BeLike '*bare ids*guarded by the transition only*nothing was written*'
        (Get-Outcome { Start-FlowExecution -Id (Get-RunId 2) -InputState @{} }).Errors | Get-ErrorName | Should -Be 'InvalidTransition'
        Get-RunValue (Get-RunId 2) 'xmin' | Should -Be $before
    }

    It 'is NotFound for an unknown -Id, and InvalidTransition for one that has ended unless forced' {
        $unknown = [guid]::NewGuid()
        Invoke-TestSql "update public.crewai_flow_executions set status = 'failed', completed_at = now() where execution_key = 'RUN-1'"
        $outcome = Get-Outcome { Start-FlowExecution -Id $unknown, (Get-RunId 1), (Get-RunId 2) }
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound', 'InvalidTransition'
        $outcome.Errors.TargetObject | Should -Be $unknown, (Get-RunId 1)
        $outcome.Out.ExecutionKey | Should -Be 'RUN-2'
        # A forced one begins now and has not ended.
        $forced = Start-FlowExecution -Id (Get-RunId 1) -Force
        $forced.Status, $forced.CompletedAt, $forced.DurationMs, $forced.Metadata | Should -Be 'Running', $null, $null, $null
    }
}

Describe '-InputState' {
    BeforeAll {
        class RunInput { [string] $Agenda = 'runway'; [int[]] $Items = @(1, 2); [datetime] $When = [datetime]::new(2026, 1, 2, 3, 4, 5, [DateTimeKind]::Utc) }
        $element = [Text.Json.JsonDocument]::Parse('{"x": 1.10}').RootElement
    }

    BeforeEach {
        Reset-RunData
    }

    It 'takes <Name>' -ForEach @(
        @{ Name = 'a hashtable'; Make = { @{ a = 1; b = @{ c = 'x', $null, $true } } }; Stored = '{"a": 1, "b": {"c": ["x", null, true]}}' }
        @{ Name = 'an ordered one'; Make = { [ordered]@{ b = 1; a = $null } }; Stored = '{"a": null, "b": 1}' }
        @{ Name = 'an object'; Make = { [pscustomobject]@{ a = [guid]'6e6fb2a1-0000-4000-8000-000000000002'; b = [consolecolor]'Red' } }; Stored = '{"a": "6e6fb2a1-0000-4000-8000-000000000002", "b": "Red"}' }
        @{ Name = 'JSON text, every digit kept'; Make = { '{"a": 1.10, "b": 12345678901234567890, "c": 0.1, "d": [null, []]}' }; Stored = '{"a": 1.10, "b": 12345678901234567890, "c": 0.1, "d": [null, []]}' }
        @{ Name = 'a JsonElement'; Make = { $element }; Stored = '{"x": 1.10}' }
        @{ Name = 'an object of a PowerShell class'; Make = { [RunInput]::new() }; Stored = '{"When": "2026-01-02T03:04:05.0000000Z", "Items": [1, 2], "Agenda": "runway"}' }
        @{ Name = 'a list'; Make = { 1, 'two', 3.5 }; Stored = '[1, "two", 3.5]' }
        @{ Name = 'an empty list'; Make = { , @() }; Stored = '[]' }
        @{ Name = 'a list of one'; Make = { , @('one') }; Stored = '["one"]' }
        @{ Name = 'a number'; Make = { 42 }; Stored = '42' }
        @{ Name = 'a bool'; Make = { $false }; Stored = 'false' }
        @{ Name = 'the JSON null, which is no NULL'; Make = { 'null' }; Stored = 'null' }
        @{ Name = 'null, which is NULL'; Make = { $null }; Stored = '' }
        @{ Name = 'text with quotes and emoji'; Make = { @{ t = "it's ""q"" \ 🚀" } }; Stored = '{"t": "it''s \"q\" \\ 🚀"}' }
    ) {
        $made = & $Make
        $run = Start-FlowExecution weekly-1 -InputState $made
        Get-RunValue $run.Id 'input_state' | Should -BeExactly $Stored
        # The script block gives the same, and so does what came out.
        Get-RunValue (Start-FlowExecution weekly-1 -InputState { , $made }).Id 'input_state' | Should -BeExactly $Stored
        Get-RunValue (Start-FlowExecution weekly-1 -InputState $run.InputState).Id 'input_state' | Should -BeExactly ($Stored -eq 'null' ? '' : $Stored)
    }

    It 'keeps numbers that no type of .NET holds, and a megabyte of text' {
        $run = Start-FlowExecution weekly-1 -InputState '{"big": 1e400, "exact": 0.1000}'
        Get-RunValue $run.Id "(input_state->'big')::numeric = 1e400::numeric and input_state->>'exact' = '0.1000'" | Should -Be 't'
        $run.InputState.ToString().Length | Should -BeGreaterThan 400
        $again = Start-FlowExecution weekly-1 -InputState $run.InputState
        Get-RunValue $again.Id "input_state = (select input_state from public.crewai_flow_executions where id = '$($run.Id)')" | Should -Be 't'
        $long = "$awkward " * [int](1MB / "$awkward ".Length)
        (Start-FlowExecution weekly-1 -InputState @{ text = $long }).InputState.text | Should -BeExactly $long
    }

    It 'is made for each row by a script block, with the row as $_' {
        $rows = [pscustomobject]@{ FlowKey = 'weekly-1'; Owner = 'ann' }, @{ FlowKey = 'weekly-2'; Owner = 'bob' }, 'weekly-3'
        $runs = $rows | Start-FlowExecution -InputState { @{ for = $_ -is [string] ? $_ : $_.Owner } } -Metadata { "[`"$($_ -is [string] ? 'key' : $_.FlowKey)`"]" }
        $runs | ForEach-Object { Get-RunValue $_.Id "concat_ws(' ', input_state, metadata)" } | Should -Be '{"for": "ann"} ["weekly-1"]', '{"for": "bob"} ["weekly-2"]', '{"for": "weekly-3"} ["key"]'
        # Without a pipe it sees what names the flow.
        "$((Start-FlowExecution weekly-1 -InputState { @{ key = $_ } }).InputState)" | Should -Be '{"key": "weekly-1"}'
        (Start-FlowExecution -FlowId (Get-FlowId 1) -InputState { @{ id = $_ } }).InputState.id | Should -Be "$(Get-FlowId 1)"
        # No result is NULL, and several are a list.
        Get-RunValue (Start-FlowExecution weekly-1 -InputState { }).Id 'input_state is null' | Should -Be 't'
        Get-RunValue (Start-FlowExecution weekly-1 -InputState { 'a'; 1 }).Id 'input_state' | Should -Be '["a", 1]'
    }

    It 'fails only the row whose script block <Name>' -ForEach @(
        @{ Name = 'throws'; Block = { if ($_ -eq 'weekly-2') { throw 'no input today' }; @{ key = $_ } }; Message = '*no input today*' }
        @{ Name = 'writes an error'; Block = { if ($_ -eq 'weekly-2') { Get-Item TestDrive:/nowhere }; @{ key = $_ } }; Message = '*nowhere*' }
        @{ Name = 'gives a process'; Block = { $_ -eq 'weekly-2' ? [Diagnostics.Process]::GetCurrentProcess() : @{ key = $_ } }; Message = '*Process*no JSON form*' }
        @{ Name = 'gives broken JSON'; Block = { $_ -eq 'weekly-2' ? '{"a":' : @{ key = $_ } }; Message = '*line 1*' }
        @{ Name = 'gives plain text'; Block = { $_ -eq 'weekly-2' ? 'hello' : @{ key = $_ } }; Message = '*not valid JSON*plain string*' }
    ) {
        $outcome = Get-Outcome { 'weekly-1', 'weekly-2', 'weekly-3' | Start-FlowExecution -InputState $Block }
        $outcome.Ended | Should -BeNullOrEmpty
        $outcome.Out.FlowKey | Should -Be 'weekly-1', 'weekly-3'
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidJson'
        $outcome.Errors[0].TargetObject | Should -Be 'weekly-2'
        $outcome.Errors[0].CategoryInfo.Category | Should -Be 'InvalidData'
        "$($outcome.Errors[0])" | Should -BeLike $Message
        Get-RunCount | Should -Be 'running 2'
    }

    It 'is refused before the first row where it is <Name>' -ForEach @(
        @{ Name = 'a live process'; Make = { [Diagnostics.Process]::GetCurrentProcess() }; Message = '-InputState is a System.Diagnostics.Process, which has no JSON form*Select-Object*' }
        @{ Name = 'broken JSON'; Make = { "{`n  `"a`": 1,`n}" }; Message = '-InputState is not valid JSON at line 3, byte 1*' }
        @{ Name = 'two values'; Make = { '{} {}' }; Message = '-InputState is not valid JSON*' }
        @{ Name = 'plain text'; Make = { 'hello' }; Message = '*plain string needs double quotes*' }
        @{ Name = 'an empty text'; Make = { '' }; Message = '-InputState is not valid JSON*' }
        @{ Name = 'text with a NUL'; Make = { @{ a = @{ b = 'x', "y`0" } } }; Message = '-InputState.a.b?1?*U+0000*' }
        @{ Name = 'JSON text with an escaped NUL'; Make = { '{"a": "\u0000"}' }; Message = '-InputState*U+0000*line 1*' }
        @{ Name = 'half of a character'; Make = { @{ a = "$([char]0xd83d)" } }; Message = '-InputState.a*' }
        @{ Name = 'a circular reference'; Make = { $a = @{ list = @() }; $a.list += $a; $a }; Message = '-InputState.list?0? is the same object as -InputState*' }
        @{ Name = 'not a number'; Make = { @{ n = [double]::NaN } }; Message = '-InputState.n*NaN*' }
        @{ Name = 'a credential'; Make = { @{ c = [pscredential]::new('ann', (ConvertTo-SecureString 'hunter2' -AsPlainText)) } }; Message = '*secrets are not stored*' }
    ) {
        $outcome = Get-Outcome { 'weekly-1', 'weekly-2' | Start-FlowExecution -InputState (& $Make) }
        $outcome.All | Should -BeNullOrEmpty
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'InvalidJson,*'
        "$($outcome.Ended)" | Should -BeLike $Message
        "$($outcome.Ended)" | Should -Not -BeLike '*hunter2*'
        (Get-Outcome { Start-FlowExecution weekly-1 -Metadata (& $Make) }).Ended.Exception.Message | Should -BeLike ($Message -replace '-InputState', '-Metadata')
        Get-RunCount | Should -BeNullOrEmpty
    }

    It 'ends on a sequence without an end' {
        $endless = [Linq.Enumerable]::Repeat('x' * 100000, [int]::MaxValue)
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $outcome = Get-Outcome { Start-FlowExecution weekly-1 -InputState @{ a = $endless } }
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 15
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'InvalidJson,*'
        "$($outcome.Ended)" | Should -BeLike '*268,435,455 characters*-InputState.a*'
    }

    It 'takes Get-Content -Raw for its JSON and plain Get-Content for the lines that it gives, without its notes' {
        Set-Content TestDrive:/input.json -Value "{`n  `"a`": 1`n}"
        Get-RunValue (Start-FlowExecution weekly-1 -InputState (Get-Content TestDrive:/input.json -Raw)).Id 'input_state' | Should -Be '{"a": 1}'
        Get-RunValue (Start-FlowExecution weekly-1 -InputState (Get-Content TestDrive:/input.json)).Id 'input_state' | Should -Be '["{", "  \"a\": 1", "}"]'
    }
}

Describe 'Columns of piped rows' {
    BeforeEach {
        Reset-RunData
    }

    It 'are written, from CSV as from objects' {
        $user, $meeting = [guid]::NewGuid(), [guid]::NewGuid()
        $csv = "FlowKey,ExecutionKey,InputState,Metadata,ExecutionMode,ExecutedBy,BoardMeetingId
weekly-1,CSV-1,`"{`"`"a`"`": 1.10}`",[1],Scheduled,$user,$meeting
weekly-2,,, ,,,"
        $run, $bare = $csv | ConvertFrom-Csv | Start-FlowExecution
        Get-RunValue $run.Id "concat_ws(' ', execution_key, input_state, metadata, execution_mode, executed_by, board_meeting_id)" | Should -Be "CSV-1 {`"a`": 1.10} [1] scheduled $user $meeting"
        # Blanks are no values.
        Get-RunValue $bare.Id "concat_ws(' ', input_state, metadata, execution_mode, executed_by, board_meeting_id)" | Should -Be 'manual'
        $bare.ExecutionKey | Should -BeLike 'WEEKLY-2-*'
        $object = [pscustomobject]@{ FlowKey = 'weekly-3'; InputState = @{ a = 1 }; ExecutionMode = [LeoPS.ExecutionMode]'Triggered'; BoardMeetingId = $meeting; ExecutedBy = "$user" } | Start-FlowExecution
        "$($object.InputState) $($object.ExecutionMode) $($object.BoardMeetingId) $($object.ExecutedBy)" | Should -Be "{`"a`": 1} Triggered $meeting $user"
    }

    It 'are JSON themselves in a line of JSON: a string stays a string, and every digit' {
        $runs = '{"FlowKey":"weekly-1","InputState":"123","ExecutionKey":"L-1"}', '{"FlowKey":"weekly-1","InputState":{"n":1.10},"ExecutionMode":"scheduled"}', '{"FlowKey":"weekly-1","InputState":null}' | Start-FlowExecution
        $runs | ForEach-Object { Get-RunValue $_.Id "coalesce(input_state::text, 'NULL')" } | Should -Be '"123"', '{"n": 1.10}', 'NULL'
        $runs[0].ExecutionKey, $runs[1].ExecutionMode | Should -Be 'L-1', 'Scheduled'
    }

    It 'give way to the parameters' {
        $user = [guid]::NewGuid()
        $row = [pscustomobject]@{ FlowKey = 'weekly-1'; ExecutionKey = 'COLUMN'; InputState = '{"column": 1}'; Metadata = '{"column": 1}'; ExecutionMode = 'Scheduled'; ExecutedBy = [guid]::NewGuid(); BoardMeetingId = [guid]::NewGuid() }
        $run = $row | Start-FlowExecution -ExecutionKey PARAMETER -InputState @{ p = 1 } -Metadata { @{ p = $_.FlowKey } } -ExecutionMode Triggered -ExecutedBy $user -BoardMeetingId $user
        Get-RunValue $run.Id "concat_ws(' ', execution_key, input_state, metadata, execution_mode, executed_by, board_meeting_id)" | Should -Be "PARAMETER {`"p`": 1} {`"p`": `"weekly-1`"} triggered $user $user"
        # A parameter that is null says NULL.
        Get-RunValue ([pscustomobject]@{ FlowKey = 'weekly-1'; InputState = '1' } | Start-FlowExecution -InputState $null).Id 'input_state is null' | Should -Be 't'
    }

    It 'of a flow of ours are not taken for the run''s, whatever it went through' {
        $forms = @(
            Get-FlowRow weekly-1
            Get-FlowRow weekly-1 | ForEach-Object { [pscustomobject]@{ Id = $_.Id; FlowId = $_.Id; FlowKey = $_.FlowKey; FlowDefinition = '{"nodes": []}'; Metadata = '{"owner": "flow"}' } }
            '{"Id":"' + (Get-FlowId 1) + '","FlowKey":"weekly-1","FlowDefinition":{"nodes":[]},"Status":"Active","Metadata":{"owner":"flow"}}'
        )
        $runs = @($forms | Start-FlowExecution)
        $runs | Should -HaveCount 3
        $runs | ForEach-Object { $_.Metadata | Should -BeNullOrEmpty }
    }

    It 'fail their row where they hold no such value: <Name>' -ForEach @(
        @{ Name = 'a mode'; Column = 'ExecutionMode'; Value = 'weekly'; Id = 'ValueOutOfRange'; Message = '*ExecutionMode*weekly*Manual, Scheduled, Triggered*' }
        @{ Name = 'a number for a mode'; Column = 'ExecutionMode'; Value = 1; Id = 'ValueOutOfRange'; Message = '*ExecutionMode*' }
        @{ Name = 'a user'; Column = 'ExecutedBy'; Value = 'ann'; Id = 'ValueOutOfRange'; Message = '*ExecutedBy*ann*GUID*' }
        @{ Name = 'a meeting'; Column = 'BoardMeetingId'; Value = 7; Id = 'ValueOutOfRange'; Message = '*BoardMeetingId*' }
        @{ Name = 'input that is not JSON'; Column = 'InputState'; Value = 'hello'; Id = 'InvalidJson'; Message = '*column InputState*' }
        @{ Name = 'metadata without a form'; Column = 'Metadata'; Value = [Diagnostics.Process]::GetCurrentProcess(); Id = 'InvalidJson'; Message = '*column Metadata*' }
        @{ Name = 'a key of 101 characters'; Column = 'ExecutionKey'; Value = 'x' * 101; Id = 'ValueOutOfRange'; Message = '*101 characters*' }
    ) {
        $bad = [pscustomobject]@{ FlowKey = 'weekly-2'; $Column = $Value }
        $outcome = Get-Outcome { 'weekly-1', $bad, 'weekly-3' | Start-FlowExecution }
        $outcome.Out.FlowKey | Should -Be 'weekly-1', 'weekly-3'
        $outcome.Errors | Get-ErrorName | Should -Be $Id
        $outcome.Errors[0].TargetObject | Should -Be $bad
        "$($outcome.Errors[0])" | Should -BeLike $Message
    }
}

Describe '-ExecutionKey' {
    BeforeEach {
        Reset-RunData
        $first = Start-FlowExecution weekly-1 -ExecutionKey K-1 -InputState '{"a": 1, "b": [1, 2]}'
        $before = "$(Get-RunValue $first.Id 'xmin') $(Get-FlowCount 1)"
    }

    It 'is the run''s key, and IsNew tells that this call made it' {
        $first.ExecutionKey, $first.IsNew | Should -Be 'K-1', $true
        (Get-FlowExecution -Id $first.Id).IsNew | Should -BeFalse
        (Start-FlowExecution weekly-1 -ExecutionKey ('x' * 100)).ExecutionKey.Length | Should -Be 100
        (Start-FlowExecution weekly-1 -ExecutionKey $awkward).ExecutionKey | Should -BeExactly $awkward
    }

    It 'that is taken is a DuplicateExecutionKey, and nothing starts' {
        $outcome = Get-Outcome { Start-FlowExecution weekly-1 -ExecutionKey K-1 -InputState '{"a": 1, "b": [1, 2]}' }
        $outcome.Out | Should -BeNullOrEmpty
        $outcome.Errors | Get-ErrorName | Should -Be 'DuplicateExecutionKey'
        $outcome.Errors[0].CategoryInfo.Category | Should -Be 'ResourceExists'
        "$($outcome.Errors[0])" | Should -BeLike "*$($first.Id)*K-1*-OnConflict UseExisting*"
        "$(Get-RunValue $first.Id 'xmin') $(Get-FlowCount 1)" | Should -Be $before
        # Its case counts.
        (Start-FlowExecution weekly-1 -ExecutionKey k-1).IsNew | Should -BeTrue
    }

    It 'with UseExisting gives the run that is there, untouched, for the same input however it is written' {
        foreach ($same in '{"b": [1, 2], "a": 1}', [ordered]@{ b = 1, 2; a = 1 }, '{"a": 1.0, "b": [1,2.00]}') {
            $outcome = Get-Outcome { Start-FlowExecution weekly-1 -ExecutionKey K-1 -OnConflict UseExisting -InputState $same -ExecutionMode Triggered -Verbose }
            $outcome.Errors | Should -BeNullOrEmpty
            $outcome.Out.Id, $outcome.Out.IsNew, $outcome.Out.ExecutionMode | Should -Be $first.Id, $false, 'Manual'
            $outcome.Verbose -join "`n" | Should -BeLike '*nothing was written*'
        }
        "$(Get-RunValue $first.Id 'xmin') $(Get-FlowCount 1)" | Should -Be $before
        # It may have ended meanwhile.
        $null = $first | Complete-FlowExecution
        (Start-FlowExecution weekly-1 -ExecutionKey K-1 -OnConflict UseExisting -InputState @{ a = 1; b = 1, 2 }).Status | Should -Be 'Completed'
        # A key that is free starts.
        (Start-FlowExecution weekly-1 -ExecutionKey K-2 -OnConflict UseExisting).IsNew | Should -BeTrue
    }

    It 'with UseExisting refuses <Name>' -ForEach @(
        @{ Name = 'another input'; Flow = 'weekly-1'; With = @{ InputState = @{ a = 2 } }; Message = '*another input*' }
        @{ Name = 'no input where there was one'; Flow = 'weekly-1'; With = @{}; Message = '*another input*' }
        @{ Name = 'another flow'; Flow = 'weekly-2'; With = @{ InputState = '{"a": 1, "b": [1, 2]}' }; Message = '*run of flow weekly-1 and not of weekly-2*' }
    ) {
        $outcome = Get-Outcome { Start-FlowExecution $Flow -ExecutionKey K-1 -OnConflict UseExisting @With }
        $outcome.Out | Should -BeNullOrEmpty
        $outcome.Errors | Get-ErrorName | Should -Be 'DuplicateExecutionKey'
        "$($outcome.Errors[0])" | Should -BeLike $Message
    }

    It 'twice in one pipe makes one run, the first: the others are refused, or the same' {
        $rows = 1..3 | ForEach-Object { [pscustomobject]@{ FlowKey = 'weekly-2'; ExecutionKey = 'P-1'; ExecutionMode = $_ -eq 1 ? 'Scheduled' : 'Manual' } }
        $fail = Get-Outcome { $rows | Start-FlowExecution }
        $fail.Out | Should -HaveCount 1
        $fail.Out[0].ExecutionMode | Should -Be 'Scheduled'
        $fail.Errors | Get-ErrorName | Should -Be 'DuplicateExecutionKey', 'DuplicateExecutionKey'
        $fail.Errors.TargetObject | Should -Be $rows[1, 2]
        $rows | ForEach-Object { $_.ExecutionKey = 'P-2' }
        $same = Get-Outcome { $rows | Start-FlowExecution -OnConflict UseExisting }
        $same.Errors | Should -BeNullOrEmpty
        @($same.Out.Id | Sort-Object -Unique) | Should -HaveCount 1
        $same.Out.IsNew | Should -Be $true, $false, $false
        Get-FlowCount 2 | Should -Be 2
    }

    It 'is refused, and nothing starts, where it <Name>' -ForEach @(
        @{ Name = 'has 101 characters'; Key = 'x' * 101 }
        @{ Name = 'has a megabyte'; Key = 'x' * 1MB }
        @{ Name = 'is blank'; Key = '   ' }
        @{ Name = 'holds a NUL'; Key = "K`0" }
        @{ Name = 'holds half of a character'; Key = "K$([char]0xd83d)" }
    ) {
        $outcome = Get-Outcome { Start-FlowExecution weekly-2 -ExecutionKey $Key }
        $outcome.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
        "$($outcome.Errors[0])".Length | Should -BeLessThan 300
        Get-FlowCount 2 | Should -Be 0
    }

    It 'is no script block, and the binder says where keys of their own go' {
        $outcome = Get-Outcome { 'weekly-1', 'weekly-2' | Start-FlowExecution -ExecutionKey { "K-$_" } }
        $outcome.Ended.FullyQualifiedErrorId ?? $outcome.Errors[0].FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
        "$($outcome.Ended)$($outcome.Errors)" | Should -BeLike '*column*'
        Get-RunCount | Should -Be 'running 1'
    }
}

Describe '-WhatIf and -Confirm' {
    BeforeEach {
        Reset-RunData -Runs 2 -Status pending
        $state = "select md5(string_agg(e::text, '' order by id)) || (select sum(execution_count) from public.crewai_flows) from public.crewai_flow_executions e"
        $before = Invoke-TestSql $state
    }

    It 'prints one line per row with what it resolves to, and writes nothing' {
        $pending = Get-FlowExecution -Id (Get-RunId 1)
        $said = Get-HostOutput { (Get-FlowId 2), 'weekly-1', $pending | Start-FlowExecution -WhatIf } -Outcome outcome
        $outcome.All | Should -BeNullOrEmpty
        $lines = @($said -like '*What if:*')
        $lines | Should -HaveCount 3
        $lines[0] | Should -BeLike '*Start a run*flow weekly-2*'
        $lines[1] | Should -BeLike '*Start a run*flow weekly-1*'
        $lines[2] | Should -BeLike "*Move Pending → Running*RUN-1*$(Get-RunId 1)*"
        @((Get-HostOutput { Start-FlowExecution -Id (Get-RunId 1), (Get-RunId 2) -WhatIf -Atomic }) -like '*What if:*RUN-*') | Should -HaveCount 2
        @((Get-HostOutput { $WhatIfPreference = $true; Start-FlowExecution weekly-3 }) -like '*What if:*weekly-3*') | Should -HaveCount 1
        Invoke-TestSql $state | Should -Be $before
    }

    It 'is refused where the real thing would be' {
        Invoke-TestSql "update public.crewai_flow_executions set status = 'running' where execution_key = 'RUN-2'"
        $before = Invoke-TestSql $state
        $taken = @{ FlowKey = 'weekly-1'; ExecutionKey = 'RUN-1' }
        $said = Get-HostOutput { 'archived-flow', 'nowhere', $taken, 42, [pscustomobject]@{ FlowKey = 'weekly-1'; InputState = '{' }, 'weekly-1' | Start-FlowExecution -WhatIf } -Outcome outcome
        $outcome.Errors | Get-ErrorName | Should -Be 'FlowNotRunnable', 'FlowNotFound', 'DuplicateExecutionKey', 'InvalidIdentity', 'InvalidJson'
        @($said -like '*What if:*') | Should -HaveCount 1
        $said = Get-HostOutput { Start-FlowExecution -Id ([guid]::NewGuid()), (Get-RunId 2) -InputState 1 -WhatIf } -Outcome outcome
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound', 'InvalidTransition'
        @((Get-HostOutput { 'archived-flow' | Start-FlowExecution -WhatIf -Force }) -like '*What if:*archived-flow*') | Should -HaveCount 1
        # With UseExisting what is there comes out.
        $null = Get-HostOutput { Start-FlowExecution weekly-2 -ExecutionKey RUN-1 -InputState '{"n": 1}' -OnConflict UseExisting -WhatIf } -Outcome outcome
        $outcome.Out.Id | Should -Be (Get-RunId 1)
        Invoke-TestSql $state | Should -Be $before
    }

    It 'asks row by row with -Confirm, does what is confirmed, and asks nothing with -Confirm:$false' {
        $script = Join-Path $TestDrive 'confirm.ps1'
        Set-Content -LiteralPath $script -Value @"
            Import-Module '$LeoManifest'
            `$null = Connect-LeoDatabase -Uri '$($server.Uri)'
            'weekly-1', 'weekly-2' | Start-FlowExecution -Confirm | ForEach-Object { "started `$(`$_.FlowKey)" }
            `$ConfirmPreference = 'Low'
            'weekly-3' | Start-FlowExecution -Confirm:`$false | ForEach-Object { "started `$(`$_.FlowKey)" }
"@
        $said = "N`nY`n" | pwsh -NoLogo -NoProfile -File $script
        @($said -like 'started*') | Should -Be 'started weekly-2', 'started weekly-3'
        [regex]::Matches($said -join "`n", '\[Y\]').Count | Should -Be 2
        Get-RunCount | Should -Be 'pending 2, running 2'
    }
}

Describe 'In bulk' {
    It 'starts all in one transaction with -Atomic, lets nothing out before, and keeps the order' {
        Reset-RunData
        $keys = 1..300 | ForEach-Object { "weekly-$(1 + $_ % 3)" }
        $seen = @{ Committed = $null; Keys = [Collections.Generic.List[string]]::new() }
        $keys | Start-FlowExecution -Atomic -BatchSize 100 | ForEach-Object {
            $seen.Committed ??= Invoke-TestSql "select count(*) || ' ' || count(distinct started_at) from public.crewai_flow_executions"
            $seen.Keys.Add($_.FlowKey)
        }
        $seen.Committed | Should -Be '300 1'
        [Linq.Enumerable]::SequenceEqual([string[]]$seen.Keys, [string[]]$keys) | Should -BeTrue
        Get-FlowCount 1, 2, 3 | Should -Be 100, 100, 100
    }

    It 'starts nothing with -Atomic where one row cannot: each bad row gets its error, then comes one BatchRolledBack' {
        Reset-RunData -Runs 1 -Status pending
        $outcome = Get-Outcome { 'weekly-1', 'archived-flow', (Get-FlowExecution -Id (Get-RunId 1)), 'nowhere', 'weekly-2' | Start-FlowExecution -Atomic }
        $outcome.Out | Should -BeNullOrEmpty
        $outcome.Errors | Get-ErrorName | Should -Be 'FlowNotRunnable', 'FlowNotFound', 'BatchRolledBack'
        Get-RunCount | Should -Be 'pending 1'
        $early = Get-Outcome { 'weekly-1', 42 | Start-FlowExecution -Atomic }
        $early.Out | Should -BeNullOrEmpty
        $early.Errors | Get-ErrorName | Should -Be 'InvalidIdentity', 'BatchRolledBack'
        Get-RunCount | Should -Be 'pending 1'
        Get-FlowCount 1, 2 | Should -Be 0, 0
    }

    It 'sends batches of -BatchSize, and tells on the verbose stream shapes and figures but no value' {
        Reset-RunData
        $outcome = Get-Outcome {
            1..25 | ForEach-Object { [pscustomobject]@{ FlowKey = 'weekly-1'; ExecutionKey = "SECRET-KEY-$_" } } |
                Start-FlowExecution -BatchSize 10 -InputState { @{ secret = 'hunter2' } } -Metadata '{"pin": "hunter2"}' -Verbose
        }
        $outcome.Out | Should -HaveCount 25
        @($outcome.Verbose -match '^insert executions \(batch of (10|5)\): (10|5) rows, \d+ ms$') | Should -HaveCount 3
        $outcome.Verbose -join "`n" | Should -Not -Match 'hunter2|SECRET|weekly'
    }

    It 'gives the figures with -Summary, and the errors as ever' {
        Reset-RunData
        $null = Start-FlowExecution weekly-1 -ExecutionKey K-1
        $row = @{ FlowKey = 'weekly-1'; ExecutionKey = 'K-1' }
        $outcome = Get-Outcome { 'weekly-1', $row, 'nowhere', 'archived-flow', 42, 'weekly-2' | Start-FlowExecution -OnConflict UseExisting -Summary }
        $outcome.Out | Should -HaveCount 1
        $summary = $outcome.Out[0]
        $summary.Total, $summary.Changed, $summary.Unchanged, $summary.Failed | Should -Be 6, 2, 1, 3
        $summary.FailedByErrorId.Keys | Should -Be 'FlowNotFound', 'FlowNotRunnable', 'InvalidIdentity'
        $outcome.Errors | Should -HaveCount 3
    }

    It 'ends under -ErrorAction Stop with the row''s error, whose ChangedIds are exactly what did start' {
        Reset-RunData
        $outcome = Get-Outcome { 'weekly-1', 'weekly-2', 'nowhere', 'weekly-3' | Start-FlowExecution -ErrorAction Stop }
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'FlowNotFound,*'
        $outcome.Ended.TargetObject | Should -Be 'nowhere'
        $outcome.Ended.Exception.ChangedIds | ForEach-Object { "$_" } | Sort-Object | Should -Be @(Invoke-TestSql 'select id from public.crewai_flow_executions order by id')
        $outcome.Ended.Exception.ChangedIds | Should -HaveCount 3
        Reset-RunData
        (Get-Outcome { 'weekly-1', 'nowhere', 'weekly-3' | Start-FlowExecution -BatchSize 1 -ErrorAction Stop }).Out.FlowKey | Should -Be 'weekly-1'
        Get-RunCount | Should -Be 'running 1'
    }

    It 'does the others where one flow''s row is held: RowLocked after -LockTimeout, that row its target' {
        Reset-RunData
        $holder = Open-TestTransaction "select 1 from public.crewai_flows where flow_key = 'weekly-2' for update"
        try {
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $outcome = Get-Outcome { 'weekly-1', 'weekly-2', 'weekly-3' | Start-FlowExecution -LockTimeout 300ms }
            $watch.ElapsedMilliseconds | Should -BeIn (300..5000)
        }
        finally {
            Close-TestTransaction $holder
        }
        $outcome.Out.FlowKey | Should -Be 'weekly-1', 'weekly-3'
        $outcome.Errors | Get-ErrorName | Should -Be 'RowLocked'
        $outcome.Errors[0].TargetObject | Should -Be 'weekly-2'
        Get-FlowCount 1, 2, 3 | Should -Be 1, 0, 1
    }

    It 'stops where Select-Object has enough: whole batches, and nothing runs on' {
        Reset-RunData
        $fed = @{ Rows = 0 }
        $first = 1..20000 | ForEach-Object { $fed.Rows++; 'weekly-1' } | Start-FlowExecution -BatchSize 100 | Select-Object -First 1
        Get-RunningCall | Should -Be 0
        $first.IsNew | Should -BeTrue
        $fed.Rows | Should -BeLessThan 20000
        $count = [int](Invoke-TestSql 'select count(*) from public.crewai_flow_executions')
        $count % 100 | Should -Be 0
        $count | Should -BeIn (100..$fed.Rows)
        Get-FlowCount 1 | Should -Be $count
    }

    It 'starts nothing on an empty pipe' {
        Reset-RunData
        $outcome = Get-Outcome { @() | Start-FlowExecution -Verbose }
        $outcome.All | Should -BeNullOrEmpty
        $outcome.Verbose | Should -BeNullOrEmpty
        (Get-Outcome { @() | Start-FlowExecution -Atomic }).All | Should -BeNullOrEmpty
    }
}

Describe 'A database that is not as it should be' {
    It 'is SchemaMissing where the table <_> is not there' -ForEach 'crewai_flow_executions', 'crewai_flows' {
        Reset-RunData
        Invoke-TestSql "alter table public.$_ rename to hidden_away"
        try {
            $outcome = Get-Outcome { 'weekly-1' | Start-FlowExecution }
        }
        finally {
            Invoke-TestSql "alter table public.hidden_away rename to $_"
        }
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'SchemaMissing,*'
        $outcome.Ended.Exception.Message | Should -BeLike "*$_*Install-LeoSchema*"
    }

    It 'fails the row that a constraint refuses, and starts the others' {
        Reset-RunData
        Invoke-TestSql "alter table public.crewai_flow_executions add constraint no_second check (flow_id <> md5('f2')::uuid)"
        try {
            $outcome = Get-Outcome { 'weekly-1', 'weekly-2', 'weekly-3' | Start-FlowExecution }
        }
        finally {
            Invoke-TestSql 'alter table public.crewai_flow_executions drop constraint no_second'
        }
        $outcome.Out.FlowKey | Should -Be 'weekly-1', 'weekly-3'
        $outcome.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
        $outcome.Errors[0].TargetObject | Should -Be 'weekly-2'
        "$($outcome.Errors[0])" | Should -BeLike '*no_second*'
    }
}
