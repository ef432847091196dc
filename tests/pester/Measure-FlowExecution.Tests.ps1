# Measure-FlowExecution: the figures of a few runs, groups as people give them, and how measures look.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_executions.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-measure-runs'
    Reset-RunData -Runs 6 -Status completed
    Invoke-TestSql @'
update public.crewai_flow_executions set cost_usd = 0.5, token_count = 100 where execution_key in ('RUN-1', 'RUN-2');
update public.crewai_flow_executions set status = 'failed' where execution_key = 'RUN-3';
update public.crewai_flow_executions set status = 'running', completed_at = null, duration_ms = null where execution_key = 'RUN-6';
'@
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Measuring runs' -Tag Core {
    It 'gives one measure of all' {
        $measure = @(Measure-FlowExecution -BudgetUsd 4)
        $measure.Count | Should -Be 1
        $measure[0] | Should -BeOfType LeoPS.ExecutionMeasure
        $measure[0].Count, $measure[0].Completed, $measure[0].Failed, $measure[0].Running | Should -Be 6, 4, 1, 1
        $measure[0].SuccessRate, $measure[0].DurationP50, $measure[0].DurationMax, $measure[0].TokenCount, $measure[0].CostUsd | Should -Be 0.8, '00:03:00', '00:05:00', 200, 1
        $measure[0].BudgetUsed, $measure[0].BudgetLeftUsd | Should -Be 0.25, 3
    }

    It 'groups by what is named, in any case, several at once, and filters' {
        @(Measure-FlowExecution flow, STATUS | ForEach-Object { "$($_.Flow) $($_.Status) $($_.Count)" }) |
            Should -Be 'weekly-1 Running 1', 'weekly-1 Failed 1', 'weekly-2 Completed 2', 'weekly-3 Completed 2'
        @(Measure-FlowExecution Mode -FlowKey 'weekly-[12]' -Status Completed, Failed -ExecutionMode manual).ForEach({ "$($_.Mode) $($_.Count)" }) | Should -Be 'Manual 3'
    }

    It 'takes whole names of groups, no numbers and no list in one text' -ForEach 'Flo', '1', 'Flow,Status', 2 {
        { Measure-FlowExecution -GroupBy $_ } | Should -Throw '*is not a group*Flow, Status, Mode, Day, Hour, ExecutedBy*'
    }

    It 'takes an interval as a duration, and refuses <_>' -ForEach 30, '0s', '500ms' {
        { Measure-FlowExecution -Interval $_ -ErrorAction Stop } | Should -Throw
        (Measure-FlowExecution -Interval 365d | Measure-Object Count -Sum).Sum | Should -Be 6
    }

    It 'tells of a flow that does not exist, and of nothing for a pattern' {
        $outcome = Get-Outcome { Measure-FlowExecution -FlowKey nowhere, 'weekly-1', 'none-*' }
        $outcome.Out[0].Count | Should -Be 2
        $outcome.Errors | Get-ErrorName | Should -Be 'FlowNotFound'
        $outcome.Errors[0].TargetObject | Should -Be 'nowhere'
    }

    It 'shows groups and figures in words' {
        $text = Measure-FlowExecution Flow, Day -BudgetUsd 2 | Out-String -Width 200
        $text | Should -Match 'weekly-2 \d{4}-\d\d-\d\d +2 +100'
        $text | Should -Match '2 min 30 s'
        $list = Measure-FlowExecution Status -BudgetUsd 2 | Format-List | Out-String
        $list | Should -Match 'Status +: Completed'
        $list | Should -Not -Match 'FlowId|KilledByBudget'
        $list | Should -Match 'BudgetEmptyAt'
        Measure-FlowExecution | Out-String | Should -Match '(?m)^all +6 '
    }
}
