# Names of rows: what an unknown, an impossible and an ambiguous name is, in every cmdlet that takes one.
BeforeDiscovery {
    # The condition of an unknown name; how a wildcard is taken: Many where it may stand for several rows, One where it may not.
    $calls = @(
        @{ Call = 'Get-StrategicDirective'; Do = { Get-StrategicDirective -SdId $args[0] }; Unknown = 'NotFound'; Wildcard = 'Many' }
        @{ Call = 'Get-ImplementationSession'; Do = { Get-ImplementationSession -SdId $args[0] }; Unknown = 'NotFound'; Wildcard = 'Many' }
        @{ Call = 'New-ImplementationSession'; Do = { New-ImplementationSession -SdId $args[0] -ImplementationType UI_COMPONENT }; Unknown = 'ReferenceNotFound'; Wildcard = 'One' }
        @{ Call = 'New-HandoffPreparation'; Do = { New-HandoffPreparation -SdId $args[0] -ImplementationSummary x }; Unknown = 'ReferenceNotFound'; Wildcard = 'One' }
        @{ Call = 'Get-HandoffPreparation'; Do = { Get-HandoffPreparation -SdId $args[0] }; Unknown = 'NotFound'; Wildcard = 'Many' }
        @{ Call = 'Get-HandoffHistory'; Do = { Get-HandoffHistory -SdId $args[0] }; Unknown = 'NotFound'; Wildcard = 'Many' }
        @{ Call = 'Measure-HandoffPreparation'; Do = { Measure-HandoffPreparation -SdId $args[0] }; Unknown = 'NotFound'; Wildcard = 'Many' }
        @{ Call = 'Set-HandoffStatus'; Do = { Set-HandoffStatus Sent -CurrentStatus Ready -SdId $args[0] }; Unknown = 'NotFound'; Wildcard = 'Many' }
        @{ Call = 'Watch-HandoffPreparation'; Do = { Watch-HandoffPreparation -SdId $args[0] -Timeout 100ms }; Unknown = 'NotFound'; Wildcard = 'Many' }
        @{ Call = 'Get-Flow'; Do = { Get-Flow -FlowKey $args[0] }; Unknown = 'FlowNotFound'; Wildcard = 'Many' }
        @{ Call = 'Set-Flow'; Do = { Set-Flow -FlowKey $args[0] -Description x }; Unknown = 'FlowNotFound'; Wildcard = 'One' }
        @{ Call = 'New-FlowExecution'; Do = { New-FlowExecution -FlowKey $args[0] }; Unknown = 'FlowNotFound'; Wildcard = 'One' }
        @{ Call = 'Start-FlowExecution'; Do = { Start-FlowExecution -FlowKey $args[0] }; Unknown = 'FlowNotFound'; Wildcard = 'One' }
        @{ Call = 'Start-FlowExecution -Next'; Do = { Start-FlowExecution -Next -FlowKey $args[0] }; Unknown = 'FlowNotFound'; Wildcard = 'Many' }
        @{ Call = 'Invoke-FlowExecution'; Do = { Invoke-FlowExecution -FlowKey $args[0] { 1 } }; Unknown = 'FlowNotFound'; Wildcard = 'One' }
        @{ Call = 'Get-FlowExecution -FlowKey'; Do = { Get-FlowExecution -FlowKey $args[0] }; Unknown = 'FlowNotFound'; Wildcard = 'Many' }
        @{ Call = 'Get-FlowExecution -ExecutionKey'; Do = { Get-FlowExecution -ExecutionKey $args[0] }; Unknown = 'NotFound'; Wildcard = 'Many' }
        @{ Call = 'Get-FlowExecutionHistory -FlowKey'; Do = { Get-FlowExecutionHistory -FlowKey $args[0] }; Unknown = 'FlowNotFound'; Wildcard = 'Many' }
        @{ Call = 'Get-FlowExecutionHistory -ExecutionKey'; Do = { Get-FlowExecutionHistory -ExecutionKey $args[0] }; Unknown = 'NotFound'; Wildcard = 'Many' }
        @{ Call = 'Measure-FlowExecution'; Do = { Measure-FlowExecution -FlowKey $args[0] }; Unknown = 'FlowNotFound'; Wildcard = 'Many' }
        @{ Call = 'Complete-FlowExecution'; Do = { Complete-FlowExecution -ExecutionKey $args[0] }; Unknown = 'NotFound'; Wildcard = 'One' }
        @{ Call = 'Stop-FlowExecution -ExecutionKey'; Do = { Stop-FlowExecution -ExecutionKey $args[0] -Reason x -Confirm:$false }; Unknown = 'NotFound'; Wildcard = 'One' }
        @{ Call = 'Stop-FlowExecution -FlowKey'; Do = { Stop-FlowExecution -FlowKey $args[0] -OlderThan 1d -Reason x -Confirm:$false }; Unknown = 'FlowNotFound'; Wildcard = 'Many' }
        @{ Call = 'Wait-FlowExecution'; Do = { Wait-FlowExecution -ExecutionKey $args[0] -Timeout 0s }; Unknown = 'NotFound'; Wildcard = 'One' }
        @{ Call = 'Restart-FlowExecution'; Do = { Restart-FlowExecution -ExecutionKey $args[0] }; Unknown = 'NotFound'; Wildcard = 'One' }
        @{ Call = 'Remove-FlowExecution -ExecutionKey'; Do = { Remove-FlowExecution -ExecutionKey $args[0] -Confirm:$false }; Unknown = 'NotFound'; Wildcard = 'One' }
        @{ Call = 'Remove-FlowExecution -FlowKey'; Do = { Remove-FlowExecution -FlowKey $args[0] -OlderThan 1d -Status Completed -Confirm:$false }; Unknown = 'FlowNotFound'; Wildcard = 'Many' }
        @{ Call = 'Watch-FlowExecution -FlowKey'; Do = { Watch-FlowExecution -FlowKey $args[0] -Timeout 100ms }; Unknown = 'FlowNotFound'; Wildcard = 'Many' }
        # A run of this key may still come.
        @{ Call = 'Watch-FlowExecution -ExecutionKey'; Do = { Watch-FlowExecution -ExecutionKey $args[0] -Timeout 100ms }; Unknown = $null; Wildcard = 'Many' }
    )
}

BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-names'
    Install-LeoSchema -WithHistory > $null

    function Get-Condition([scriptblock] $Do, [string] $Name) {
        $found = $null
        try {
            & $Do $Name 2>&1 | ForEach-Object { if ($_ -is [Management.Automation.ErrorRecord]) { $found = $_ } }
        }
        catch {
            $found = $_
        }
        if ($found) { ($found.FullyQualifiedErrorId -split ',')[0] }
    }
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe '<Call>' -ForEach $calls {
    It 'takes <Kind> for an unknown one' -ForEach @(
        @{ Kind = 'a name that no row has'; Name = 'no-such-name' }
        @{ Kind = 'a name with a NUL'; Name = "no`0such" }
        @{ Kind = 'a name with half of a character'; Name = "no$([char]0xD83D)such" }
        @{ Kind = 'a name longer than any column'; Name = 'x' * 5000 }
    ) {
        Get-Condition $Do $Name | Should -Be $Unknown
    }

    It 'takes a wildcard for several rows, or refuses it where one is meant' {
        Get-Condition $Do 'no-such-*' | Should -Be ($Wildcard -eq 'One' ? 'InvalidIdentity' : $null)
    }
}
