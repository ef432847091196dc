BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    Import-LeoModule
    $server = Start-TestServer
    Invoke-TestSql 'drop database if exists leops_compare with (force); create database leops_compare;'
    $null = Connect-LeoDatabase ($server.Uri -replace '/leops$', '/leops_compare')
    $null = Install-LeoSchema

    function Invoke-Mutation([string] $Sql) {
        Invoke-TestSql -Database leops_compare $Sql
        @(Test-LeoSchema | Where-Object State -NE Ok)
    }

    function Restore-Schema {
        Invoke-TestSql -Database leops_compare 'drop table if exists crewai_flow_executions, exec_handoff_preparations cascade'
        $null = Install-LeoSchema
    }
}

AfterAll {
    Get-LeoConnection | Disconnect-LeoDatabase
    Invoke-TestSql 'drop database if exists leops_compare with (force)'
}

Describe 'Test-LeoSchema' -Tag Core {
    It 'has an object for every item, and all are Ok after the installation' {
        $items = @(Test-LeoSchema)
        $items | Where-Object State -NE Ok | Should -BeNullOrEmpty
        $items | ForEach-Object { $_ | Should -BeOfType LeoPS.Schema.SchemaItem }
        $items.Table | Select-Object -Unique | Sort-Object | Should -Be 'crewai_flow_executions', 'exec_handoff_preparations'
        @($items | Where-Object { $_.Kind -eq 'Column' -and $_.Table -eq 'exec_handoff_preparations' }).Count | Should -Be 21
        @($items | Where-Object { $_.Kind -eq 'Column' -and $_.Table -eq 'crewai_flow_executions' }).Count | Should -Be 18
        @($items | Where-Object Kind -EQ Policy).Count | Should -Be 4
        @($items | Where-Object Kind -EQ Trigger).Count | Should -Be 2
        @($items | Where-Object Kind -EQ Default).Count | Should -BeGreaterThan 5
        @($items | Where-Object Kind -EQ Index).Count | Should -BeGreaterThan 5
        $items | Where-Object { -not $_.Expected -or -not $_.Actual } | Should -BeNullOrEmpty
    }

    It 'has an item for every column that the seed document of <_> names' -ForEach 'exec_handoff_preparations', 'crewai_flow_executions' {
        $seed = Get-Content -LiteralPath (Get-ChildItem -LiteralPath (Join-Path $PSScriptRoot '../seeds') -Filter "$_.md").FullName
        $items = @(Test-LeoSchema | Where-Object Table -EQ $_)
        $columns = $seed | Select-String '^\|\s*`?(?<name>[a-z_]+)`?\s*\|\s*`?(uuid|text|jsonb|timestamp|varchar|character|integer|numeric|int|ARRAY)' | ForEach-Object { $_.Matches[0].Groups['name'].Value }
        @($columns).Count | Should -BeGreaterThan 15
        $columns | Sort-Object | Should -Be ($items | Where-Object Kind -EQ Column | ForEach-Object Name | Sort-Object)
    }

    It '<State>: <What>' -ForEach @(
        @{ What = 'a column'; State = 'Missing'; Kind = 'Column'; Name = 'test_results'; Sql = 'alter table exec_handoff_preparations drop column test_results' }
        @{ What = 'a default'; State = 'Missing'; Kind = 'Default'; Name = 'status'; Sql = 'alter table crewai_flow_executions alter column status drop default' }
        @{ What = 'a policy'; State = 'Missing'; Kind = 'Policy'; Name = $null; Sql = "do `$`$ begin execute (select format('drop policy %I on %I', policyname, tablename) from pg_policies where tablename = 'exec_handoff_preparations' limit 1); end `$`$" }
        @{ What = 'a trigger'; State = 'Missing'; Kind = 'Trigger'; Name = 'execution_duration_calculator'; Sql = 'drop trigger execution_duration_calculator on crewai_flow_executions' }
        @{ What = 'a constraint'; State = 'Missing'; Kind = 'Constraint'; Name = $null; Sql = "do `$`$ begin execute (select format('alter table exec_handoff_preparations drop constraint %I', conname) from pg_constraint where conrelid = 'exec_handoff_preparations'::regclass and contype = 'c' limit 1); end `$`$" }
        @{ What = 'a column''s type'; State = 'Different'; Kind = 'Column'; Name = 'token_count'; Sql = 'alter table crewai_flow_executions alter column token_count type bigint' }
        @{ What = 'a column''s default'; State = 'Different'; Kind = 'Default'; Name = 'handoff_status'; Sql = "alter table exec_handoff_preparations alter column handoff_status set default 'ready'" }
        @{ What = 'row level security'; State = 'Different'; Kind = 'Table'; Name = 'exec_handoff_preparations'; Sql = 'alter table exec_handoff_preparations disable row level security' }
        @{ What = 'a column'; State = 'Extra'; Kind = 'Column'; Name = 'venture_id'; Sql = 'alter table crewai_flow_executions add column venture_id uuid' }
        @{ What = 'an index'; State = 'Extra'; Kind = 'Index'; Name = 'one_more'; Sql = 'create index one_more on crewai_flow_executions (token_count)' }
        @{ What = 'a policy'; State = 'Extra'; Kind = 'Policy'; Name = 'one_more'; Sql = 'create policy one_more on exec_handoff_preparations for select using (false)' }
    ) {
        try {
            $found = Invoke-Mutation $Sql
        }
        finally {
            Restore-Schema
        }
        $item = $found | Where-Object { $_.Kind -eq $Kind -and (-not $Name -or $_.Name -eq $Name) }
        @($item).Count | Should -Be 1
        $item.State | Should -Be $State
        ($null -eq $item.Expected) | Should -Be ($State -eq 'Extra')
        ($null -eq $item.Actual) | Should -Be ($State -eq 'Missing')
        if ($State -eq 'Different') { $item.Actual | Should -Not -Be $item.Expected }
    }

    It 'says of an empty database that all is missing' {
        Invoke-TestSql -Database leops_compare 'drop table crewai_flow_executions, exec_handoff_preparations cascade'
        try {
            $items = @(Test-LeoSchema)
            $items.State | Select-Object -Unique | Should -Be 'Missing'
            $items.Count | Should -BeGreaterThan 60
        }
        finally {
            Restore-Schema
        }
    }
}

Describe 'What is the same for <_>' -Tag Core -ForEach 'Install-LeoSchema', 'Test-LeoSchema', 'Test-LeoDatabase' {
    It 'takes nothing from the pipe' {
        $sets = (Get-Command $_).Parameters.Values | ForEach-Object { $_.ParameterSets.Values }
        @($sets).Count | Should -BeGreaterThan 3
        $sets | Where-Object { $_.ValueFromPipeline -or $_.ValueFromPipelineByPropertyName } | Should -BeNullOrEmpty
    }

    It 'refuses a parameter that it does not have' {
        $command = $_
        { & $command -Wibble 1 } | Should -Throw -ErrorId "NamedParameterNotFound,LeoPS.Commands.$($command.Replace('-', ''))Command"
    }

    It 'refuses -<Parameter> <Value>, and lists the forms' -ForEach @(
        @{ Command = $_; Parameter = 'LockTimeout'; Value = 30 }
        @{ Command = $_; Parameter = 'LockTimeout'; Value = '30' }
        @{ Command = $_; Parameter = 'CommandTimeout'; Value = 'soon' }
    ) {
        $timeout = @{ $Parameter = $Value }
        $failure = { & $Command @timeout } | Should -Throw -PassThru
        $failure.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
        $failure.Exception.Message | Should -Match '30s'
        $failure.Exception.Message | Should -Match '15m'
    }
}

Describe 'What Test-LeoDatabase binds' -Tag Core {
    It 'takes -LockTimeout and -CommandTimeout as <_>' -ForEach '30s', '15m', '0.00:00:30' {
        Test-LeoDatabase -LockTimeout $_ -CommandTimeout $_ -Quiet | Should -BeTrue
    }

    It 'refuses a -Connection that is <What>' -ForEach @(@{ What = 'a number'; Value = 1 }, @{ What = 'a table'; Value = @{ Name = 'x' } }) {
        { Test-LeoDatabase -Connection $Value -ErrorAction Stop } | Should -Throw -ErrorId 'NotConnected,LeoPS.Commands.TestLeoDatabaseCommand'
    }
}
