# Get-HandoffPreparation: filters, order, pages, what is not there, what cannot be read, and that it streams.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-get'

    # The numbers of Reset-TestData's handoffs, as they came.
    function Get-Number([Parameter(ValueFromPipeline)] $Row) {
        process { [int]($Row.ImplementationSummary -replace '\D') }
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Filters' {
    BeforeAll {
        # Handoff n was prepared n hours ago; 1 and 5 are ready, 2 and 6 sent, 3 accepted, 4 rejected.
        Reset-TestData -Count 6
        Invoke-TestSql "update public.exec_handoff_preparations h set prepared_at = now() - make_interval(hours => k.n::int), handoff_status = k.status
            from unnest(array['ready', 'sent', 'accepted', 'rejected', 'ready', 'sent']) with ordinality k(status, n) where h.id = md5('h' || k.n)::uuid"
        $sessionOfA = [guid](Invoke-TestSql "select md5('s1')::uuid")
        $unit = [datetimeoffset]::UtcNow
    }

    It 'reads the table without a filter, in id order' {
        $rows = @(Get-HandoffPreparation)
        $rows | Should -HaveCount 6
        $rows.Id | Should -Be @(Invoke-TestSql 'select id from public.exec_handoff_preparations order by id')
        $rows[0] | Should -BeOfType LeoPS.HandoffPreparation
    }

    It 'finds by <Name>' -ForEach @(
        @{ Name = '-Id'; With = { @{ Id = (Get-TestId 2), (Get-TestId 5) } }; Found = 2, 5 }
        @{ Name = '-Status'; With = { @{ Status = 'Ready' } }; Found = 1, 5 }
        @{ Name = 'several statuses'; With = { @{ Status = 'accepted', 'REJECTED' } }; Found = 3, 4 }
        @{ Name = '-SessionId'; With = { @{ SessionId = $sessionOfA } }; Found = 1, 3, 5 }
        @{ Name = '-After'; With = { @{ After = $unit.AddMinutes(-150) } }; Found = 1, 2 }
        @{ Name = '-Before'; With = { @{ Before = $unit.AddMinutes(-270) } }; Found = 5, 6 }
        @{ Name = '-After and -Before'; With = { @{ After = $unit.AddMinutes(-270); Before = $unit.AddMinutes(-150) } }; Found = 3, 4 }
        @{ Name = '-SdId, an id'; With = { @{ SdId = '6e6fb2a1-0000-4000-8000-000000000002' } }; Found = 2, 4, 6 }
        @{ Name = '-SdId, a key'; With = { @{ SdId = 'SD-B-002' } }; Found = 2, 4, 6 }
        @{ Name = '-SdId, a wildcard over keys in another case'; With = { @{ SdId = 'sd-b*' } }; Found = 2, 4, 6 }
        @{ Name = '-SdId, a wildcard over ids'; With = { @{ SdId = '6E6F*' } }; Found = 2, 4, 6 }
        @{ Name = '-SdId, a set of characters'; With = { @{ SdId = 'SD-[AX]-*' } }; Found = 1, 3, 5 }
        @{ Name = '-SdId, a set in another case'; With = { @{ SdId = 'sd-[ab]-00?' } }; Found = 1, 2, 3, 4, 5, 6 }
        @{ Name = '-SdId, several'; With = { @{ SdId = 'SD-A-001', 'SD-B-*' } }; Found = 1, 2, 3, 4, 5, 6 }
        @{ Name = 'all together'; With = { @{ SdId = 'SD-A*'; Status = 'Ready'; After = $unit.AddHours(-2) } }; Found = @(1) }
        @{ Name = 'ids and a status'; With = { @{ Id = (Get-TestId 1), (Get-TestId 2); Status = 'Sent' } }; Found = @(2) }
    ) {
        $with = & $With
        $outcome = Get-Outcome { Get-HandoffPreparation @with }
        $outcome.Errors | Should -BeNullOrEmpty
        $outcome.Out | Get-Number | Sort-Object | Should -Be $Found
    }

    It 'takes only PowerShell''s wildcards for wildcards: <_>' -ForEach 'SD_A_001', 'SD-A%', 'SD.A.001', 'SD-A-00(1)', '^SD', 'SD-A-001$*', '*\*', '*''*', '*🚀*' {
        $outcome = Get-Outcome { Get-HandoffPreparation -SdId $_ }
        $outcome.Out | Should -BeNullOrEmpty
        $outcome.Ended | Should -BeNullOrEmpty
    }

    It 'finds an SD whose key is full of quotes and wildcards, literally and by a pattern' {
        $key = "it's ""q"" 100%_\[x]*🚀"
        $literal = $key -replace "'", "''"
        Invoke-TestSql "insert into public.strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
                values ('odd', '$literal', 't', 'active', 'engineering', 'medium', 'd', 'r', 's');
            update public.exec_handoff_preparations set sd_id = 'odd' where id = md5('h1')::uuid"
        try {
            (Get-HandoffPreparation -SdId ([wildcardpattern]::Escape($key))).SdKey | Should -BeExactly $key
            (Get-HandoffPreparation -SdId 'IT''S "q" 100%_\*🚀').Id | Should -Be (Get-TestId 1)
            Get-HandoffPreparation -SdId 'it''s?"q"?100?*x_' | Should -BeNullOrEmpty
        }
        finally {
            Invoke-TestSql "update public.exec_handoff_preparations set sd_id = 'SD-A-001' where id = md5('h1')::uuid; delete from public.strategic_directives_v2 where id = 'odd'"
        }
    }

    It 'reads handoffs that are piped again, and filters them' {
        $rows = @(Get-HandoffPreparation -Status Ready, Sent)
        @($rows | Get-HandoffPreparation).Id | Should -Be $rows.Id
        @($rows | Get-HandoffPreparation -Status Sent).Id | Should -Be ($rows | Where-Object Status -EQ Sent).Id
    }

    It 'finds what is stuck by the stamp of its status, terminal ones left out' {
        # 1: ready for 3 d; 2: sent 3 d ago, touched just now; 3: accepted long ago; 4: rejected 3 d ago; 5: touched just now; 6: sent just now, updated long ago.
        Invoke-TestSql "update public.exec_handoff_preparations set updated_at = now() - interval '3 days', sent_at = null, response_at = null;
            update public.exec_handoff_preparations set sent_at = now() - interval '3 days', updated_at = now() where id = md5('h2')::uuid;
            update public.exec_handoff_preparations set response_at = now() - interval '3 days' where id in (md5('h3')::uuid, md5('h4')::uuid);
            update public.exec_handoff_preparations set updated_at = now() where id = md5('h5')::uuid;
            update public.exec_handoff_preparations set sent_at = now() where id = md5('h6')::uuid"
        Get-HandoffPreparation -Stuck '2d' | Get-Number | Sort-Object | Should -Be 1, 2, 4
        Get-HandoffPreparation -Stuck '4d' | Should -BeNullOrEmpty
    }
}

Describe 'What is not there' {
    BeforeAll {
        Reset-TestData -Count 2
    }

    It 'is NotFound for an unknown -Id, its target; the others come' {
        $unknown = [guid]::NewGuid()
        $outcome = Get-Outcome { Get-HandoffPreparation -Id (Get-TestId 1), $unknown }
        $outcome.Out.Id | Should -Be (Get-TestId 1)
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound'
        $outcome.Errors[0].TargetObject | Should -Be $unknown
        $outcome.Errors[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'is NotFound for an unknown id in the pipe' {
        $unknown = [guid]::NewGuid()
        $outcome = Get-Outcome { "$unknown", (Get-TestId 1) | Get-HandoffPreparation }
        $outcome.Out.Id | Should -Be (Get-TestId 1)
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound'
        $outcome.Errors[0].TargetObject | Should -Be "$unknown"
    }

    It 'is NotFound for an SD that was named in full, and nothing for a wildcard' {
        $outcome = Get-Outcome { Get-HandoffPreparation -SdId 'SD-NONE-1' }
        $outcome.Out | Should -BeNullOrEmpty
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound'
        $outcome.Errors[0].TargetObject | Should -Be 'SD-NONE-1'
        (Get-Outcome { Get-HandoffPreparation -SdId 'SD-NONE*' }).All | Should -BeNullOrEmpty
    }

    It 'says that an SD is empty where it is' {
        (Get-Outcome { Get-HandoffPreparation -SdId '' }).Errors[0].Exception.Message | Should -BeLike "There is no strategic directive '', or*"
    }

    It 'is NotFound for an unknown SD beside a known one' {
        $outcome = Get-Outcome { Get-HandoffPreparation -SdId 'SD-A-001', 'SD-NONE-1' }
        $outcome.Out | Get-Number | Should -Be 1
        $outcome.Errors | Get-ErrorName | Should -Be 'NotFound'
        $outcome.Errors[0].TargetObject | Should -Be 'SD-NONE-1'
    }

    It 'is NotFound, shortly, for an SD of a megabyte' {
        foreach ($text in ('x' * 1MB), ("it's 🚀 %_\" * 80kb)) {
            $outcome = Get-Outcome { Get-HandoffPreparation -SdId $text }
            $outcome.Out | Should -BeNullOrEmpty
            $outcome.Errors | Get-ErrorName | Should -Be 'NotFound'
            $outcome.Errors[0].Exception.Message.Length | Should -BeLessThan 1000
        }
        $outcome = Get-Outcome { Get-HandoffPreparation -SdId ('x' * 1MB + '*') }
        $outcome.Out | Should -BeNullOrEmpty
        @($outcome.Errors) + @($outcome.Ended) | Where-Object { $_ } | Get-ErrorName | Should -Be 'ValueOutOfRange'
    }

    It 'is no error for an SD that exists and has no such handoff' {
        (Get-Outcome { Get-HandoffPreparation -SdId 'SD-A-001' -Status Accepted }).All | Should -BeNullOrEmpty
    }
}

Describe 'Order and pages' {
    BeforeAll {
        Reset-TestData -Count 25
        # 3, 6, 9 … were never sent; of the others, two by two share a time.
        Invoke-TestSql "update public.exec_handoff_preparations h set sent_at = case when n % 3 = 0 then null else timestamptz '2026-01-01Z' + make_interval(days => n / 2) end
            from generate_series(1, 25) n where h.id = md5('h' || n)::uuid"
        $orders = @{
            Id = 'id'; PreparedAt = 'prepared_at'; SentAt = 'sent_at'; ResponseAt = 'response_at'; CreatedAt = 'created_at'
            UpdatedAt = 'updated_at'; SdId = 'sd_id'; Status = 'handoff_status'
        }
    }

    It 'orders by <_>, nulls last, ties by id, both ways, whole and in pages' -ForEach 'Id', 'PreparedAt', 'SentAt', 'ResponseAt', 'CreatedAt', 'UpdatedAt', 'SdId', 'Status' {
        foreach ($direction in '', ' desc') {
            $expected = @(Invoke-TestSql "select id from public.exec_handoff_preparations order by $($orders[$_])$direction nulls last, id$direction")
            $with = @{ OrderBy = $_; Descending = [bool]$direction }
            @(Get-HandoffPreparation @with).Id | Should -Be $expected
            @(Get-HandoffPreparation @with -PageSize 7).Id | Should -Be $expected
            @(Get-HandoffPreparation @with -Skip 3 -First 4).Id | Should -Be $expected[3..6]
            # Goes on behind an object, and behind a bare id, wherever the cut falls.
            foreach ($cut in 4, 16, 20) {
                $last = Get-HandoffPreparation -Id $expected[$cut]
                @(Get-HandoffPreparation @with -ResumeAfter $last).Id | Should -Be $expected[($cut + 1)..24]
                @(Get-HandoffPreparation @with -ResumeAfter $last.Id -First 3).Id | Should -Be $expected[($cut + 1)..($cut + 3)]
            }
        }
    }

    It 'takes pages of one row, of exactly all rows, and of more' {
        foreach ($size in 1, 5, 25, 26) {
            @(Get-HandoffPreparation -PageSize $size) | Should -HaveCount 25
        }
        @(Get-HandoffPreparation -PageSize 4 -First 10 -Skip 20) | Should -HaveCount 5
        (Get-Outcome { Get-HandoffPreparation -PageSize 0 }).Ended.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError,*'
    }

    It 'reads each page by a statement of its own' {
        @((Get-Outcome { Get-HandoffPreparation -PageSize 10 -Verbose }).Verbose -like 'read handoffs: *') | Should -HaveCount 3
        @((Get-Outcome { Get-HandoffPreparation -Verbose }).Verbose -like 'read handoffs: *') | Should -HaveCount 1
    }

    It 'gives nothing for -First 0, and for a -Skip beyond the end' {
        Get-HandoffPreparation -First 0 | Should -BeNullOrEmpty
        Get-HandoffPreparation -Skip 25 | Should -BeNullOrEmpty
        (Get-Outcome { Get-HandoffPreparation -First -1 }).Ended.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentValidationError,*'
    }

    It 'refuses a -ResumeAfter that names no row' {
        (Get-Outcome { Get-HandoffPreparation -ResumeAfter 'nonsense' }).Ended.FullyQualifiedErrorId | Should -BeLike 'InvalidIdentity,*'
        (Get-Outcome { Get-HandoffPreparation -ResumeAfter ([guid]::NewGuid()) -OrderBy PreparedAt }).Ended.FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        (Get-Outcome { Get-HandoffPreparation -ResumeAfter $null }).Out | Should -BeNullOrEmpty
    }

    It 'refuses none and several for <_>, instead of beginning again' -ForEach @(
        'Get-HandoffPreparation -ResumeAfter {0}', 'Get-StrategicDirective -ResumeAfter {0}', 'Get-ImplementationSession -ResumeAfter {0}', 'Get-Flow -ResumeAfter {0}', 'Get-FlowExecution -ResumeAfter {0}'
    ) {
        foreach ($places in '@()', '([guid]::NewGuid(), [guid]::NewGuid())', "'a-key', 'b-key'") {
            $outcome = Get-Outcome ([scriptblock]::Create($_ -f $places))
            $outcome.Out | Should -BeNullOrEmpty
            $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'InvalidIdentity,*'
            $outcome.Ended.Exception.Message | Should -BeLike '-ResumeAfter names *'
        }
    }

    It 'refuses a directive after which sessions are to go on' {
        (Get-Outcome { Get-StrategicDirective -First 1 | ForEach-Object { Get-ImplementationSession -ResumeAfter $_ } }).Ended.FullyQualifiedErrorId | Should -BeLike 'InvalidIdentity,*'
    }

    It 'gives the newest of each SD with -Latest, by prepared_at, nulls last, then id' {
        Get-HandoffPreparation -Latest -OrderBy SdId -Descending | Get-Number | Should -Be 1, 2
        Invoke-TestSql "update public.exec_handoff_preparations set prepared_at = null where id = md5('h1')::uuid"
        Get-HandoffPreparation -Latest -SdId 'SD-A-001' | Get-Number | Should -Be 3
        # The other filters judge the newest one: an older ready handoff is not the latest.
        Invoke-TestSql "update public.exec_handoff_preparations set handoff_status = 'rejected' where id = md5('h2')::uuid"
        Get-HandoffPreparation -Latest -Status Ready | Get-Number | Should -Be 3
        Get-HandoffPreparation -Latest -Status Rejected | Get-Number | Should -Be 2
        Invoke-TestSql "update public.exec_handoff_preparations set prepared_at = '2026-01-01Z'"
        (Get-HandoffPreparation -Latest -SdId 'SD-A-001').Id | Should -Be (Invoke-TestSql "select id from public.exec_handoff_preparations where sd_id = 'SD-A-001' order by id limit 1")
    }
}

Describe 'The object' {
    BeforeAll {
        Reset-TestData -Count 2
        $awkward = "it's ""quoted"" 100 % of_rows \ C:\new 🚀 日本"
        $literal = $awkward -replace "'", "''"
        Invoke-TestSql "update public.exec_handoff_preparations set
            quality_metrics = '{`"coverage`": 87.5, `"nested`": {`"deep`": [1, 2, {`"x`": `"y`"}]}, `"big`": 12345678901234567890.123456789}',
            test_results = 'null', performance_benchmarks = null, security_validation = '[]', implementation_summary = '$literal', demo_url = 'https://example.org/?a=1&b=2',
            known_issues = array['plain', 'with `"quotes`"', null, '$literal'], deliverables_manifest = '{}',
            prepared_at = '2026-02-03T04:05:06.123456Z' where id = md5('h1')::uuid"
        $row = Get-HandoffPreparation -Id (Get-TestId 1)
    }

    It 'has a property for each column, JSON columns as objects with dots' {
        $row.QualityMetrics.coverage | Should -Be 87.5
        $row.QualityMetrics.nested.deep[2].x | Should -Be 'y'
        $row.ImplementationSummary | Should -BeExactly $awkward
        $row.KnownIssues | Should -HaveCount 4
        $row.KnownIssues[3] | Should -BeExactly $awkward
        $row.SdKey, $row.SdTitle | Should -Be 'SD-A-001', 'First directive'
        $row.HandoffStatus | Should -Be $row.Status
        $row.PreparedAt.ToString('o') | Should -Be '2026-02-03T04:05:06.1234560+00:00'
        $row.PerformanceBenchmarks | Should -BeNullOrEmpty
        $columns = Invoke-TestSql "select string_agg(replace(initcap(replace(column_name, '_', ' ')), ' ', ''), ' ') from information_schema.columns where table_name = 'exec_handoff_preparations'"
        foreach ($name in $columns -split ' ') {
            $row.PSObject.Properties.Name | Should -Contain $name
        }
    }

    It 'says JSON where a JSON or array property becomes text' {
        "$($row.QualityMetrics)" | ConvertFrom-Json | ForEach-Object { $_.nested.deep[2].x } | Should -Be 'y'
        "$($row.QualityMetrics)" | Should -BeLike '*12345678901234567890.123456789*'
        "$($row.QualityMetrics.nested)" | ConvertFrom-Json | ForEach-Object { $_.deep[0] } | Should -Be 1
        $row.KnownIssues.ToString() | Should -BeExactly (ConvertTo-Json @('plain', 'with "quotes"', $null, $awkward) -Compress)
        $row.DeliverablesManifest.ToString() | Should -Be '[]'
    }

    It 'filters and sorts like any object' {
        @(Get-HandoffPreparation | Where-Object { $_.QualityMetrics.coverage -gt 80 }) | Should -HaveCount 1
        (Get-HandoffPreparation | Sort-Object { $_.QualityMetrics.coverage } | Select-Object -Last 1).Id | Should -Be $row.Id
    }

    It 'is a lossless line of JSON with -AsJson' {
        $line = Get-HandoffPreparation -Id (Get-TestId 1) -AsJson
        $line | Should -BeOfType string
        $line | Should -Not -Match "`n"
        $line | Should -Match '12345678901234567890\.123456789'
        $line | Should -Match '"PreparedAt":"2026-02-03T04:05:06\.123456Z"'
        # SQL NULL is absent, JSON null is null.
        $line | Should -Not -Match 'PerformanceBenchmarks'
        $line | Should -Match '"TestResults":null'
        $read = $line | ConvertFrom-Json
        $read.ImplementationSummary | Should -BeExactly $awkward
        $read.KnownIssues[2] | Should -BeNullOrEmpty
        $read.HandoffStatus | Should -Be 'Ready'
    }

    It 'shows columns that the contract does not have in AdditionalColumns' {
        Invoke-TestSql "alter table public.exec_handoff_preparations add column reviewer text default 'ann'"
        try {
            (Get-HandoffPreparation -First 1).AdditionalColumns.reviewer | Should -Be 'ann'
            (Get-TestId 2 | Set-HandoffStatus Sent).AdditionalColumns.reviewer | Should -Be 'ann'
        }
        finally {
            Invoke-TestSql 'alter table public.exec_handoff_preparations drop column reviewer'
        }
    }
}

Describe 'A row that cannot be read' {
    It 'is an UnreadableRow with id and column where <Name>, and the stream goes on' -ForEach @(
        @{ Name = 'a time is infinity'; Set = "sent_at = 'infinity'"; Column = 'sent_at' }
        @{ Name = 'a time is -infinity'; Set = "prepared_at = '-infinity'"; Column = 'prepared_at' }
        @{ Name = 'a time is past the year 9999'; Set = "updated_at = '12000-01-01Z'"; Column = 'updated_at' }
        @{ Name = 'an array has two dimensions'; Set = "known_issues = '{{a,b},{c,d}}'"; Column = 'known_issues' }
    ) {
        Reset-TestData -Count 3
        Invoke-TestSql "update public.exec_handoff_preparations set $Set where id = md5('h2')::uuid"
        $outcome = Get-Outcome { Get-HandoffPreparation }
        $outcome.Ended | Should -BeNullOrEmpty
        $outcome.Out | Get-Number | Sort-Object | Should -Be 1, 3
        $outcome.Errors | Get-ErrorName | Should -Be 'UnreadableRow'
        $outcome.Errors[0].TargetObject | Should -Be (Get-TestId 2)
        $outcome.Errors[0].Exception.Message | Should -BeLike "*$(Get-TestId 2)*$Column*"
    }
}

Describe 'Limits' {
    It 'ends a statement that runs longer than -CommandTimeout with CommandTimedOut' {
        Reset-TestData -Count 1
        $holder = Open-TestTransaction 'lock table public.exec_handoff_preparations in access exclusive mode'
        try {
            (Get-Outcome { Get-HandoffPreparation -CommandTimeout 200ms }).Ended.FullyQualifiedErrorId | Should -BeLike 'CommandTimedOut,*'
            (Get-Outcome { Get-HandoffPreparation -LockTimeout 200ms }).Ended.FullyQualifiedErrorId | Should -BeLike 'RowLocked,*'
        }
        finally {
            Close-TestTransaction $holder
        }
    }

    It 'says SchemaMissing where the table is not there' {
        Invoke-TestSql 'alter table public.exec_handoff_preparations rename to hidden_away'
        try {
            $outcome = Get-Outcome { Get-HandoffPreparation }
        }
        finally {
            Invoke-TestSql 'alter table public.hidden_away rename to exec_handoff_preparations'
        }
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'SchemaMissing,*'
        $outcome.Ended.Exception.Message | Should -BeLike '*exec_handoff_preparations*Install-LeoSchema*'
    }
}

Describe 'Streaming' {
    BeforeAll {
        Reset-TestData -Count 200000
        Invoke-TestSql 'analyze public.exec_handoff_preparations'
    }

    AfterAll {
        Reset-TestData
    }

    It 'gives the first object while the server is still reading' {
        $seen = @{ Running = 0; Rows = 0 }
        Get-HandoffPreparation -First 100000 | ForEach-Object {
            if ($seen.Rows -eq 0) {
                $seen.Running = Get-RunningCall
            }
            $seen.Rows++
        }
        $seen.Running | Should -Be 1
        $seen.Rows | Should -Be 100000
    }

    It 'ends quickly under Select-Object -First 1, and leaves nothing running' {
        $null = Get-HandoffPreparation -First 1
        $whole = Measure-Command { Get-HandoffPreparation | Out-Null }
        $first = Measure-Command { Get-HandoffPreparation | Select-Object -First 1 | Out-Null }
        Get-RunningCall | Should -Be 0
        $first.TotalMilliseconds | Should -BeLessThan ([Math]::Max(500, $whole.TotalMilliseconds / 3))
    }

    It 'ends at a throw downstream, and leaves nothing running' {
        $outcome = Get-Outcome { Get-HandoffPreparation | ForEach-Object { throw 'downstream' } }
        Get-RunningCall | Should -Be 0
        $outcome.Ended.Exception.Message | Should -Be 'downstream'
        @(Get-HandoffPreparation -First 2) | Should -HaveCount 2
    }
}
