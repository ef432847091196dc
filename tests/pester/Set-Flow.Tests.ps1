# Set-Flow: what is written, what names a flow, that nobody's change is lost, and what each bad one gets.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-set-flow'
    function Get-FlowValue([string] $Key, [string] $Expression) { Invoke-TestSql "select $Expression from public.crewai_flows where flow_key = '$Key'" }
    function Get-Edited { (Invoke-TestSql "select flow_key from public.crewai_flows where description = 'edited' order by flow_key") -join ', ' }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Editing a flow' {
    BeforeEach {
        Reset-RunData
        Invoke-TestSql "update public.crewai_flows set updated_at = '2020-01-01Z', description = 'before', tags = array['before']"
    }

    It 'writes every column that is given, stamps updated_at by the server''s clock, and returns the flow' {
        $before = Get-Flow weekly-1
        $after = $before | Set-Flow -FlowName $awkward -Description $awkward -FlowDefinition @{ nodes = @($awkward) } -Status deprecated -Version 7 -Tag 'a,b', $awkward -Metadata '{"m": 1.10}'
        $after | Should -BeOfType LeoPS.Flow
        $after.FlowName, $after.Description, $after.Status, $after.Version | Should -BeExactly $awkward, $awkward, 'Deprecated', 7
        $after.FlowDefinition.nodes[0], $after.Tags[0], $after.Tags[1] | Should -BeExactly $awkward, 'a,b', $awkward
        Get-FlowValue weekly-1 "concat_ws(' ', metadata, updated_at between now() - interval '1 minute' and now(), xmin)" | Should -Be "{`"m`": 1.10} t $($after.RowVersion)"
        $before.Description, $before.Status | Should -Be 'before', 'Active'
        # What came out is the row as it stands, so it can be edited again.
        ($after | Set-Flow -Version 8).Version | Should -Be 8
    }

    It 'leaves what is not given' {
        $null = Set-Flow weekly-1 -Version 2
        Get-FlowValue weekly-1 "concat_ws('|', flow_name, description, flow_definition, status, version, tags, metadata)" | Should -Be 'Weekly flow 1|before|{"nodes": []}|active|2|{before}|{"owner": "flow"}'
        Get-FlowValue weekly-2 'version || '' '' || (updated_at = ''2020-01-01Z'')' | Should -Be '1 true'
    }

    It 'writes NULL for a null of <_>' -ForEach 'Description', 'Version', 'Tag', 'Metadata' {
        $with = @{ $_ = $null }
        $null = Set-Flow weekly-1 @with
        $column = $_ -eq 'Tag' ? 'tags' : $_.ToLowerInvariant()
        Get-FlowValue weekly-1 "$column is null" | Should -Be 't'
        Get-FlowValue weekly-1 "num_nulls(flow_name, description, flow_definition, status, version, tags, metadata)" | Should -Be 1
    }

    It 'tells an empty text, an empty list and a JSON null from NULL' {
        $null = Set-Flow weekly-1 -Description '' -Tag @() -Metadata 'null'
        Get-FlowValue weekly-1 "concat_ws(' ', description = '', tags, metadata)" | Should -Be 't {} null'
    }

    It 'refuses before anything is sent: <Name>' -ForEach @(
        @{ Name = 'nothing to change'; With = @{}; Is = 'ValueOutOfRange'; Says = '*Nothing to change*-FlowName*-Metadata*' }
        @{ Name = 'no name'; With = @{ FlowName = $null }; Is = 'ValueOutOfRange'; Says = '*-FlowName is empty*' }
        @{ Name = 'an empty name'; With = @{ FlowName = '' }; Is = 'ValueOutOfRange'; Says = '*-FlowName is empty*' }
        @{ Name = 'a name of 201 characters'; With = @{ FlowName = 'n' * 201 }; Is = 'ValueOutOfRange'; Says = '*201 characters*' }
        @{ Name = 'no definition'; With = @{ FlowDefinition = $null }; Is = 'ValueOutOfRange'; Says = '*needs a definition*' }
        @{ Name = 'a NUL'; With = @{ Description = "a`0" }; Is = 'ValueOutOfRange'; Says = '*NUL*' }
        @{ Name = 'what is no JSON'; With = @{ Metadata = 'not json' }; Is = 'InvalidJson'; Says = '*-Metadata is not valid JSON*' }
        @{ Name = 'no status'; With = @{ Status = $null }; Is = 'ParameterArgumentTransformationError'; Says = '*Draft, Active, Archived, Deprecated*' }
        @{ Name = 'half a status'; With = @{ Status = 'arch' }; Is = 'ParameterArgumentTransformationError'; Says = '*Draft, Active, Archived, Deprecated*' }
        @{ Name = 'a fraction'; With = @{ Version = '1.5' }; Is = 'ParameterArgumentTransformationError'; Says = '*whole number*' }
    ) {
        $outcome = Get-Outcome { Set-Flow weekly-1 @With -Verbose }
        ($outcome.Ended | Get-ErrorName) | Should -Be $Is
        $outcome.Ended.Exception.Message | Should -BeLike $Says
        $outcome.Verbose | Should -BeNullOrEmpty
        # For piped ones too, and without a connection.
        (Get-Outcome { 'weekly-1' | Set-Flow @With -Connection nobody }).Ended | Get-ErrorName | Should -Be $Is
    }

    It 'gives each row its own JSON with a script block, and one that fails stands alone' {
        Invoke-TestSql "update public.crewai_flows set version = substr(flow_key, 8)::int - 2 where flow_key like 'weekly-_'"
        $outcome = Get-Outcome { Get-Flow weekly* | Set-Flow -Metadata { @{ was = 4 / $_.Version; owner = $_.Metadata.owner } } -Description edited }
        $outcome.Out.FlowKey | Should -Be 'weekly-1', 'weekly-3'
        $outcome.Out.Metadata.was | Should -Be -4, 4
        $outcome.Out.Metadata.owner | Should -Be 'flow', 'flow'
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidJson'
        $outcome.Errors[0].TargetObject.FlowKey | Should -Be 'weekly-2'
        Get-Edited | Should -Be 'weekly-1, weekly-3'
    }
}

Describe 'What names the flow to edit' {
    BeforeEach {
        Reset-RunData -Runs 1
        $flow = Get-Flow weekly-2
        $run = Get-FlowExecution -Id (Get-RunId 1)
    }

    It 'is <Name>' -ForEach @(
        @{ Name = 'a flow'; Make = { $flow } }
        @{ Name = 'a Guid'; Make = { $flow.Id } }
        @{ Name = 'a key'; Make = { 'weekly-2' } }
        @{ Name = 'a line of -AsJson'; Make = { Get-Flow weekly-2 -AsJson } }
        @{ Name = 'a row of a CSV file'; Make = { $flow | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Name = 'what a job made of it'; Make = { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($flow)) } }
        @{ Name = 'a row with a FlowKey'; Make = { [pscustomobject]@{ FlowKey = 'weekly-2' } } }
    ) {
        $given = & $Make
        $outcome = Get-Outcome { $given | Set-Flow -Description edited }
        $outcome.Errors | Should -BeNullOrEmpty
        $outcome.Out.FlowKey | Should -Be 'weekly-2'
        Get-Edited | Should -Be 'weekly-2'
        (Set-Flow -InputObject $flow.Id -Description again).Description | Should -Be 'again'
    }

    It 'is a key in the first place, or an id, several of them, in the order given' {
        (Set-Flow weekly-3, weekly-1 -Description edited).FlowKey | Should -Be 'weekly-3', 'weekly-1'
        (Set-Flow -FlowId (Get-FlowId 2), (Get-FlowId 1) -Version 2).FlowKey | Should -Be 'weekly-2', 'weekly-1'
        (Set-Flow 'weekly-`2' -Version 3).FlowKey | Should -Be 'weekly-2'
    }

    It 'is not <Name>, and the others are edited' -ForEach @(
        @{ Name = 'a run'; Value = { $run }; Says = 'A FlowExecution does not identify a flow*' }
        @{ Name = 'a run from a job'; Value = { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($run)) }; Says = 'A FlowExecution *' }
        @{ Name = 'a run, selected'; Value = { $run | Select-Object FlowId }; Says = 'A FlowExecution *' }
        @{ Name = 'a run from a CSV file'; Value = { $run | ConvertTo-Csv | ConvertFrom-Csv }; Says = 'A row whose Id is not its FlowId*' }
        @{ Name = 'a change of a run'; Value = { [pscustomobject]@{ PSTypeName = 'Deserialized.LeoPS.FlowExecutionHistoryEntry'; Id = $run.Id; FlowId = $flow.Id } }; Says = 'A FlowExecutionHistoryEntry *' }
        @{ Name = 'a handoff'; Value = { [pscustomobject]@{ PSTypeName = 'Deserialized.LeoPS.HandoffPreparation'; Id = $flow.Id } }; Says = 'A HandoffPreparation *' }
        @{ Name = 'a pattern'; Value = { 'weekly-*' }; Says = '*is a pattern*Get-Flow*' }
        @{ Name = 'null'; Value = { , $null }; Says = 'An empty value *' }
        @{ Name = 'a number'; Value = { 5 }; Says = "'5' *" }
    ) {
        $bad = & $Value
        $outcome = Get-Outcome { 'weekly-1', $bad, 'weekly-3' | Set-Flow -Description edited }
        $outcome.Out.FlowKey | Should -Be 'weekly-1', 'weekly-3'
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
        $outcome.Errors[0].Exception.Message | Should -BeLike $Says
        Get-Edited | Should -Be 'weekly-1, weekly-3'
    }

    It 'is FlowNotFound where there is none, by id and by key, piped and not' {
        $unknown = [guid]::NewGuid()
        foreach ($outcome in (Get-Outcome { 'nobody', 'weekly-1', $unknown | Set-Flow -Description edited }), (Get-Outcome { Set-Flow nobody, weekly-1 -Description edited; Set-Flow -FlowId $unknown -Description edited })) {
            $outcome.Out.FlowKey | Should -Be 'weekly-1'
            $outcome.Errors | Get-ErrorName | Should -Be 'FlowNotFound', 'FlowNotFound'
            $outcome.Errors.TargetObject | Should -Be 'nobody', $unknown
            $outcome.Errors[0].Exception.Message | Should -BeLike '*hidden from role*'
        }
        (Get-Outcome { Set-Flow 'weekly-*', weekly-1 -Description edited }).Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
    }

    It 'takes no value from a piped row' {
        $row = [pscustomobject]@{ FlowKey = 'weekly-2'; FlowName = 'row'; Description = 'row'; Status = 'archived'; Version = 9; Tag = 'row'; Metadata = '{}' }
        $null = $row | Set-Flow -Version 3
        Get-FlowValue weekly-2 "concat_ws('|', flow_name, description, status, version, tags, metadata)" | Should -Be 'Weekly flow 2|active|3|{}|{"owner": "flow"}'
        (Get-Outcome { $row | Set-Flow }).Ended | Get-ErrorName | Should -Be 'ValueOutOfRange'
        # Nor does any other parameter bind from the pipe.
        $piped = (Get-Command Set-Flow).Parameters.Values | Where-Object {
            $_.Attributes | Where-Object { $_ -is [Management.Automation.ParameterAttribute] -and ($_.ValueFromPipeline -or $_.ValueFromPipelineByPropertyName) }
        }
        $piped.Name | Should -Be 'InputObject'
    }

    It 'counts once: a flow that comes again is a StatusConflict that says so' {
        $outcome = Get-Outcome { $flow, 'weekly-2', $flow.Id, 'weekly-1' | Set-Flow -Description edited }
        $outcome.Out.FlowKey | Should -Be 'weekly-2', 'weekly-1'
        $outcome.Errors | Get-ErrorName | Should -Be 'StatusConflict', 'StatusConflict'
    }
}

Describe 'The guard' {
    BeforeEach {
        Reset-RunData
    }

    It 'is an EditConflict where somebody changed the flow meanwhile: <Name>' -ForEach @(
        @{ Name = 'as an object'; Through = { $_ } }
        @{ Name = 'from a CSV file'; Through = { $_ | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Name = 'from JSON'; Through = { $_ | ConvertTo-Json -Depth 5 | ConvertFrom-Json } }
        @{ Name = 'from a job'; Through = { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($_)) } }
        @{ Name = 'with its RowVersion alone'; Through = { $_ | ConvertTo-Csv | ConvertFrom-Csv | Select-Object FlowKey, RowVersion } }
        @{ Name = 'with its ContentHash alone'; Through = { $_ | ConvertTo-Csv | ConvertFrom-Csv | Select-Object FlowKey, ContentHash } }
    ) {
        $rows = Get-Flow weekly* | ForEach-Object $Through
        Invoke-TestSql "update public.crewai_flows set flow_name = 'theirs' where flow_key = 'weekly-2'; delete from public.crewai_flows where flow_key = 'weekly-3'"
        $outcome = Get-Outcome { $rows | Set-Flow -Description edited }
        $outcome.Out.FlowKey | Should -Be 'weekly-1'
        $outcome.Errors | Get-ErrorName | Should -Be 'EditConflict', 'FlowNotFound'
        $outcome.Errors[0].TargetObject | Should -Be $rows[1]
        $outcome.Errors[0].CategoryInfo.Category | Should -Be 'ResourceUnavailable'
        $outcome.Errors[0].Exception.Message | Should -BeLike "*weekly-2*$(Get-FlowId 2)*read it again*"
        Get-FlowValue weekly-2 "flow_name || coalesce(description, '')" | Should -Be 'theirs'
    }

    It 'lets runs start meanwhile: <Name>' -ForEach @(
        @{ Name = 'as an object'; Through = { $_ } }
        @{ Name = 'from a CSV file'; Through = { $_ | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Name = 'from a line of -AsJson'; Through = { Get-Flow $_.FlowKey -AsJson } }
    ) {
        $rows = Get-Flow weekly* | ForEach-Object $Through
        $null = Start-FlowExecution weekly-1
        $null = 1..3 | ForEach-Object { 'weekly-2' } | Start-FlowExecution
        $outcome = Get-Outcome { $rows | Set-Flow -Description edited }
        $outcome.Errors | Should -BeNullOrEmpty
        $outcome.Out.ExecutionCount | Should -Be 1, 3, 0
        Get-Edited | Should -Be 'weekly-1, weekly-2, weekly-3'
        # The object from before the edit is an old one all the same.
        (Get-Outcome { $rows[0] | Set-Flow -Description lost }).Errors | Get-ErrorName | Should -Be 'EditConflict'
    }

    It 'is none for a bare id or key, and verbose says so' {
        $outcome = Get-Outcome { 'weekly-1', (Get-FlowId 2) | Set-Flow -Description edited -Verbose }
        @($outcome.Verbose -like '*ids and keys*whatever happened*') | Should -HaveCount 1
        (Get-Outcome { Get-Flow weekly-3 | Set-Flow -Description edited -Verbose }).Verbose -like '*ids and keys*' | Should -BeNullOrEmpty
    }

    It 'reports a flow that another transaction holds as RowLocked after -LockTimeout, and edits the others' {
        $holder = Open-TestTransaction "select 1 from public.crewai_flows where flow_key = 'weekly-2' for update"
        try {
            $outcome = Get-Outcome { Get-Flow weekly* | Set-Flow -Description edited -LockTimeout 300ms }
            $outcome.Out.FlowKey | Should -Be 'weekly-1', 'weekly-3'
            $outcome.Errors | Get-ErrorName | Should -Be 'RowLocked'
            $outcome.Errors[0].TargetObject.FlowKey | Should -Be 'weekly-2'
        }
        finally {
            Close-TestTransaction $holder
        }
    }
}

Describe 'All or nothing, rehearsals, figures' {
    BeforeEach {
        Reset-RunData
    }

    It 'edits all or none with -Atomic' {
        $rows = @(Get-Flow weekly*)
        Invoke-TestSql "update public.crewai_flows set flow_name = 'theirs' where flow_key = 'weekly-2'"
        $outcome = Get-Outcome { $rows | Set-Flow -Description edited -Atomic }
        $outcome.Out | Should -BeNullOrEmpty
        $outcome.Errors | Get-ErrorName | Should -Be 'EditConflict', 'BatchRolledBack'
        Get-Edited | Should -Be ''
        (Get-Outcome { 'weekly-1', 'nobody' | Set-Flow -Description edited -Atomic }).Errors | Get-ErrorName | Should -Be 'FlowNotFound', 'BatchRolledBack'
        Get-Edited | Should -Be ''
        (Get-Flow weekly* | Set-Flow -Description edited -Atomic).FlowKey | Should -Be 'weekly-1', 'weekly-2', 'weekly-3'
    }

    It 'edits as a part of a transaction' {
        $null = Get-Outcome { Invoke-LeoTransaction { Get-Flow weekly* | Set-Flow -Description edited; New-Flow new n '{}'; throw 'no' } }
        Get-Edited | Should -Be ''
        $null = Invoke-LeoTransaction { Get-Flow weekly* | Set-Flow -Description edited | Set-Flow -Version 2; New-Flow new n '{}' | Set-Flow -Description edited }
        Get-Edited | Should -Be 'new, weekly-1, weekly-2, weekly-3'
    }

    It 'names the flow with -WhatIf, by object, key and id, changes none, and gives the errors that would come' {
        $old = Get-Flow weekly-3
        Invoke-TestSql "update public.crewai_flows set flow_name = 'theirs' where flow_key = 'weekly-3'"
        $said = Get-HostOutput { (Get-Flow weekly-1), $old, 'nobody' | Set-Flow -Description edited -Status Active -WhatIf; Set-Flow weekly-2 -Tag x -WhatIf; Set-Flow -FlowId (Get-FlowId 2) -Tag x -WhatIf } -Outcome outcome
        @($said -like "What if: *Change Description, Status*flow weekly-1 ($(Get-FlowId 1))*") | Should -HaveCount 1
        @($said -like "What if: *Change Tags*flow weekly-2 ($(Get-FlowId 2))*") | Should -HaveCount 2
        $outcome.Out | Should -BeNullOrEmpty
        $outcome.Errors | Get-ErrorName | Should -Be 'EditConflict', 'FlowNotFound'
        Get-Edited | Should -Be ''
    }

    It 'counts with -Summary' {
        $summary = 'weekly-1', 'nobody', 'weekly-2' | Set-Flow -Description edited -Summary -ErrorAction SilentlyContinue
        $summary.Total, $summary.Changed, $summary.Failed, $summary.FailedByErrorId['FlowNotFound'] | Should -Be 3, 2, 1, 1
    }

    It 'changes nothing after the first bad one under -ErrorAction Stop and -BatchSize 1' {
        $outcome = Get-Outcome { 'weekly-1', 'nobody', 'weekly-2' | Set-Flow -Description edited -BatchSize 1 -ErrorAction Stop }
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'FlowNotFound,*'
        Get-Edited | Should -Be 'weekly-1'
    }

    It 'edits 3,000 flows in order while it reads them' {
        Reset-RunData -Flows 3000
        $keys = @(Invoke-TestSql "select flow_key from public.crewai_flows where flow_key like 'weekly-%' order by flow_key")
        [Linq.Enumerable]::SequenceEqual([string[]](Get-Flow weekly* | Set-Flow -Description edited -BatchSize 300).FlowKey, [string[]]$keys) | Should -BeTrue
        Reset-RunData
    }
}
