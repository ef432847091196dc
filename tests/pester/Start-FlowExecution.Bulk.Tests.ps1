# Start-FlowExecution in bulk: all or nothing, batches, figures instead of rows, where it stops, and a database that refuses.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-start-bulk'
}

AfterAll {
    Disconnect-LeoDatabase $connection
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
