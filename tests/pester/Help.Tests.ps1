BeforeDiscovery {
    . "$PSScriptRoot/_shared.ps1"
    Import-LeoModule
    $common = [System.Management.Automation.Cmdlet]::CommonParameters
    $cmdlets = foreach ($command in Get-Command -Module LeoPS -CommandType Cmdlet) {
        @{
            Name       = $command.Name
            Parameters = @($command.Parameters.Keys | Where-Object { $_ -notin $common } | ForEach-Object { @{ Name = $command.Name; Parameter = $_ } })
        }
    }
}

if ($cmdlets) {
    Describe 'Help of <Name>' -ForEach $cmdlets {
        BeforeAll {
            $help = Get-Help $Name -Full
        }

        It 'comes from its page' {
            # Without a page Get-Help makes up a syntax line; only a page has a verb and a noun of its own.
            $help.Name | Should -Be $Name
            $help.PSObject.TypeNames | Should -Contain 'MamlCommandHelpInfo#FullView'
        }

        It 'has a synopsis and a description' {
            $help.Synopsis.Trim() | Should -Not -BeNullOrEmpty
            ($help.Description.Text -join '').Trim() | Should -Not -BeNullOrEmpty
        }

        It 'has two examples or more, each with code' {
            $examples = @($help.Examples.Example)
            $examples.Count | Should -BeGreaterOrEqual 2
            $examples | ForEach-Object { $_.Code.Trim() | Should -Not -BeNullOrEmpty }
        }

        It 'has a syntax line for every parameter set' {
            @($help.Syntax.SyntaxItem).Count | Should -Be (Get-Command $Name).ParameterSets.Count
        }

        It 'says what goes in and what comes out' {
            $help.InputTypes.InputType.Type.Name | Should -Not -BeNullOrEmpty
            $help.ReturnValues.ReturnValue.Type.Name | Should -Not -BeNullOrEmpty
        }

        # Pester 6 refuses an empty -ForEach.
        if ($Parameters) {
            It 'has text for -<Parameter>' -ForEach $Parameters {
                $text = (Get-Help $Name -Parameter $Parameter).Description.Text -join ''
                $text.Trim() | Should -Not -BeNullOrEmpty
                $text | Should -Not -Match '\bTODO\b'
            }
        }

        It 'can be shown in full' {
            $help | Out-String -Width 120 | Should -Match "(?s)NAME\s+$Name.*SYNTAX.*PARAMETERS.*RELATED LINKS"
        }
    }
}
