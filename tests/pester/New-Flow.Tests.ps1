# New-Flow: what is made, from parameters and from rows, what each bad one gets, and what of it stands in the table afterwards.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-new-flow'
    $user = '5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c01'
    function Get-Keys { (Invoke-TestSql "select flow_key from public.crewai_flows where flow_key !~ '^(weekly|draft|archived|deprecated)' order by flow_key") -join ', ' }
    function New-Row([hashtable] $With) { [pscustomobject](@{ FlowKey = 'row'; FlowName = 'A row'; FlowDefinition = '{}' } + $With) }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Making a flow' {
    BeforeEach {
        Reset-RunData -Flows 1
    }

    It 'takes key, name and definition by position and gives the flow back as it stands in the table' {
        $flow = New-Flow monthly-report 'Monthly report' @{ nodes = @(@{ id = 'collect' }) }
        $flow | Should -BeOfType LeoPS.Flow
        $flow.FlowKey, $flow.FlowName, $flow.Status, $flow.Version, $flow.ExecutionCount | Should -Be 'monthly-report', 'Monthly report', 'Draft', 1, 0
        $flow.FlowDefinition.nodes[0].id | Should -Be 'collect'
        $flow.Description, $flow.Metadata, $flow.CreatedBy, $flow.LastExecutedAt | ForEach-Object { $_ | Should -BeNullOrEmpty }
        Invoke-TestSql "select concat_ws(' ', flow_definition, xmin, created_at = updated_at) from public.crewai_flows where id = '$($flow.Id)'" |
            Should -Be "{`"nodes`": [{`"id`": `"collect`"}]} $($flow.RowVersion) t"
        # What came out goes on.
        ($flow | Set-Flow -Status Active | Start-FlowExecution).FlowKey | Should -Be 'monthly-report'
    }

    It 'takes every other column by name' {
        $flow = New-Flow k n '{"a": 1.10}' -Description $awkward -Status deprecated -Version -3 -Tag 'one', $awkward, 'a,b' -Metadata @{ owner = $awkward } -CreatedBy $user
        $flow.Description, $flow.Status, $flow.Version, "$($flow.CreatedBy)" | Should -BeExactly $awkward, 'Deprecated', -3, $user
        @($flow.Tags) | Should -BeExactly 'one', $awkward, 'a,b'
        $flow.Metadata.owner | Should -BeExactly $awkward
        Invoke-TestSql "select flow_definition from public.crewai_flows where flow_key = 'k'" | Should -Be '{"a": 1.10}'
    }

    It 'takes <Name> for JSON' -ForEach @(
        @{ Name = 'a hashtable'; Value = { [ordered]@{ b = 1; a = $null } }; Is = '{"a": null, "b": 1}' }
        @{ Name = 'an object'; Value = { [pscustomobject]@{ when = [datetimeoffset]'2026-01-01Z' } }; Is = '{"when": "2026-01-01T00:00:00.0000000+00:00"}' }
        @{ Name = 'JSON text'; Value = { ' [1, 2.50, "x"] ' }; Is = '[1, 2.50, "x"]' }
        @{ Name = 'the JSON null'; Value = { 'null' }; Is = 'null' }
        @{ Name = 'the definition of another flow'; Value = { (Get-Flow weekly-1).FlowDefinition }; Is = '{"nodes": []}' }
        @{ Name = 'a script block without a pipe'; Value = { { @{ made = 'here' } } }; Is = '{"made": "here"}' }
    ) {
        $null = New-Flow k n (& $Value) -Metadata (& $Value)
        Invoke-TestSql "select concat_ws('|', flow_definition, metadata) from public.crewai_flows where flow_key = 'k'" | Should -Be "$Is|$Is"
    }

    It 'takes no value for <Name>' -ForEach @(
        @{ Name = '-Metadata $null'; With = @{ Metadata = $null }; Column = 'metadata'; Is = '' }
        @{ Name = '-Version $null'; With = @{ Version = $null }; Column = 'version'; Is = '1' }
        @{ Name = '-Tag $null'; With = @{ Tag = $null }; Column = 'tags'; Is = '{}' }
        @{ Name = '-Description $null'; With = @{ Description = $null }; Column = 'description'; Is = '' }
    ) {
        $null = New-Flow k n '{}' @With
        Invoke-TestSql "select $Column from public.crewai_flows where flow_key = 'k'" | Should -Be $Is
    }

    It 'refuses <Name> before the server is asked' -ForEach @(
        @{ Name = 'an empty key'; With = @{ FlowKey = '' }; Says = '*-FlowKey is empty*' }
        @{ Name = 'a blank key'; With = @{ FlowKey = " `t" }; Says = '*-FlowKey is blank*' }
        @{ Name = 'a key of 101 characters'; With = @{ FlowKey = 'k' * 101 }; Says = '*-FlowKey has 101 characters*100*' }
        @{ Name = 'a key with a NUL'; With = @{ FlowKey = "a`0b" }; Says = '*-FlowKey holds a NUL*' }
        @{ Name = 'an empty name'; With = @{ FlowName = '' }; Says = '*-FlowName is empty*' }
        @{ Name = 'a name of 201 characters'; With = @{ FlowName = 'n' * 201 }; Says = '*-FlowName has 201 characters*200*' }
        @{ Name = 'a NUL in the description'; With = @{ Description = "a`0b" }; Says = '*-Description holds a NUL*' }
        @{ Name = 'a NUL in a tag'; With = @{ Tag = 'a', "b`0" }; Says = '*-Tag holds a NUL*' }
    ) {
        $all = @{ FlowKey = 'k'; FlowName = 'n'; FlowDefinition = '{}' }
        $With.Keys | ForEach-Object { $all[$_] = $With[$_] }
        $outcome = Get-Outcome { New-Flow @all -Verbose }
        $outcome.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
        $outcome.Errors[0].Exception.Message | Should -BeLike $Says
        $outcome.Verbose -like 'insert*' | Should -BeNullOrEmpty
        Get-Keys | Should -Be ''
    }

    It 'holds keys of 100 and names of 200 characters, as the server counts them' {
        $flow = New-Flow ('🚀' * 100) ('🚀' * 200) '{}'
        $flow.FlowKey | Should -BeExactly ('🚀' * 100)
        Invoke-TestSql "select length(flow_key) || ' ' || length(flow_name) from public.crewai_flows where id = '$($flow.Id)'" | Should -Be '100 200'
    }

    It 'refuses JSON that is none, or that no column holds, for all rows at once' {
        foreach ($json in 'not json', '', '{"a": "\u0000"}') {
            (Get-Outcome { New-Flow k n $json }).Ended.FullyQualifiedErrorId | Should -BeLike 'InvalidJson,*'
            (Get-Outcome { New-Flow k n '{}' -Metadata $json }).Ended.FullyQualifiedErrorId | Should -BeLike 'InvalidJson,*'
        }
        Get-Keys | Should -Be ''
    }

    It 'refuses what the binder can tell: <Name>' -ForEach @(
        @{ Name = 'a status'; With = @{ Status = 'act' } }
        @{ Name = 'a version with a fraction'; With = @{ Version = 3.7 } }
        @{ Name = 'a version that is too large'; With = @{ Version = 2147483648 } }
        @{ Name = 'a text as version'; With = @{ Version = 'two' } }
        @{ Name = 'a script block as name'; With = @{ Description = { 'x' } } }
    ) {
        (Get-Outcome { New-Flow k n '{}' @With }).Ended.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
        Get-Keys | Should -Be ''
    }
}

Describe 'A key that is taken' {
    BeforeEach {
        Reset-RunData -Flows 1
    }

    It 'is ValueOutOfRange, naming the flow that has it and what to do' {
        $outcome = Get-Outcome { New-Flow weekly-1 'Another' '{}' }
        $outcome.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange'
        $outcome.Errors[0].TargetObject | Should -Be 'weekly-1'
        $id = Get-TestId 1 -Letter f
        $outcome.Errors[0].Exception.Message | Should -BeLike "*weekly-1 is taken by flow $id, 'Weekly flow 1', Active*Choose another key*Set-Flow -FlowId $id*"
    }

    It 'by an earlier row of the same pipe counts for that one, in a batch and across batches' {
        foreach ($size in 1000, 1, 2) {
            Reset-RunData -Flows 1
            $rows = foreach ($n in 1..3) { foreach ($turn in 'first', 'second') { [pscustomobject]@{ FlowKey = "k$n"; FlowName = $turn; FlowDefinition = '{}' } } }
            $outcome = Get-Outcome { $rows | New-Flow -BatchSize $size }
            $outcome.Out.FlowName | Should -Be 'first', 'first', 'first'
            $outcome.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange', 'ValueOutOfRange', 'ValueOutOfRange'
            $outcome.Errors.TargetObject.FlowName | Should -Be 'second', 'second', 'second'
        }
    }
}

Describe 'Rows of the pipe' {
    BeforeEach {
        Reset-RunData -Flows 1
    }

    It 'of a CSV file become flows, one bad row never stops the others, and each error is in its place with its row' {
        $file = Join-Path $TestDrive 'flows.csv'
        @'
FlowKey,FlowName,FlowDefinition,Description,Status,Version,Tags,Metadata,CreatedBy
c1,C one,"{""a"":1.10}","line, two",archived,3,"[""t1"",""a,b""]","{""m"":1}",5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c01
c2,C two,{},,,,,,
c3,C three,not json,,,,,,
c4,,{},,,,,,
c5,C five,{},,,3.7,,,
c6,C six,{},,,,,not json,
c7,C seven,{},,,,,,not-a-guid
,C eight,{},,,,,,
weekly-1,C nine,{},,,,,,
c10,C ten,"{""n"": 1e200000}",,,,,,
c11,C eleven,,,,,,,
c12,C twelve,{},,,-5,one tag,null,
'@ | Set-Content $file
        $rows = @(Import-Csv $file)
        $outcome = Get-Outcome { Import-Csv $file | New-Flow }
        $outcome.Ended | Should -BeNullOrEmpty
        $outcome.Out.FlowKey | Should -Be 'c1', 'c2', 'c12'
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidJson', 'ValueOutOfRange', 'ValueOutOfRange', 'InvalidJson', 'ValueOutOfRange', 'ValueOutOfRange', 'ValueOutOfRange', 'ValueOutOfRange', 'ValueOutOfRange'
        $came = foreach ($item in $outcome.All) { $item -is [Management.Automation.ErrorRecord] ? $item.TargetObject.FlowName : $item.FlowName }
        $came | Should -Be $rows.FlowName
        $first, $second, $last = $outcome.Out
        $first.Description, $first.Version, "$($first.CreatedBy)", $first.Metadata.m | Should -Be 'line, two', 3, $user, 1
        @($first.Tags) | Should -Be 't1', 'a,b'
        # A status never comes from the pipe, and an empty cell is no value.
        $first.Status, $second.Status, $second.Version | Should -Be 'Draft', 'Draft', 1
        $second.Description, $second.Metadata, $second.CreatedBy | ForEach-Object { $_ | Should -BeNullOrEmpty }
        $last.Version, $last.Tags[0] | Should -Be -5, 'one tag'
        Get-Keys | Should -Be 'c1, c12, c2'
        Invoke-TestSql "select concat_ws(' ', flow_definition, metadata = 'null') from public.crewai_flows where flow_key in ('c1', 'c12') order by flow_key" | Should -Be '{"a": 1.10} f', '{} t'
    }

    It 'come back from an export of Get-Flow as they were: <Name>' -ForEach @(
        @{ Name = 'CSV'; Through = { Get-Flow full | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Name = 'JSON lines'; Through = { Get-Flow full -AsJson } }
        @{ Name = 'a job'; Through = { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize((Get-Flow full), 5)) } }
        @{ Name = 'the flow itself'; Through = { Get-Flow full } }
    ) {
        $null = New-Flow full $awkward @{ deep = @(@{ list = @(1, 'two', @{}) }) } -Description "two`nlines" -Version 4 -Tag 'a', 'b,c' -Metadata @{ x = $awkward } -CreatedBy $user -Status Active
        $columns = 'flow_name, description, flow_definition, version, created_by, tags, metadata'
        $outcome = Get-Outcome { & $Through | New-Flow -FlowKey copy -Status Active }
        $outcome.Errors | Should -BeNullOrEmpty
        Invoke-TestSql "select count(distinct ($columns, status)::text) from public.crewai_flows where flow_key in ('full', 'copy')" | Should -Be 1
        Invoke-TestSql "select count(*) from public.crewai_flows where flow_key in ('full', 'copy')" | Should -Be 2
    }

    It 'give way to parameters, which hold for all of them' {
        $rows = 1..3 | ForEach-Object { [pscustomobject]@{ FlowKey = "k$_"; FlowName = 'other'; FlowDefinition = '{}'; Tags = '["other"]'; Version = '9' } }
        $made = $rows | New-Flow -FlowName Same -FlowDefinition @{ same = $true } -Tag x -Version 2 -Status Active
        $made.FlowKey | Should -Be 'k1', 'k2', 'k3'
        $made.FlowName + $made.Status + $made.Version + @($made.Tags) | Should -Be (@('Same') * 3 + @('Active') * 3 + @(2) * 3 + @('x') * 3)
        $made.FlowDefinition.same | Should -Be $true, $true, $true
    }

    It 'make their own JSON with a script block, and one that fails stands alone' {
        $rows = 'a', 'b', 'c' | ForEach-Object { [pscustomobject]@{ FlowKey = $_; FlowName = $_; Size = $_ -eq 'b' ? 0 : 2 } }
        $outcome = Get-Outcome { $rows | New-Flow -FlowDefinition { @{ half = 1 / $_.Size; key = $_.FlowKey } } -Metadata { if ($_.FlowKey -eq 'a') { @{ first = $true } } } }
        $outcome.Out.FlowKey | Should -Be 'a', 'c'
        $outcome.Out.FlowDefinition.key | Should -Be 'a', 'c'
        $outcome.Out[0].Metadata.first | Should -BeTrue
        $outcome.Out[1].Metadata | Should -BeNullOrEmpty
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidJson'
        $outcome.Errors[0].TargetObject.FlowKey | Should -Be 'b'
    }

    It 'that are none, or lack something, are reported: <Name>' -ForEach @(
        @{ Name = 'null'; Value = { , $null }; Is = 'ValueOutOfRange'; Says = '*-FlowKey is empty*' }
        @{ Name = 'a text'; Value = { 'text' }; Is = 'ValueOutOfRange'; Says = '*-FlowKey is empty*' }
        @{ Name = 'no name'; Value = { [pscustomobject]@{ FlowKey = 'k' } }; Is = 'ValueOutOfRange'; Says = '*-FlowName is empty*' }
        @{ Name = 'no definition'; Value = { [pscustomobject]@{ FlowKey = 'k'; FlowName = 'n' } }; Is = 'ValueOutOfRange'; Says = '*definition*' }
        @{ Name = 'a run'; Value = { [pscustomobject]@{ PSTypeName = 'Deserialized.LeoPS.FlowExecution'; FlowKey = 'k'; FlowName = 'n'; FlowDefinition = '{}' } }; Is = 'InvalidIdentity'; Says = 'A FlowExecution *' }
    ) {
        $bad = & $Value
        $outcome = Get-Outcome { (New-Row @{}), $bad | New-Flow }
        $outcome.Out.FlowKey | Should -Be 'row'
        $outcome.Errors | Get-ErrorName | Should -Be $Is
        $outcome.Errors[0].Exception.Message | Should -BeLike $Says
    }

    It 'are all made or none with -Atomic, whatever is wrong with one: <Name>' -ForEach @(
        @{ Name = 'a cell'; Bad = { New-Row @{ Version = 'x' } } }
        @{ Name = 'a missing column'; Bad = { [pscustomobject]@{ FlowKey = 'row' } } }
        @{ Name = 'a taken key'; Bad = { New-Row @{ } | ForEach-Object { $_.FlowKey = 'weekly-1'; $_ } } }
        @{ Name = 'what the database refuses'; Bad = { New-Row @{ Metadata = '{"n": 1e200000}' } } }
    ) {
        $good = 1..3 | ForEach-Object { [pscustomobject]@{ FlowKey = "k$_"; FlowName = 'n'; FlowDefinition = '{}' } }
        $outcome = Get-Outcome { $good[0], (& $Bad), $good[1], $good[2] | New-Flow -Atomic -BatchSize 2 }
        $outcome.Out | Should -BeNullOrEmpty
        ($outcome.Errors | Get-ErrorName)[-1] | Should -Be 'BatchRolledBack'
        $outcome.Errors | Should -HaveCount 2
        Get-Keys | Should -Be ''
        ($good | New-Flow -Atomic -BatchSize 2).FlowKey | Should -Be 'k1', 'k2', 'k3'
    }

    It 'are counted with -Summary' {
        $summary = (New-Row @{}), (New-Row @{}), (New-Row @{ Version = 'x' }) | New-Flow -Summary -ErrorAction SilentlyContinue
        $summary.Total, $summary.Changed, $summary.Failed | Should -Be 3, 1, 2
    }

    It 'end at the first bad one under -ErrorAction Stop' {
        $outcome = Get-Outcome { (New-Row @{}), (New-Row @{}), (New-Row @{ }) | ForEach-Object { $n = 0 } { if ($n++ -eq 2) { $_.FlowKey = 'third' }; $_ } | New-Flow -BatchSize 1 -ErrorAction Stop }
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'ValueOutOfRange,*'
        Get-Keys | Should -Be 'row'
    }
}

Describe '-WhatIf and -Confirm' {
    BeforeEach {
        Reset-RunData -Flows 1
    }

    It 'names the flow, makes none, and gives the errors that would come' {
        $said = Get-HostOutput { New-Flow k 'A name' '{}' -WhatIf; New-Flow weekly-1 n '{}' -WhatIf; New-Flow '' n '{}' -WhatIf } -Outcome outcome
        @($said -like 'What if: *Create*flow k, ''A name''*') | Should -HaveCount 1
        $outcome.Errors | Get-ErrorName | Should -Be 'ValueOutOfRange', 'ValueOutOfRange'
        $outcome.Errors[0].Exception.Message | Should -BeLike '*weekly-1 is taken by flow*'
        Get-Keys | Should -Be ''
    }

    It 'is obeyed from the preference too' {
        $said = Get-HostOutput { $WhatIfPreference = $true; New-Flow k n '{}' }
        @($said -like 'What if: *flow k*') | Should -HaveCount 1
        Get-Keys | Should -Be ''
        (New-Flow k n '{}' -Confirm:$false).FlowKey | Should -Be 'k'
    }
}

Describe 'Row level security' {
    It 'refuses a flow that is not of the user''s own name: Forbidden, naming the role and created_by, and the others are made' {
        Reset-RunData -Flows 1
        $claims = '{"sub": "' + $user + '"}'
        Invoke-TestSql "drop role if exists pester_author; create role pester_author login password 'only here' in role authenticated; alter role pester_author set request.jwt.claims = '$claims'"
        try {
            $own = Connect-LeoDatabase -Uri "postgresql://pester_author:only%20here@127.0.0.1:$($server.Port)/leops" -Name pester-author
            $rows = (New-Row @{ CreatedBy = $user }), (New-Row @{ CreatedBy = [guid]::NewGuid() }), (New-Row @{ })
            $n = 0
            $rows | ForEach-Object { $_.FlowKey = "k$((++$n))" }
            $outcome = Get-Outcome { $rows | New-Flow -Connection $own }
            $outcome.Out.FlowKey | Should -Be 'k1'
            $outcome.Errors | Get-ErrorName | Should -Be 'Forbidden', 'Forbidden'
            $outcome.Errors[0].CategoryInfo.Category | Should -Be 'PermissionDenied'
            $outcome.Errors.TargetObject.FlowKey | Should -Be 'k2', 'k3'
            $outcome.Errors[0].Exception.Message | Should -BeLike '*pester_author*created_by is the user''s own id*'
            # The own flow may be edited, another's may only be read, an archived one is not even seen.
            $edits = Get-Outcome { 'k1', 'weekly-1', 'archived-flow' | Set-Flow -Version 2 -Connection $own }
            $edits.Out.FlowKey | Should -Be 'k1'
            $edits.Errors | Get-ErrorName | Should -Be 'Forbidden', 'FlowNotFound'
            $edits.Errors[0].Exception.Message | Should -BeLike '*pester_author*weekly-1*'
            $edits.Errors[1].Exception.Message | Should -BeLike '*archived-flow*hidden from role pester_author*'
        }
        finally {
            Get-LeoConnection -Name pester-author -ErrorAction Ignore | Disconnect-LeoDatabase
            Invoke-TestSql "drop role pester_author"
            $null = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-new-flow'
        }
    }
}
