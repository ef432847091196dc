# What a pipe and a parameter may and may not mean: for the two handoff cmdlets, and, where they differ, for those of runs.
BeforeDiscovery {
    $statuses = @(
        @{ Name = '3'; Value = 3 }
        @{ Name = "'3'"; Value = '3' }
        @{ Name = "'s'"; Value = 's' }
        @{ Name = "'sent,ready'"; Value = 'sent,ready' }
        @{ Name = "'redy'"; Value = 'redy' }
        @{ Name = "an empty text"; Value = '' }
    )
    $durations = @(
        @{ Name = '30'; Value = 30 }
        @{ Name = "'30'"; Value = '30' }
        @{ Name = "'2 weeks'"; Value = '2 weeks' }
        @{ Name = '-1 h'; Value = [timespan]::FromHours(-1) }
    )
}

BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-binding'
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'What names a handoff' {
    BeforeEach {
        Reset-TestData -Count 3
        $good = Get-TestId 1
        $last = Get-TestId 3
    }

    It 'takes <Name>' -ForEach @(
        @{ Name = 'a Guid'; Make = { $good } }
        @{ Name = 'text'; Make = { "$good" } }
        @{ Name = 'text in capitals with blanks around it'; Make = { " $("$good".ToUpperInvariant()) " } }
        @{ Name = 'text in braces'; Make = { "{$good}" } }
        @{ Name = 'an object with an Id'; Make = { [pscustomobject]@{ Id = $good } } }
        @{ Name = 'an object with an id of text'; Make = { [pscustomobject]@{ id = "$good"; Owner = 'me' } } }
        @{ Name = 'a hashtable with an Id'; Make = { @{ Id = "$good" } } }
        @{ Name = 'a line of JSON'; Make = { "{`"Id`":`"$good`"}" } }
        @{ Name = 'a handoff'; Make = { Get-HandoffPreparation -Id $good } }
    ) {
        $inputObject = & $Make
        (Get-HandoffPreparation -InputObject $inputObject).Id | Should -Be $good
        ($inputObject | Get-HandoffPreparation).Id | Should -Be $good
        $moved = $inputObject | Set-HandoffStatus Sent
        $moved.Id | Should -Be $good
        $moved.Status | Should -Be 'Sent'
        Get-TestCount | Should -Be 'ready 2, sent 1'
    }

    It 'reports <Name> as InvalidIdentity, that row its target, and does the others' -ForEach @(
        @{ Name = 'text that is no GUID'; Value = 'SD-A-001' }
        @{ Name = 'an empty text'; Value = '' }
        @{ Name = 'blanks'; Value = '   ' }
        @{ Name = 'a number'; Value = 42 }
        @{ Name = 'the empty GUID'; Value = [guid]::Empty }
        @{ Name = 'a hashtable without an Id'; Value = @{ SdId = 'SD-A-001' } }
        @{ Name = 'an empty hashtable'; Value = @{} }
        @{ Name = 'an empty object'; Value = [pscustomobject]@{} }
        @{ Name = 'an object whose Id is no GUID'; Value = [pscustomobject]@{ Id = 'x' } }
        @{ Name = 'an object whose Id is null'; Value = [pscustomobject]@{ Id = $null } }
        @{ Name = 'JSON without an Id'; Value = '{"SdId":"SD-A-001"}' }
        @{ Name = 'an object of .NET''s'; Value = [version]'1.0' }
    ) {
        $outcome = Get-Outcome { $good, $Value, $last | Set-HandoffStatus Sent }
        $outcome.Ended | Should -BeNullOrEmpty
        $outcome.Out.Id | Should -Be $good, $last
        $outcome.Errors | Should -HaveCount 1
        $outcome.Errors[0].FullyQualifiedErrorId | Should -BeLike 'InvalidIdentity,*'
        $outcome.Errors[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
        [object]::Equals($outcome.Errors[0].TargetObject, $Value) | Should -BeTrue
        Get-TestStatus 1, 2, 3 | Should -Be 'sent', 'ready', 'sent'

        $read = Get-Outcome { $good, $Value, $last | Get-HandoffPreparation }
        $read.Out.Id | Should -Be ($good, $last | Sort-Object { "$_" })
        $read.Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
        [object]::Equals($read.Errors[0].TargetObject, $Value) | Should -BeTrue
    }

    It 'takes as a list whatever the pipe takes apart' {
        $set = [Collections.Generic.HashSet[guid]]::new([guid[]]($good, $last))
        (Get-HandoffPreparation -InputObject $set).Id | Should -Be ($good, $last | Sort-Object { "$_" })
        (Set-HandoffStatus Sent -InputObject $set).Id | Should -HaveCount 2
    }

    It 'says what to do with a JSON array' {
        $text = Get-HandoffPreparation | ConvertTo-Json -Depth 5
        $outcome = Get-Outcome { $text | Set-HandoffStatus Sent }
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
        $outcome.Errors[0].Exception.Message | Should -BeLike 'A JSON array, of which ConvertFrom-Json makes rows,*'
        @($text | ConvertFrom-Json | Set-HandoffStatus Sent) | Should -HaveCount 3
        # And where a text names a row by itself.
        foreach ($call in { $_ | Get-Flow }, { $_ | Set-Flow -Description 'd' }, { $_ | Start-FlowExecution }, { $_ | Get-StrategicDirective }) {
            $outcome = '[{ "FlowKey": "weekly-1", "SdKey": "SD-A-001" }]' | ForEach-Object { Get-Outcome $call }
            $outcome.All | ForEach-Object { "$_" } | Should -BeLike 'A JSON array, of which ConvertFrom-Json makes rows,*'
        }
    }

    It 'says which status a row from ConvertTo-Json had, and not its number' {
        $text = Get-HandoffPreparation -Id $good | ConvertTo-Json -Depth 5
        $null = Set-HandoffStatus Sent -Id $good
        (Get-Outcome { $text | ConvertFrom-Json | Set-HandoffStatus Preparing }).Errors[0].Exception.Message | Should -BeLike '*(it was ready then)*'
    }

    It 'reports a null as InvalidIdentity and does the others' {
        $outcome = Get-Outcome { $good, $null, $last | Set-HandoffStatus Sent }
        $outcome.Ended | Should -BeNullOrEmpty
        $outcome.Out.Id | Should -Be $good, $last
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
        $outcome.Errors[0].TargetObject | Should -BeNullOrEmpty
        Get-TestStatus 1, 2, 3 | Should -Be 'sent', 'ready', 'sent'
    }

    It 'never takes a piped null for the whole table' {
        $read = Get-Outcome { $null | Get-HandoffPreparation }
        $read.Out | Should -BeNullOrEmpty
        $read.Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
        $moved = Get-Outcome { $null | Set-HandoffStatus Sent }
        $moved.Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
        Get-TestCount | Should -Be 'ready 3'
    }

    It 'never takes a null or empty <_> for no filter at all' -ForEach 'InputObject', 'Id', 'SdId', 'SessionId', 'Status' {
        foreach ($nothing in $null, @()) {
            $with = @{ $_ = $nothing }
            (Get-Outcome { Get-HandoffPreparation @with }).Out | Should -BeNullOrEmpty
        }
    }

    It 'reads and moves nothing on an empty pipe' {
        $read = Get-Outcome { @() | Get-HandoffPreparation -Verbose }
        $read.All | Should -BeNullOrEmpty
        $read.Verbose | Should -Not -BeLike '*read handoffs*'
        $filtered = Get-Outcome { @() | Get-HandoffPreparation -Status Ready -Verbose }
        $filtered.All | Should -BeNullOrEmpty
        $filtered.Verbose | Should -Not -BeLike '*read handoffs*'
        $moved = Get-Outcome { @() | Set-HandoffStatus Sent -Verbose }
        $moved.All | Should -BeNullOrEmpty
        $moved.Ended | Should -BeNullOrEmpty
        $moved.Verbose | Should -BeNullOrEmpty
        (Get-Outcome { @() | Set-HandoffStatus Sent -Atomic }).All | Should -BeNullOrEmpty
        Get-TestCount | Should -Be 'ready 3'
    }

    It 'refuses another kind of ours by its name: <Type>' -ForEach @(
        @{ Type = 'LeoPS.Flow'; Kind = 'Flow' }
        @{ Type = 'Deserialized.LeoPS.FlowExecution'; Kind = 'FlowExecution' }
    ) {
        # Its Id is that of a handoff: only the kind gives it away.
        $foreign = [pscustomobject]@{ PSTypeName = $Type; Id = $good }
        $outcome = Get-Outcome { $foreign, $last | Set-HandoffStatus Sent }
        $outcome.Out.Id | Should -Be $last
        $outcome.Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
        $outcome.Errors[0].Exception.Message | Should -MatchExactly "\b$Kind\b"
        $outcome.Errors[0].TargetObject | Should -Be $foreign
        Get-TestStatus 1, 3 | Should -Be 'ready', 'sent'
        (Get-Outcome { $foreign | Get-HandoffPreparation }).Errors | Get-ErrorName | Should -Be 'InvalidIdentity'
    }

    It 'cannot be made out of a hashtable' {
        { [LeoPS.HandoffPreparation]@{ SdId = 'x' } } | Should -Throw
        { [LeoPS.HandoffPreparation]::new() } | Should -Throw
        { New-Object LeoPS.HandoffPreparation } | Should -Throw
        $row = Get-HandoffPreparation -Id $good
        { $row.SdId = 'x' } | Should -Throw
        { $row.Status = 'Sent' } | Should -Throw
        $row.SdId | Should -Be 'SD-A-001'
    }
}

Describe 'What binds from the pipe' {
    BeforeEach {
        Reset-TestData -Count 2
    }

    It 'asks for -Status where a handoff is piped without one, and never takes the row''s own' {
        $row = Get-HandoffPreparation -First 1
        # A PowerShell without a host cannot ask, and so says what it would ask for.
        $state = [initialsessionstate]::CreateDefault2()
        $state.ImportPSModule($LeoManifest)
        $shell = [powershell]::Create($state)
        try {
            $null = $shell.AddCommand('Set-HandoffStatus').AddParameter('Connection', $connection)
            $failure = { $shell.Invoke([object[]]@($row)) } | Should -Throw -PassThru
        }
        finally {
            $shell.Dispose()
        }
        $inner = $failure.Exception.GetBaseException()
        $inner.ErrorRecord.FullyQualifiedErrorId | Should -BeLike 'MissingMandatoryParameter,*'
        $inner.Message | Should -BeLike '*Status*'
        Get-TestCount | Should -Be 'ready 2'
    }

    It 'is -InputObject and no other parameter, and nothing binds by property name' {
        foreach ($name in 'Get-HandoffPreparation', 'Set-HandoffStatus', 'Get-FlowExecution', 'New-FlowExecution', 'Start-FlowExecution', 'Complete-FlowExecution') {
            $parameters = (Get-Command $name).ParameterSets.Parameters
            $parameters | Where-Object ValueFromPipelineByPropertyName | Should -BeNullOrEmpty
            @(($parameters | Where-Object ValueFromPipeline).Name | Select-Object -Unique) | Should -Be 'InputObject'
        }
        (Get-Command Set-HandoffStatus).DefaultParameterSet | Should -Be 'InputObject'
        $status = (Get-Command Set-HandoffStatus).Parameters['Status'].Attributes | Where-Object { $_ -is [Parameter] }
        $status.Position | Should -Be 0
        $status.Mandatory | Should -BeTrue
    }

    It 'does not take the columns of a piped row for filters or targets' {
        $row = [pscustomobject]@{ Id = (Get-TestId 1); Status = 'Accepted'; SdId = 'SD-B-002'; CurrentStatus = 'Sent'; Reason = 'x'; Force = $true }
        $row | Set-HandoffStatus Sent | ForEach-Object Status | Should -Be 'Sent'
        ($row | Get-HandoffPreparation).Id | Should -Be (Get-TestId 1)
        Invoke-TestSql 'select count(*) from public.exec_handoff_preparations where post_implementation_notes is not null' | Should -Be 0
    }

    It 'refuses -Id and -CurrentStatus beside each other, and -SdId without -CurrentStatus' {
        { Set-HandoffStatus Sent -Id (Get-TestId 1) -CurrentStatus Ready } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
        { Get-TestId 1 | Set-HandoffStatus Sent -CurrentStatus Ready -ErrorAction Stop } | Should -Throw
        Get-TestCount | Should -Be 'ready 2'
    }

    It 'refuses two ways of naming runs beside each other: <Name>' -ForEach @(
        @{ Name = 'a key and an id of flows'; Id = 'AmbiguousParameterSet'; Call = { Start-FlowExecution -FlowKey weekly-1 -FlowId ([guid]::NewGuid()) } }
        @{ Name = 'a flow and a run'; Id = 'AmbiguousParameterSet'; Call = { Start-FlowExecution -FlowKey weekly-1 -Id ([guid]::NewGuid()) } }
        @{ Name = 'a pipe and a key'; Id = 'InputObjectNotBound'; Call = { 'weekly-1' | Start-FlowExecution weekly-2 -ErrorAction Stop } }
        @{ Name = 'an input where a key is meant'; Id = 'InputObjectNotBound'; Call = { 'weekly-1' | Start-FlowExecution @{ a = 1 } -ErrorAction Stop } }
        @{ Name = 'ids and keys of runs'; Id = 'AmbiguousParameterSet'; Call = { Complete-FlowExecution -Id ([guid]::NewGuid()) -ExecutionKey RUN-1 } }
        @{ Name = 'a queued run for New-FlowExecution'; Id = 'NamedParameterNotFound'; Call = { New-FlowExecution -Id ([guid]::NewGuid()) } }
        @{ Name = 'several flow keys at once'; Id = 'CannotConvertArgument'; Call = { Start-FlowExecution weekly-1, weekly-2 } }
        @{ Name = 'a duration without a unit'; Id = 'ParameterArgumentTransformationError'; Call = { Start-FlowExecution weekly-1 -LockTimeout 30 } }
    ) {
        $Call | Should -Throw -ErrorId "$Id,*"
    }

    It 'refuses parameters that it does not have' {
        { Set-HandoffStatus Sent -Id (Get-TestId 1) -DryRun } | Should -Throw -ErrorId 'NamedParameterNotFound,*'
        Get-TestCount | Should -Be 'ready 2'
    }
}

Describe 'Statuses' {
    BeforeAll {
        Reset-TestData -Count 2
    }

    It 'are whole names: <Name> is refused with the five listed' -ForEach $statuses {
        $calls = @(
            { Get-TestId 1 | Set-HandoffStatus $Value }
            { Set-HandoffStatus -Id (Get-TestId 1) -Status $Value }
            { Set-HandoffStatus Sent -CurrentStatus $Value }
            { Set-HandoffStatus Sent -CurrentStatus Ready, $Value }
            { Get-HandoffPreparation -Status $Value }
            { Get-HandoffPreparation -Status Ready, $Value }
        )
        foreach ($call in $calls) {
            $outcome = Get-Outcome $call
            $outcome.Out | Should -BeNullOrEmpty
            $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
            foreach ($allowed in 'Preparing', 'Ready', 'Sent', 'Accepted', 'Rejected') {
                $outcome.Ended.Exception.Message | Should -BeLike "*$allowed*"
            }
        }
        Get-TestCount | Should -Be 'ready 2'
    }

    It 'are read in any case, as text and as the enum' {
        foreach ($status in 'ready', 'READY', 'Ready', [LeoPS.HandoffStatus]::Ready) {
            @(Get-HandoffPreparation -Status $status) | Should -HaveCount 2
        }
        @(Get-HandoffPreparation -Status sent, READY) | Should -HaveCount 2
        @(Get-HandoffPreparation -Status @([LeoPS.HandoffStatus]::Sent)) | Should -HaveCount 0
    }
}

Describe 'Durations' {
    It 'are never a bare number or nonsense: <Name> is refused with the forms listed' -ForEach $durations {
        $calls = @(
            { Get-HandoffPreparation -Stuck $Value }
            { Get-HandoffPreparation -LockTimeout $Value }
            { Set-HandoffStatus Sent -Id ([guid]::NewGuid()) -CommandTimeout $Value }
        )
        foreach ($call in $calls) {
            $outcome = Get-Outcome $call
            $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
            foreach ($form in '30s', '15m', '2h', '7d', '2.00:00:00', 'TimeSpan') {
                $outcome.Ended.Exception.Message | Should -BeLike "*$form*"
            }
        }
    }

    It 'are taken bare, although PowerShell reads 30s and 7d as numbers' {
        Reset-TestData -Count 1
        Invoke-TestSql "update public.exec_handoff_preparations set updated_at = now() - interval '3 days'"
        @(Get-HandoffPreparation -Stuck 2d) | Should -HaveCount 1
        @(Get-HandoffPreparation -Stuck 7d) | Should -HaveCount 0
        @(Get-HandoffPreparation -Stuck 30s -LockTimeout 30s -CommandTimeout 15m) | Should -HaveCount 1
        @(Get-HandoffPreparation -Stuck:2h) | Should -HaveCount 1
        (Get-Outcome { Get-HandoffPreparation -Stuck 3e1 }).Ended.FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
    }

    It 'are <_>' -ForEach '2d', '48h', '2.00:00:00', '2880m', '172800s', ([timespan]::FromDays(2)) {
        Reset-TestData -Count 3
        Invoke-TestSql "update public.exec_handoff_preparations set updated_at = now() - interval '49 hours' where id = md5('h2')::uuid;
            update public.exec_handoff_preparations set updated_at = now() - interval '47 hours' where id = md5('h1')::uuid"
        (Get-HandoffPreparation -Stuck $_).Id | Should -Be (Get-TestId 2)
    }
}

Describe 'Completion' {
    BeforeAll {
        function Get-Completion([string] $Line) {
            (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches
        }
    }

    It 'offers the five statuses for <_>' -ForEach 'Set-HandoffStatus -Status ', 'Set-HandoffStatus -CurrentStatus ', 'Set-HandoffStatus ', 'Get-HandoffPreparation -Status ', 'Get-HandoffPreparation -Status Sent,' {
        $offered = (Get-Completion $_).ListItemText
        'Preparing', 'Ready', 'Sent', 'Accepted', 'Rejected' | ForEach-Object { $offered | Should -Contain $_ }
    }

    It 'completes a status that is begun' {
        (Get-Completion 'Get-HandoffPreparation -Status re').CompletionText | Sort-Object | Should -Be 'Ready', 'Rejected'
    }

    It 'offers the columns for -OrderBy' {
        (Get-Completion 'Get-HandoffPreparation -OrderBy ').ListItemText | Sort-Object |
            Should -Be 'CreatedAt', 'Id', 'PreparedAt', 'ResponseAt', 'SdId', 'SentAt', 'Status', 'UpdatedAt'
    }

    It 'offers the names of open connections for -Connection of <_>, quoted' -ForEach 'Get-HandoffPreparation', 'Set-HandoffStatus' {
        $match = Get-Completion "$_ -Connection pester-b"
        $match.CompletionText | Should -Be "'pester-binding'"
        $match.ToolTip | Should -Not -BeLike "*$($server.Password)*"
    }

    It 'answers within 150 ms' {
        $null = Get-Completion 'Get-HandoffPreparation -Connection '
        (Measure-Command { Get-Completion 'Get-HandoffPreparation -Connection ' }).TotalMilliseconds | Should -BeLessThan 150
    }
}
