# Get-Flow: filters, what names a flow, what is not there, order and pages, and how flows are shown.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-get-flow'
    $awkward = "it's ""q"" 100%_\[x]*🚀"
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Filters' {
    BeforeAll {
        Reset-RunData
        Invoke-TestSql "update public.crewai_flows set tags = array['board', 'weekly'] where flow_key in ('weekly-1', 'draft-flow');
            update public.crewai_flows set tags = array['weekly'] where flow_key = 'weekly-2'"
    }

    It 'reads the table without a filter, in the order of the keys' {
        $rows = @(Get-Flow)
        $rows[0] | Should -BeOfType LeoPS.Flow
        $rows.FlowKey | Should -Be 'archived-flow', 'deprecated-flow', 'draft-flow', 'weekly-1', 'weekly-2', 'weekly-3'
    }

    It 'finds by <Name>' -ForEach @(
        @{ Name = 'a key in the first place'; With = { Get-Flow weekly-2 }; Found = 'weekly-2' }
        @{ Name = 'a pattern in another case'; With = { Get-Flow 'WEEK*[12]' }; Found = 'weekly-1', 'weekly-2' }
        @{ Name = 'several keys'; With = { Get-Flow weekly-3, 'd*-flow' }; Found = 'deprecated-flow', 'draft-flow', 'weekly-3' }
        @{ Name = '-FlowId'; With = { Get-Flow -FlowId (Get-FlowId 3), (Get-FlowId 1) }; Found = 'weekly-1', 'weekly-3' }
        @{ Name = '-Status'; With = { Get-Flow -Status draft, 'ARCHIVED' }; Found = 'archived-flow', 'draft-flow' }
        @{ Name = '-Tag'; With = { Get-Flow -Tag board }; Found = 'draft-flow', 'weekly-1' }
        @{ Name = 'one tag of several'; With = { Get-Flow -Tag nobody, weekly }; Found = 'draft-flow', 'weekly-1', 'weekly-2' }
        @{ Name = 'all together'; With = { Get-Flow 'weekly*' -Status Active -Tag board, weekly -FlowId (Get-FlowId 1), (Get-FlowId 3) }; Found = 'weekly-1' }
    ) {
        $outcome = Get-Outcome $With
        $outcome.Errors | Should -BeNullOrEmpty
        $outcome.Out.FlowKey | Should -Be $Found
    }

    It 'refuses a status that is not a whole name: <_>' -ForEach '3', 'act', 'draft,active', '', 'running' {
        (Get-Outcome { Get-Flow -Status $_ }).Ended.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
    }

    It 'finds a key full of quotes and wildcards, literally and by a pattern' {
        Invoke-TestSql "update public.crewai_flows set flow_key = '$($awkward -replace "'", "''")' where flow_key = 'weekly-3'"
        try {
            (Get-Flow 'it''s "q" 100%_\`[x]`*🚀').FlowKey | Should -BeExactly $awkward
            (Get-Flow 'IT''S*🚀').FlowKey | Should -BeExactly $awkward
            ([pscustomobject]@{ FlowKey = $awkward } | Get-Flow).FlowKey | Should -BeExactly $awkward
            (Get-Outcome { Get-Flow 'it''s%' }).Errors | Get-ErrorName | Should -Be 'FlowNotFound'
        }
        finally {
            Invoke-TestSql "update public.crewai_flows set flow_key = 'weekly-3' where id = md5('f3')::uuid"
        }
    }
}

Describe 'What names a flow in the pipe' {
    BeforeAll {
        Reset-RunData -Runs 2
        $flow = Get-Flow weekly-2
        $run = Get-FlowExecution -Id (Get-RunId 1)
    }

    It 'is <Name>' -ForEach @(
        @{ Name = 'a flow'; Make = { $flow } }
        @{ Name = 'a Guid'; Make = { $flow.Id } }
        @{ Name = 'a GUID as text'; Make = { " $("$($flow.Id)".ToUpper()) " } }
        @{ Name = 'a key'; Make = { 'weekly-2' } }
        @{ Name = 'a key with blanks around it'; Make = { " weekly-2`t" } }
        @{ Name = 'a line of -AsJson'; Make = { Get-Flow weekly-2 -AsJson } }
        @{ Name = 'a row of a CSV file'; Make = { $flow | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Name = 'what JSON made of it'; Make = { $flow | ConvertTo-Json -Depth 5 | ConvertFrom-Json } }
        @{ Name = 'what a job made of it'; Make = { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($flow)) } }
        @{ Name = 'what Select-Object left of it'; Make = { $flow | Select-Object Id } }
        @{ Name = 'a row with a FlowId'; Make = { [pscustomobject]@{ FlowId = "$($flow.Id)" } } }
        @{ Name = 'a row with a FlowKey'; Make = { [pscustomobject]@{ FlowKey = 'weekly-2' } } }
        @{ Name = 'a hashtable'; Make = { @{ flowkey = 'weekly-2' } } }
        @{ Name = 'one of its runs'; Make = { $run } }
        @{ Name = 'one of its runs from a CSV file'; Make = { $run | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Name = 'one of its runs as JSON'; Make = { Get-FlowExecution -Id $run.Id -AsJson } }
        @{ Name = 'a change of one of its runs'; Make = { [pscustomobject]@{ PSTypeName = 'Deserialized.LeoPS.FlowExecutionHistoryEntry'; Id = $run.Id; FlowId = $flow.Id } } }
        @{ Name = 'one of its runs, selected'; Make = { $run | Select-Object FlowId, Status } }
    ) {
        $given = & $Make
        $outcome = Get-Outcome { $given | Get-Flow }
        $outcome.Errors | Should -BeNullOrEmpty
        $outcome.Out.FlowKey | Should -Be 'weekly-2'
    }

    It 'is not <Name>, and the others come' -ForEach @(
        @{ Name = 'null'; Value = { , $null }; Says = 'An empty value' }
        @{ Name = 'an empty text'; Value = { '' }; Says = 'An empty text' }
        @{ Name = 'a number'; Value = { 7 }; Says = "'7'" }
        @{ Name = 'the empty Guid'; Value = { [guid]::Empty }; Says = 'The empty GUID' }
        @{ Name = 'a pattern'; Value = { 'weekly-*' }; Says = "'weekly-\*' is a pattern.*Get-Flow -FlowKey 'weekly-\*'" }
        @{ Name = 'a text with a NUL'; Value = { "a`0b" }; Id = 'FlowNotFound'; Says = 'No flow' }
        @{ Name = 'half of a character'; Value = { [string][char]0xd83d }; Id = 'FlowNotFound'; Says = 'No flow' }
        @{ Name = 'a row without an id'; Value = { [pscustomobject]@{ Name = 'weekly-2' } }; Says = 'An object without an Id' }
        @{ Name = 'a row whose Id is none, whatever its key'; Value = { [pscustomobject]@{ Id = 'five'; FlowKey = 'weekly-2' } }; Says = "Id is 'five'" }
        @{ Name = 'a run without its flow'; Value = { $run | Select-Object Id }; Says = 'A FlowExecution' }
        @{ Name = 'a handoff'; Value = { [pscustomobject]@{ PSTypeName = 'Deserialized.LeoPS.HandoffPreparation'; Id = $flow.Id } }; Says = 'A HandoffPreparation' }
    ) {
        $bad = & $Value
        $outcome = Get-Outcome { 'weekly-1', $bad, 'weekly-3' | Get-Flow }
        $outcome.Out.FlowKey | Should -Be 'weekly-1', 'weekly-3'
        $outcome.Errors | Get-ErrorName | Should -Be ($_.ContainsKey('Id') ? $_.Id : 'InvalidIdentity')
        $outcome.Errors[0].Exception.Message | Should -Match $Says
    }

    It 'is filtered like any other, and the one filtered out is no error' {
        $outcome = Get-Outcome { 'weekly-1', 'draft-flow', (Get-FlowId 2) | Get-Flow -Status Active }
        $outcome.Errors | Should -BeNullOrEmpty
        $outcome.Out.FlowKey | Should -Be 'weekly-1', 'weekly-2'
    }

    It 'gives nothing for an empty pipe' {
        @() | Get-Flow | Should -BeNullOrEmpty
    }
}

Describe 'What is not there' {
    BeforeAll {
        Reset-RunData
    }

    It 'is FlowNotFound for each plain key, and the others come' {
        $outcome = Get-Outcome { Get-Flow nobody, 'weekly-[13]', 'Weekly-2', 'none*' }
        $outcome.Out.FlowKey | Should -Be 'weekly-1', 'weekly-3'
        $outcome.Errors | Get-ErrorName | Should -Be 'FlowNotFound', 'FlowNotFound'
        $outcome.Errors.TargetObject | Should -Be 'nobody', 'Weekly-2'
        $outcome.Errors[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $outcome.Errors[0].Exception.Message | Should -BeLike '*nobody*hidden from role*'
    }

    It 'is no error where another filter, or a limit, leaves the flow out' {
        (Get-Outcome { Get-Flow weekly-1 -Status Draft }).All | Should -BeNullOrEmpty
        (Get-Outcome { Get-Flow weekly-1, weekly-2, weekly-3 -First 1 }).Errors | Should -BeNullOrEmpty
        (Get-Outcome { Get-Flow weekly-1, nobody -Status Draft }).Errors.TargetObject | Should -Be 'nobody'
    }

    It 'is FlowNotFound for -FlowId, and in the pipe by id and by key' {
        $unknown = [guid]::NewGuid()
        $outcome = Get-Outcome { Get-Flow -FlowId $unknown, (Get-FlowId 1) }
        $outcome.Out.FlowKey | Should -Be 'weekly-1'
        $outcome.Errors | Get-ErrorName | Should -Be 'FlowNotFound'
        $outcome.Errors[0].TargetObject | Should -Be $unknown
        $piped = Get-Outcome { 'nobody', 'weekly-2', $unknown | Get-Flow }
        $piped.Out.FlowKey | Should -Be 'weekly-2'
        $piped.Errors | Get-ErrorName | Should -Be 'FlowNotFound', 'FlowNotFound'
        $piped.Errors.TargetObject | Should -Be 'nobody', $unknown
    }

    It 'is told of a key that no column can hold, or that is a megabyte long, and the others come' {
        foreach ($key in "a`0b", [string][char]0xd83d, ('x' * 1MB)) {
            $outcome = Get-Outcome { Get-Flow $key, weekly-1 }
            $outcome.Ended | Should -BeNullOrEmpty
            $outcome.Out.FlowKey | Should -Be 'weekly-1'
            $outcome.Errors | Get-ErrorName | Should -Be 'FlowNotFound'
            $outcome.Errors[0].Exception.Message.Length | Should -BeLessThan 500
        }
    }

    It 'is an UnreadableRow where a value has no form, and the others come' {
        Invoke-TestSql "update public.crewai_flows set last_executed_at = 'infinity' where flow_key = 'weekly-2'"
        $outcome = Get-Outcome { Get-Flow weekly* }
        $outcome.Out.FlowKey | Should -Be 'weekly-1', 'weekly-3'
        $outcome.Errors | Get-ErrorName | Should -Be 'UnreadableRow'
        $outcome.Errors[0].TargetObject | Should -Be (Get-FlowId 2)
        (Get-Outcome { Get-Flow weekly-2 }).Errors | Get-ErrorName | Should -Be 'UnreadableRow'
    }
}

Describe 'Order and pages' {
    BeforeAll {
        Reset-RunData -Flows 9
        Invoke-TestSql "update public.crewai_flows set execution_count = case when flow_key like 'weekly-_' then substr(flow_key, 8)::int / 2 end"
    }

    It 'orders by the key without -OrderBy, whole, in pages and backwards' {
        $keys = @(Invoke-TestSql 'select flow_key from public.crewai_flows order by flow_key')
        (Get-Flow).FlowKey | Should -Be $keys
        (Get-Flow -PageSize 5).FlowKey | Should -Be $keys
        (Get-Flow -First 3 -Skip 2).FlowKey | Should -Be $keys[2..4]
        [array]::Reverse($keys)
        (Get-Flow -Descending -PageSize 1).FlowKey | Should -Be $keys
    }

    It 'orders by other columns, nulls last' {
        $ids = @(Invoke-TestSql 'select id from public.crewai_flows order by execution_count desc nulls last, id desc')
        (Get-Flow -OrderBy ExecutionCount -Descending).Id | Should -Be $ids
        (Get-Flow -OrderBy Id).Id | Should -Be @(Invoke-TestSql 'select id from public.crewai_flows order by id')
    }

    It 'goes on after <Name>' -ForEach @(
        @{ Name = 'an object'; After = { Get-Flow weekly-4 } }
        @{ Name = 'an id'; After = { (Get-Flow weekly-4).Id } }
        @{ Name = 'a key'; After = { 'weekly-4' } }
    ) {
        (Get-Flow -ResumeAfter (& $After)).FlowKey | Should -Be (5..9 | ForEach-Object { "weekly-$_" })
        (Get-Flow -ResumeAfter (& $After) -OrderBy ExecutionCount -First 100).Id |
            Should -Be @(Invoke-TestSql "select f.id from public.crewai_flows f, public.crewai_flows w where w.flow_key = 'weekly-4'
                and (f.execution_count > w.execution_count or f.execution_count is null or (f.execution_count = w.execution_count and f.id > w.id)) order by f.execution_count nulls last, f.id")
    }

    It 'refuses to go on after what names no flow' {
        (Get-Outcome { Get-Flow -ResumeAfter nobody }).Ended.FullyQualifiedErrorId | Should -BeLike 'FlowNotFound,*'
        (Get-Outcome { Get-Flow -ResumeAfter 'week*' }).Ended.FullyQualifiedErrorId | Should -BeLike 'InvalidIdentity,*'
        (Get-Outcome { Get-Flow -ResumeAfter ([guid]::NewGuid()) }).Ended.FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }
}

Describe 'The object' {
    BeforeAll {
        Reset-RunData
        Invoke-TestSql "update public.crewai_flows set flow_name = repeat('A long name ', 16), description = E'two\nlines', flow_definition = '{`"nodes`": [{`"id`": `"a`"}, {`"id`": 1.10}]}',
            tags = array['a', null], metadata = 'null', version = 12, execution_count = 1234, last_executed_at = now() - interval '400 days 5 hours' where flow_key = 'weekly-1'"
        $row = Get-Flow weekly-1
        $all = @(Get-Flow)
    }

    It 'has a property for each column, JSON columns as objects with dots' {
        $row.FlowDefinition.nodes[0].id | Should -Be 'a'
        "$($row.FlowDefinition.nodes[1])" | Should -Be '{"id": 1.10}'
        $row.Tags.ToString() | Should -Be '["a",null]'
        $row.Metadata | Should -BeNullOrEmpty
        $row.FlowId | Should -Be $row.Id
        "$row" | Should -Be 'weekly-1'
        $columns = Invoke-TestSql "select string_agg(replace(initcap(replace(column_name, '_', ' ')), ' ', ''), ' ') from information_schema.columns where table_name = 'crewai_flows'"
        foreach ($name in $columns -split ' ') {
            $row.PSObject.Properties.Name | Should -Contain $name
        }
    }

    It 'is a table of one line each that fits 120 columns' {
        $lines = ($all | Out-String -Width 120) -replace "`e\[[0-9;]*m" -split '\r?\n' | Where-Object { $_.Trim() }
        $lines | Where-Object Length -GT 120 | Should -BeNullOrEmpty
        $lines[0].Trim() -split '\s+' | Should -Be 'FlowKey', 'Status', 'Version', 'Runs', 'LastRun', 'FlowName'
        $lines | Should -HaveCount ($all.Count + 2)
        $lines[5] | Should -Match '^weekly-1 +Active +12 +1234 +400 d 5 h A long name.*…$'
        # One that never ran has no last run.
        $lines[6] | Should -Match '^weekly-2 +Active +1 +0 +Weekly flow 2'
    }

    It 'is a list of every property' {
        $text = ($row | Format-List | Out-String -Width 120) -replace "`e\[[0-9;]*m"
        foreach ($name in $row.PSObject.Properties.Name) {
            $text | Should -Match "(?m)^$name +:"
        }
        $text | Should -Match '"id": 1\.10'
        $text | Should -Match '(?m)^Tags +: \["a",null\]'
    }

    It 'is a lossless line of JSON with -AsJson' {
        $line = Get-Flow weekly-1 -AsJson
        $line | Should -BeOfType string
        $line | Should -Match '"id": 1\.10'
        $line | Should -Match '"Metadata":null'
        $line | Should -Not -Match 'CreatedBy'
        ($line | ConvertFrom-Json).Description | Should -BeExactly "two`nlines"
    }
}

Describe 'Streaming' {
    It 'ends under Select-Object -First, at a throw downstream, and leaves nothing running' {
        Reset-RunData -Flows 5000
        (Get-Flow | Select-Object -First 2).FlowKey | Should -Be 'archived-flow', 'deprecated-flow'
        Get-RunningCall | Should -Be 0
        (Get-Outcome { Get-Flow | ForEach-Object { throw 'downstream' } }).Ended.Exception.Message | Should -Be 'downstream'
        Get-RunningCall | Should -Be 0
        @(Get-Flow weekly*) | Should -HaveCount 5000
        Reset-RunData
    }
}
