@{
    RootModule           = 'bin/LeoPS.dll'
    # Says clearly where another version of LeoPS.dll is in the session already. Its name carries ModuleVersion.
    NestedModules        = 'bin/LeoPS.Guard-0.1.0.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = 'e1fb3ac9-c761-47f1-a835-2579af48ae79'
    Author               = 'LeoPS contributors'
    CompanyName          = 'LeoPS contributors'
    Copyright            = '(c) 2026 LeoPS contributors. MIT licence.'
    Description          = 'Cmdlets over the PostgreSQL database of the LEO Protocol dashboard: reads and moves handoff preparations and flow executions in bulk, from the pipeline.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = 'Core'

    # One name a line; a test compares the list with the cmdlets in LeoPS.dll. Commas, not @(): a plain list is read in half
    # the time at import. The views are loaded by the first cmdlet, for the same reason.
    CmdletsToExport      = 'Get-StrategicDirective',
        'New-StrategicDirective',
        'Set-StrategicDirective',
        'Get-ImplementationSession',
        'New-ImplementationSession',
        'Set-ImplementationSession',
        'Get-HandoffPreparation',
        'Measure-HandoffPreparation',
        'New-HandoffPreparation',
        'Set-HandoffPreparation',
        'Set-HandoffStatus',
        'Remove-HandoffPreparation',
        'Get-HandoffHistory',
        'Watch-HandoffPreparation',
        'Test-HandoffPreparation',
        'Get-Flow',
        'New-Flow',
        'Set-Flow',
        'Remove-Flow',
        'Set-FlowExecution',
        'Get-FlowExecution',
        'New-FlowExecution',
        'Start-FlowExecution',
        'Complete-FlowExecution',
        'Restart-FlowExecution',
        'Wait-FlowExecution',
        'Remove-FlowExecution',
        'Measure-FlowExecution',
        'Stop-FlowExecution',
        'Invoke-FlowExecution',
        'Get-FlowExecutionHistory',
        'Watch-FlowExecution',
        'Get-LeoConnection',
        'Connect-LeoDatabase',
        'Disconnect-LeoDatabase',
        'Test-LeoDatabase',
        'Get-LeoSandbox',
        'Start-LeoSandbox',
        'Stop-LeoSandbox',
        'Invoke-LeoTransaction',
        'Install-LeoSchema',
        'Test-LeoSchema'
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()

    PrivateData          = @{
        PSData = @{
            Tags         = 'PostgreSQL', 'Postgres', 'Supabase', 'Npgsql', 'Database', 'LEO', 'Handoff', 'CrewAI', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS'
            LicenseUri   = 'https://opensource.org/license/mit'
            # Added by the package task: ReleaseNotes, and ProjectUri where the project has a page.
        }
    }
}
