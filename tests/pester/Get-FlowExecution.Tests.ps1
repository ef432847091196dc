# Get-FlowExecution: filters, what is piped, order and pages, what is not there, lines of JSON, and that it streams.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-get-runs'

    # The numbers of Reset-RunData's runs, as they came.
    function Get-Number([Parameter(ValueFromPipeline)] $Row) {
        process { [int]$Row.InputState.n }
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Filters' {
    BeforeAll {
        # Run n began n hours ago; 1, 4 belong to flow 2; 2, 5 to flow 3; 3, 6 to flow 1.
        Reset-RunData -Runs 6
        Invoke-TestSql "update public.crewai_flow_executions e set started_at = now() - make_interval(hours => k.n::int), status = k.status,
                execution_mode = (array['manual', 'scheduled', 'triggered'])[1 + k.n % 3], board_meeting_id = md5('m' || k.n % 2)::uuid, executed_by = md5('u' || k.n / 4)::uuid
            from unnest(array['pending', 'running', 'completed', 'failed', 'cancelled', 'timeout']) with ordinality k(status, n) where e.id = md5('e' || k.n)::uuid"
        $unit = [datetimeoffset]::UtcNow
    }

    It 'reads the table without a filter, in id order' {
        $rows = @(Get-FlowExecution)
        $rows.Id | Should -Be @(Invoke-TestSql 'select id from public.crewai_flow_executions order by id')
        $rows[0] | Should -BeOfType LeoPS.FlowExecution
        $rows.IsNew | Select-Object -Unique | Should -BeFalse
    }

    It 'finds by <Name>' -ForEach @(
        @{ Name = '-Id'; With = { @{ Id = Get-RunId 2, 5 } }; Found = 2, 5 }
        @{ Name = '-Status'; With = { @{ Status = 'Failed' } }; Found = @(4) }
        @{ Name = 'several statuses'; With = { @{ Status = 'pending', 'TIMEOUT' } }; Found = 1, 6 }
        @{ Name = '-FlowKey'; With = { @{ FlowKey = 'weekly-1' } }; Found = 3, 6 }
        @{ Name = '-FlowKey, a wildcard in another case'; With = { @{ FlowKey = 'WEEKLY-[12]' } }; Found = 1, 3, 4, 6 }
        @{ Name = '-FlowKey, several'; With = { @{ FlowKey = 'weekly-1', '*-2' } }; Found = 1, 3, 4, 6 }
        @{ Name = '-FlowId'; With = { @{ FlowId = Get-TestId 3 -Letter f } }; Found = 2, 5 }
        @{ Name = '-ExecutionKey'; With = { @{ ExecutionKey = 'RUN-5' } }; Found = @(5) }
        @{ Name = '-ExecutionKey, a wildcard'; With = { @{ ExecutionKey = 'run-[2-4]' } }; Found = 2, 3, 4 }
        @{ Name = '-ExecutionMode'; With = { @{ ExecutionMode = 'scheduled', 'Triggered' } }; Found = 1, 2, 4, 5 }
        @{ Name = '-BoardMeetingId'; With = { @{ BoardMeetingId = Get-TestId 1 -Letter m } }; Found = 1, 3, 5 }
        @{ Name = '-ExecutedBy'; With = { @{ ExecutedBy = Get-TestId 1 -Letter u } }; Found = 4, 5, 6 }
        @{ Name = '-After'; With = { @{ After = $unit.AddMinutes(-150) } }; Found = 1, 2 }
        @{ Name = '-After and -Before'; With = { @{ After = $unit.AddMinutes(-270); Before = $unit.AddMinutes(-150) } }; Found = 3, 4 }
        @{ Name = 'all together'; With = { @{ FlowKey = 'weekly-*'; Status = 'Running', 'Completed'; ExecutionMode = 'Manual'; Before = $unit } }; Found = @(3) }
        @{ Name = 'a pattern that nothing matches'; With = { @{ FlowKey = 'monthly-*' } }; Found = @() }
        @{ Name = 'a flow without runs'; With = { @{ FlowKey = 'draft-flow' } }; Found = @() }
    ) {
        $with = & $With
        $outcome = Get-Outcome { Get-FlowExecution @with }
        $outcome.Errors | Should -BeNullOrEmpty
        $outcome.Out | Get-Number | Sort-Object | Should -Be $Found
    }

    It 'never takes a null or empty <_> for no filter at all' -ForEach 'InputObject', 'Id', 'FlowKey', 'FlowId', 'ExecutionKey', 'Status', 'ExecutionMode', 'BoardMeetingId', 'ExecutedBy', 'After', 'Before' {
        foreach ($nothing in $null, @()) {
            $with = @{ $_ = $nothing }
            (Get-Outcome { Get-FlowExecution @with }).Out | Should -BeNullOrEmpty
        }
    }

    It 'takes statuses and modes by their whole names: <_> is refused' -ForEach 1, 'run', 'running,failed', '' {
        foreach ($with in @{ Status = $_ }, @{ ExecutionMode = $_ }) {
            (Get-Outcome { Get-FlowExecution @with }).Ended.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
        }
    }

    It 'orders by <Order>, nulls last, ties by id, both ways, whole and in pages' -ForEach @(
        @{ Order = 'Id'; Column = 'id' }
        @{ Order = 'StartedAt'; Column = 'started_at' }
        @{ Order = 'CompletedAt'; Column = 'completed_at' }
        @{ Order = 'ExecutionKey'; Column = 'execution_key' }
        @{ Order = 'DurationMs'; Column = 'duration_ms' }
        @{ Order = 'TokenCount'; Column = 'token_count' }
        @{ Order = 'CostUsd'; Column = 'cost_usd' }
        @{ Order = 'Status'; Column = 'status' }
    ) {
        Invoke-TestSql "update public.crewai_flow_executions set completed_at = case when status in ('failed', 'timeout') then date_trunc('day', now()) end,
            token_count = nullif(length(status) / 2, 3), cost_usd = nullif(length(status) / 3, 2) * 0.5"
        foreach ($direction in '', ' desc') {
            $expected = @(Invoke-TestSql "select id from public.crewai_flow_executions order by $Column$direction nulls last, id$direction")
            $with = @{ OrderBy = $Order; Descending = [bool]$direction }
            @(Get-FlowExecution @with).Id | Should -Be $expected
            @(Get-FlowExecution @with -PageSize 2).Id | Should -Be $expected
            @(Get-FlowExecution @with -Skip 1 -First 3).Id | Should -Be $expected[1..3]
            foreach ($cut in 1, 3) {
                @(Get-FlowExecution @with -ResumeAfter (Get-FlowExecution -Id $expected[$cut])).Id | Should -Be $expected[($cut + 1)..5]
                @(Get-FlowExecution @with -ResumeAfter $expected[$cut]).Id | Should -Be $expected[($cut + 1)..5]
            }
        }
    }
}

Describe 'What is piped' {
    BeforeAll {
        Reset-RunData -Runs 9
        Invoke-TestSql "update public.crewai_flow_executions set status = 'failed' where execution_key in ('RUN-1', 'RUN-3')"
    }

    It 'gives the runs of a flow: <Name>' -ForEach @(
        @{ Name = 'a flow'; Make = { Get-FlowRow weekly-2 } }
        @{ Name = 'a flow from CSV'; Make = { Get-FlowRow weekly-2 | Export-Csv TestDrive:/flow; Import-Csv TestDrive:/flow } }
        @{ Name = 'a flow as a line of JSON'; Make = { Get-FlowRow weekly-2 | ConvertTo-Json -Compress } }
        @{ Name = 'what Select-Object Id makes of a flow'; Make = { [pscustomobject]@{ PSTypeName = 'Selected.LeoPS.Flow'; Id = Get-TestId 2 -Letter f } } }
        @{ Name = 'a row with a FlowKey'; Make = { [pscustomobject]@{ FlowKey = 'weekly-2' } } }
        @{ Name = 'a hashtable with a FlowId'; Make = { @{ FlowId = Get-TestId 2 -Letter f } } }
    ) {
        $outcome = Get-Outcome { & $Make | Get-FlowExecution }
        $outcome.Errors | Should -BeNullOrEmpty
        $outcome.Out | Get-Number | Sort-Object | Should -Be 1, 4, 7
        & $Make | Get-FlowExecution -Status Running | Get-Number | Sort-Object | Should -Be 4, 7
        & $Make | Get-FlowExecution -OrderBy StartedAt -First 2 | Get-Number | Should -Be 7, 4
        Get-FlowExecution (& $Make) | Get-Number | Sort-Object | Should -Be 1, 4, 7
    }

    It 'reads an execution again: <Name>' -ForEach @(
        @{ Name = 'an object'; Make = { Get-FlowExecution -Id (Get-RunId 4) } }
        @{ Name = 'a GUID, which is an execution''s'; Make = { Get-RunId 4 } }
        @{ Name = 'a GUID as text'; Make = { "$(Get-RunId 4)" } }
        @{ Name = 'a line of JSON'; Make = { Get-FlowExecution -Id (Get-RunId 4) -AsJson } }
        @{ Name = 'CSV'; Make = { Get-FlowExecution -Id (Get-RunId 4) | Export-Csv TestDrive:/run; Import-Csv TestDrive:/run } }
        @{ Name = 'some columns'; Make = { Get-FlowExecution -Id (Get-RunId 4) | Select-Object Id, FlowKey } }
        @{ Name = 'a row with an Id'; Make = { @{ Id = Get-RunId 4 } } }
    ) {
        $made = & $Make
        Invoke-TestSql "update public.crewai_flow_executions set token_count = coalesce(token_count, 0) + 1 where execution_key = 'RUN-4'"
        $read = @($made | Get-FlowExecution)
        $read | Should -HaveCount 1
        "$($read.ExecutionKey) $($read.TokenCount)" | Should -Be "RUN-4 $(Get-RunValue (Get-RunId 4) 'token_count')"
        $made | Get-FlowExecution -Status Failed | Should -BeNullOrEmpty
    }

    It 'keeps the order of flows and executions between each other' {
        $mixed = (Get-RunId 2), @{ FlowKey = 'weekly-1' }, (Get-RunId 1), (Get-RunId 5), @{ FlowKey = 'weekly-3' }
        $keys = ($mixed | Get-FlowExecution -OrderBy ExecutionKey).ExecutionKey
        $keys | Should -Be 'RUN-2', 'RUN-3', 'RUN-6', 'RUN-9', 'RUN-1', 'RUN-5', 'RUN-2', 'RUN-5', 'RUN-8'
    }

    It 'gives no more than -First in all, and reports no id that was merely one too many' {
        $outcome = Get-Outcome { Get-FlowRow | Get-FlowExecution -First 4 }
        $outcome.Out | Should -HaveCount 4
        $outcome.Errors | Should -BeNullOrEmpty
        (Get-Outcome { Get-RunId (1..5) | Get-FlowExecution -First 2 }).All | Should -HaveCount 2
    }

    It 'reports what names neither, each in its place, and reads the others' {
        $unknown = [guid]::NewGuid()
        $foreign = [pscustomobject]@{ PSTypeName = 'LeoPS.HandoffPreparation'; Id = Get-RunId 1 }
        $outcome = Get-Outcome { (Get-RunId 1), 'weekly-1', $null, 42, $foreign, @{ FlowKey = 'nowhere' }, $unknown, (Get-RunId 2) | Get-FlowExecution }
        $outcome.Out | Get-Number | Sort-Object | Should -Be 1, 2
        $outcome.Errors | Get-ErrorName | Sort-Object | Should -Be 'FlowNotFound', 'InvalidIdentity', 'InvalidIdentity', 'InvalidIdentity', 'InvalidIdentity', 'NotFound'
        ($outcome.Errors | Where-Object { $_ -like 'A HandoffPreparation does not identify an execution*' }) | Should -HaveCount 1
        ($outcome.Errors | Where-Object { (Get-ErrorName $_) -eq 'NotFound' }).TargetObject | Should -Be $unknown
    }

    It 'is nothing for an empty pipe and no error for a flow without runs' {
        $outcome = Get-Outcome { @() | Get-FlowExecution -Verbose }
        $outcome.All | Should -BeNullOrEmpty
        (Get-Outcome { [pscustomobject]@{ FlowKey = 'draft-flow' } | Get-FlowExecution }).All | Should -BeNullOrEmpty
        (Get-Outcome { $null | Get-FlowExecution }).Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
    }
}

Describe 'What is not there' {
    BeforeAll {
        Reset-RunData -Runs 2
    }

    It 'is NotFound for an unknown -Id, its target; the others come' {
        $unknown = [guid]::NewGuid()
        $outcome = Get-Outcome { Get-FlowExecution -Id (Get-RunId 1), $unknown }
        $outcome.Out.ExecutionKey | Should -Be 'RUN-1'
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound'
        $outcome.Errors[0].TargetObject | Should -Be $unknown
        # Another filter may have left it out.
        (Get-Outcome { Get-FlowExecution -Id $unknown -Status Failed }).All | Should -BeNullOrEmpty
    }

    It 'is FlowNotFound for a flow that was named in full, also beside a known one, and nothing for a wildcard' {
        foreach ($keys in 'nowhere', @('weekly-2', 'nowhere'), @('weekly-*', 'nowhere')) {
            $outcome = Get-Outcome { Get-FlowExecution -FlowKey $keys }
            $outcome.Errors | Get-ErrorName | Should -Be 'FlowNotFound'
            $outcome.Errors[0].TargetObject | Should -Be 'nowhere'
            $outcome.Errors[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        }
        (Get-Outcome { Get-FlowExecution -FlowKey 'nowhere*' }).All | Should -BeNullOrEmpty
        (Get-Outcome { Get-FlowExecution -FlowKey 'weekly-2' -Status Failed }).All | Should -BeNullOrEmpty
    }

    It 'is NotFound for an execution key that was named in full, where nothing else selects' {
        $outcome = Get-Outcome { Get-FlowExecution -ExecutionKey RUN-1, NOWHERE, 'NO*' }
        $outcome.Out.ExecutionKey | Should -Be 'RUN-1'
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound'
        $outcome.Errors[0].TargetObject | Should -Be 'NOWHERE'
        (Get-Outcome { Get-FlowExecution -ExecutionKey RUN-1 -Status Failed }).All | Should -BeNullOrEmpty
    }

    It 'is SchemaMissing where the table is not there' {
        Invoke-TestSql 'alter table public.crewai_flow_executions rename to hidden_away'
        try {
            $outcome = Get-Outcome { Get-FlowExecution }
        }
        finally {
            Invoke-TestSql 'alter table public.hidden_away rename to crewai_flow_executions'
        }
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'SchemaMissing,*'
        $outcome.Ended.Exception.Message | Should -BeLike '*crewai_flow_executions*Install-LeoSchema*'
    }
}

Describe 'The object and its line of JSON' {
    BeforeAll {
        Reset-RunData -Runs 2
        Invoke-TestSql "update public.crewai_flow_executions set input_state = '{`"a`": {`"b`": [1, 2, {`"x`": 1.10}]}, `"big`": 12345678901234567890.5}', output_state = 'null',
            status = 'failed', error_message = 'it''s `"q`" 🚀' || chr(10) || 'two', error_type = 'T', cost_usd = 0.1, token_count = 7, completed_at = '2026-01-01T00:00:00.123456Z', duration_ms = 5,
            started_at = '2026-01-01T00:00:00.000001Z', execution_mode = 'triggered' where execution_key = 'RUN-1'"
        $row = Get-FlowExecution -Id (Get-RunId 1)
        $line = Get-FlowExecution -Id (Get-RunId 1) -AsJson
    }

    It 'has a property for each column, JSON columns as objects with dots' {
        $row.InputState.a.b[2].x | Should -Be 1.10
        $row.InputState.big | Should -Be 12345678901234567890.5d
        $row.OutputState, $row.Metadata | ForEach-Object { $_ | Should -BeNullOrEmpty }
        $row.CostUsd | Should -BeOfType decimal
        $row.CompletedAt.ToString('o') | Should -Be '2026-01-01T00:00:00.1234560+00:00'
        $columns = Invoke-TestSql "select string_agg(replace(initcap(replace(column_name, '_', ' ')), ' ', ''), ' ') from information_schema.columns where table_name = 'crewai_flow_executions'"
        foreach ($name in $columns -split ' ') {
            $row.PSObject.Properties.Name | Should -Contain $name
        }
        { $row.Status = 'Running' } | Should -Throw
        { [LeoPS.FlowExecution]@{ ExecutionKey = 'x' } } | Should -Throw
    }

    It 'says on one line what the row holds, SQL NULL absent and JSON null as null' {
        $line | Should -BeOfType string
        $line | Should -Not -Match "`n"
        $line | Should -Match '"InputState":\{"a": \{"b": \[1, 2, \{"x": 1\.10\}\]\}, "big": 12345678901234567890\.5\}'
        $line | Should -Match '"OutputState":null'
        $line | Should -Not -Match '"Metadata"|"ExecutedBy"'
        $read = $line | ConvertFrom-Json
        $read.Status, $read.ExecutionMode, $read.FlowKey, $read.ErrorMessage | Should -Be 'Failed', 'Triggered', 'weekly-2', "it's `"q`" 🚀`ntwo"
        $line | Should -Match '"CompletedAt":"2026-01-01T00:00:00\.123456Z"'
        $line | Should -Match '"CostUsd":0\.1000'
    }

    It 'goes from a file back into Get-FlowExecution and Complete-FlowExecution, in bulk' {
        Reset-RunData -Runs 1200
        Get-FlowExecution -AsJson | Set-Content TestDrive:/runs.jsonl
        @(Get-Content TestDrive:/runs.jsonl | Get-FlowExecution) | Should -HaveCount 1200
        $done = Get-Content TestDrive:/runs.jsonl | Complete-FlowExecution -OutputState { ($_ | ConvertFrom-Json).InputState }
        $done | Should -HaveCount 1200
        @($done | Where-Object { $_.OutputState.n -ne $_.InputState.n }) | Should -HaveCount 0
        # The lines are of an older version of their rows now.
        $outcome = Get-Outcome { Get-Content TestDrive:/runs.jsonl | Select-Object -First 2 | Complete-FlowExecution -Status Failed }
        $outcome.Errors | Get-ErrorName | Should -Be 'StatusConflict', 'StatusConflict'
    }

    It 'shows columns that the contract does not have in AdditionalColumns' {
        Invoke-TestSql "alter table public.crewai_flow_executions add column venture_id text default 'v-1'"
        try {
            (Get-FlowExecution -First 1).AdditionalColumns.venture_id | Should -Be 'v-1'
            (Start-FlowExecution weekly-1 | Complete-FlowExecution).AdditionalColumns.venture_id | Should -Be 'v-1'
        }
        finally {
            Invoke-TestSql 'alter table public.crewai_flow_executions drop column venture_id'
        }
    }

    It 'is an UnreadableRow with id and column where a time is infinity, and the stream goes on' {
        Reset-RunData -Runs 3
        Invoke-TestSql "update public.crewai_flow_executions set started_at = 'infinity' where execution_key = 'RUN-2'"
        $outcome = Get-Outcome { Get-FlowExecution }
        $outcome.Ended | Should -BeNullOrEmpty
        $outcome.Out | Get-Number | Sort-Object | Should -Be 1, 3
        $outcome.Errors | Get-ErrorName | Should -Be 'UnreadableRow'
        "$($outcome.Errors[0])" | Should -BeLike "*$(Get-RunId 2)*started_at*"
    }
}

Describe 'Streaming' {
    It 'ends at once under Select-Object -First 1, leaves nothing running, and gives the first row while the server still reads' {
        Reset-RunData -Runs 60000
        $null = Get-FlowExecution -First 1
        $seen = @{ Running = 0; Rows = 0 }
        $whole = Measure-Command { Get-FlowExecution | ForEach-Object { if ($seen.Rows++ -eq 0) { $seen.Running = Get-RunningCall } } }
        $first = Measure-Command { Get-FlowExecution | Select-Object -First 1 | Out-Null }
        Get-RunningCall | Should -Be 0
        $seen.Running, $seen.Rows | Should -Be 1, 60000
        $first.TotalMilliseconds | Should -BeLessThan ([Math]::Max(500, $whole.TotalMilliseconds / 3))
        $flow = Measure-Command { Get-FlowRow | Get-FlowExecution | Select-Object -First 1 | Out-Null }
        Get-RunningCall | Should -Be 0
        $flow.TotalMilliseconds | Should -BeLessThan ([Math]::Max(500, $whole.TotalMilliseconds / 2))
        Reset-RunData
    }
}

Describe 'Completion' {
    It 'offers <Offered> for <Line>' -ForEach @(
        @{ Line = 'Get-FlowExecution -Status '; Offered = 'Pending', 'Running', 'Completed', 'Failed', 'Cancelled', 'Timeout' }
        @{ Line = 'Get-FlowExecution -Status Failed,'; Offered = 'Timeout' }
        @{ Line = 'Get-FlowExecution -ExecutionMode '; Offered = 'Manual', 'Scheduled', 'Triggered' }
        @{ Line = 'Start-FlowExecution weekly -ExecutionMode s'; Offered = 'Scheduled' }
        @{ Line = 'Start-FlowExecution weekly -OnConflict '; Offered = 'Fail', 'UseExisting' }
        @{ Line = 'Complete-FlowExecution -Status f'; Offered = 'Failed' }
        @{ Line = 'Get-FlowExecution -OrderBy '; Offered = 'Id', 'StartedAt', 'CompletedAt', 'ExecutionKey', 'DurationMs', 'TokenCount', 'CostUsd', 'Status' }
    ) {
        $matches1 = (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches
        foreach ($one in $Offered) { $matches1.ListItemText | Should -Contain $one }
    }

    It 'offers the names of open connections for -Connection of <_>' -ForEach 'Get-FlowExecution', 'New-FlowExecution', 'Start-FlowExecution', 'Complete-FlowExecution' {
        $line = "$_ -Connection pester-get-r"
        (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.CompletionText | Should -Be "'pester-get-runs'"
    }
}
