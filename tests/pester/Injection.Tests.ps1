# Values that would do harm if any of them ever became a part of a statement. The server's log has the text of every statement, and not its
# parameters: none of these values may be in it, and it must be the same text whatever the values are.
BeforeDiscovery {
    $values = @(
        "'; drop table crewai_flows; --"
        '"; drop table crewai_flows; --'
        "\'; drop table crewai_flows; --"
        "'') or true; --"
        '$$; drop table crewai_flows; $$'
        '$1 $2 :a @b ?'
        "E'\x27; --"
        '%s %% {0} {a}'
        '_%'
        '[a-z]*?'
        '/* */ --'
        'ends in \'
        '{a,"b",NULL}'
        'NULL'
        "{`"a`": `"'`"}"
        '\u0027; \n \\u0000'
        "two`nlines`ttab"
        "’; ʼ ＇ ‘"
        '🦁 ü ß'
    ) | ForEach-Object { @{ Value = $_; Shown = $_ -replace '\s', ' ' } }
}

BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $log = Join-Path $server.Path 'log/server.log'
    $mark = 'zq9'
    Invoke-TestSql @'
drop database if exists leops_injection with (force);
create database leops_injection;
drop role if exists leops_nasty;
create role leops_nasty login superuser password 'of these tests alone';
alter role leops_nasty set log_statement = 'all';
alter role leops_nasty set log_parameter_max_length = 0;
alter role leops_nasty set log_min_messages = 'log';
'@
    $uri = "postgresql://leops_nasty:of%20these%20tests%20alone@127.0.0.1:$($server.Port)/leops_injection"
    $setup = Connect-LeoDatabase ($server.Uri -replace '/leops$', '/leops_injection') -Name injection-setup
    $null = Install-LeoSchema -WithHistory -Connection $setup
    Disconnect-LeoDatabase $setup

    function Read-Log([long] $From) {
        $stream = [IO.File]::Open($log, 'Open', 'Read', 'ReadWrite')
        try {
            $null = $stream.Seek($From, 'Begin')
            [IO.StreamReader]::new($stream, [Text.UTF8Encoding]::new($false)).ReadToEnd()
        }
        finally {
            $stream.Dispose()
        }
    }

    # The texts of the statements, each once: which of them were sent, whatever came of them.
    function Get-StatementShape([string] $Text) {
        [regex]::Split($Text, '(?m)^\d{4}-\d\d-\d\d .*?LOG:  ') |
            Where-Object { $_ -match '^(execute|statement)' } | ForEach-Object Trim | Sort-Object -Unique -CaseSensitive
    }

    # Every way for a text into a statement; gives back what came out of the tables again.
    function Invoke-Everything([string] $Value) {
        $v = "$mark$Value"
        $literal = [WildcardPattern]::Escape($v)
        Invoke-TestSql -Database leops_injection 'truncate public.crewai_flow_executions, public.crewai_flows, public.exec_handoff_preparations, public.exec_implementation_sessions, public.strategic_directives_v2 cascade'
        $claims = @{ note = $v }
        $claims[$v] = $v
        $option = "leops.mark=$v" -replace '\\', '\\' -replace '\s', '\$0'
        $connection = Connect-LeoDatabase "$uri`?options=$([uri]::EscapeDataString("-c $option"))" -Name injection -PoolerMode Transaction -UserId 5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c0a -Role service_role -Claims $claims
        $with = @{ Connection = $connection; ErrorAction = 'Stop' }
        try {
            $json = @{ text = $v; list = @($v, $v) }
            $json[$v] = $v
            $directive = New-StrategicDirective $v $v -Description $v -Rationale $v -Scope $v @with
            $null = Get-StrategicDirective $literal @with
            $null = Get-StrategicDirective "*$v*" @with
            $session = $directive | New-ImplementationSession -ImplementationType GENERAL_FEATURE @with
            $null = Get-ImplementationSession -SdId $literal, "$v*" @with
            $made = New-HandoffPreparation -SdId $literal -ImplementationSummary $v -DemoUrl $v -DeliverablesManifest @($v, "$v,") -KnownIssues @($v) -QualityMetrics $json -PostImplementationNotes $v @with
            $edited = $made | Set-HandoffPreparation -Merge -Append -TestResults $json -KnownIssues @($v) -DocumentationUrl $v @with
            $null = $edited | Set-HandoffStatus Rejected -Force -Reason $v @with
            $null = Set-HandoffStatus Preparing -CurrentStatus Rejected -SdId $literal -Reason $v -Summary @with
            $null = Get-HandoffPreparation -SdId $literal, "*$v" @with
            $null = Get-HandoffPreparation -SdId "[$v]*" -Connection $connection -ErrorAction Ignore
            $null = Measure-HandoffPreparation -SdId "$v*" -GroupBy SdId @with
            $null = Get-HandoffPreparation @with | Test-HandoffPreparation @with
            $history = Get-HandoffHistory -SdId $literal @with
            $file = Join-Path $TestDrive "gone-$([guid]::NewGuid().ToString('n')).jsonl"
            $null = Get-HandoffPreparation @with | Remove-HandoffPreparation -ExportPath $file -Confirm:$false @with
            $back = Get-Content -LiteralPath $file | New-HandoffPreparation -FromJson @with
            $flow = New-Flow $v $v $json -Description $v -Tag $v, "$v," -Metadata $json @with
            $null = Set-Flow $literal -Description $v @with
            $null = Get-Flow "*$v*" -Tag $v @with
            $run = $flow | Start-FlowExecution -ExecutionKey $v -InputState $json -Metadata $json @with
            $null = $flow | Start-FlowExecution -ExecutionKey $v -InputState $json -OnConflict UseExisting @with
            $null = Get-FlowExecution -FlowKey $literal, "*$v*" -ExecutionKey $literal, "*$v*" @with
            $ended = Complete-FlowExecution -ExecutionKey $literal -Status Failed -ErrorMessage $v -ErrorType $v -ErrorStack $v -OutputState $json @with
            $null = Get-FlowExecutionHistory -Id $run.Id @with
            $null = Test-LeoDatabase @with
            @(
                $directive.SdKey, $directive.Title, $directive.Description, $session.SdKey
                $back.SdKey, $back.ImplementationSummary, $back.DemoUrl, $back.DocumentationUrl, $back.DeliverablesManifest[0], $back.KnownIssues[0], $back.KnownIssues[1]
                $back.QualityMetrics[$v], $back.TestResults.list[1]
                # A reason is one line.
                $history[0].Reason -ceq ($v -replace '\n', ' ') ? $v : $history[0].Reason
                $flow.FlowKey, $flow.FlowName, $flow.Description, $flow.Tags[0], $flow.FlowDefinition[$v], $flow.Metadata.text
                $run.ExecutionKey, $run.FlowKey, $run.InputState[$v], $ended.ErrorMessage, $ended.ErrorType, $ended.ErrorStack, $ended.OutputState.text
            )
        }
        finally {
            Disconnect-LeoDatabase $connection
        }
    }

    $from = (Get-Item -LiteralPath $log).Length
    $null = Invoke-Everything 'plain'
    $plain = Read-Log $from
    $shape = Get-StatementShape $plain
}

AfterAll {
    Get-LeoConnection injection* | Disconnect-LeoDatabase
    Invoke-TestSql 'drop database if exists leops_injection with (force); drop role if exists leops_nasty;'
}

Describe 'Values that look like SQL' {
    It 'are looked for in the text of real statements' {
        $shape.Count | Should -BeGreaterThan 40
        $plain | Should -Match 'set_config\(''role'', \$\d+, true\)'
        $plain | Should -Not -Match $mark
    }

    It 'stay values: <Shown>' -ForEach $values {
        $from = (Get-Item -LiteralPath $log).Length
        $came = Invoke-Everything $Value
        $came | Select-Object -Unique | Should -BeExactly "$mark$Value"
        $came.Count | Should -Be 27
        $text = Read-Log $from
        $text | Should -Not -Match $mark
        Compare-Object @($shape) @(Get-StatementShape $text) -CaseSensitive | ForEach-Object InputObject | Should -BeNullOrEmpty
    }

    It 'are refused as a role, a setting, a host or a database, and said to be one' {
        foreach ($value in "postgres'; drop table crewai_flows; --", 'a"b', '$$', "x\'", 'none; reset role') {
            { Connect-LeoDatabase $uri -Name injection -Role $value } | Should -Throw -ErrorId 'ConnectionFailed,*'
            { Connect-LeoDatabase "$uri`?options=$([uri]::EscapeDataString(("-c $value=1" -replace '\\', '\\' -replace '\s', '\$0')))" -Name injection -PoolerMode Transaction } | Should -Throw -ErrorId 'ConnectionFailed,*'
            { Connect-LeoDatabase ($uri -replace 'leops_injection', [uri]::EscapeDataString($value)) -Name injection } | Should -Throw -ErrorId 'ConnectionFailed,*'
        }
        Invoke-TestSql -Database leops_injection 'select count(*) from crewai_flows' | Should -Match '^\d+$'
    }
}

Describe 'Columns whose names look like SQL' {
    It 'are quoted where they have to be text' {
        $name = "a`"b'; drop table crewai_flows; --"
        $quoted = '"' + ($name -replace '"', '""') + '"'
        Invoke-TestSql -Database leops_injection (@'
alter table public.strategic_directives_v2 add column {0} text not null default 'd';
alter table public.exec_handoff_preparations add column {0} text default 'd';
alter table public.crewai_flow_executions add column {0} text default 'd';
'@ -f $quoted)
        try {
            $null = Invoke-Everything 'columns'
            $with = @{ Connection = Connect-LeoDatabase $uri -Name injection; ErrorAction = 'Stop' }
            (New-StrategicDirective SD-COLUMN Column -AdditionalColumns @{ $name = 'mine' } @with).AdditionalColumns[$name] | Should -Be 'mine'
            $handoff = Get-HandoffPreparation @with
            $handoff.AdditionalColumns[$name] | Should -Be 'd'
            ($handoff | Set-HandoffStatus Ready @with).AdditionalColumns[$name] | Should -Be 'd'
            (Get-FlowExecution @with).AdditionalColumns[$name] | Should -Be 'd'
        }
        finally {
            Invoke-TestSql -Database leops_injection ("alter table public.strategic_directives_v2 drop column {0}; alter table public.exec_handoff_preparations drop column {0}; alter table public.crewai_flow_executions drop column {0};" -f $quoted)
        }
    }
}
