# Start-FlowExecution: what is written with a run that starts, where it comes from, and what is refused of it.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-start-values'
}

AfterAll {
    Disconnect-LeoDatabase $connection
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
