# Start-FlowExecution: what starts, what each bad row gets, and what of it stands in the table afterwards.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-start'
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

    It 'reports <Name>, that row its target, and starts the others' -ForEach @(
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
        @{ Name = 'a NUL'; Value = "weekly`0"; Id = 'FlowNotFound' }
        @{ Name = 'half of a character'; Value = "weekly$([char]0xd83d)"; Id = 'FlowNotFound' }
        @{ Name = 'a handoff'; Value = [pscustomobject]@{ PSTypeName = 'LeoPS.HandoffPreparation'; Id = [guid]::NewGuid(); FlowKey = 'weekly-1' } }
    ) {
        $outcome = Get-Outcome { 'weekly-1', $Value, 'weekly-3' | Start-FlowExecution }
        $outcome.Ended | Should -BeNullOrEmpty
        $outcome.All | ForEach-Object { $_ -is [Management.Automation.ErrorRecord] ? 'error' : $_.FlowKey } | Should -Be 'weekly-1', 'error', 'weekly-3'
        $outcome.Errors | Get-ErrorName | Should -Be ($_.ContainsKey('Id') ? $_.Id : 'InvalidIdentity')
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
