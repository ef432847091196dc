# Script blocks in constrained language mode: typed in such a session, and given by a script that began before it.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-constrained'
    Reset-TestData -Count 1
}

AfterAll {
    Disconnect-LeoDatabase $connection
}

Describe 'Constrained language mode, <When>' -ForEach @(
    @{ When = 'blocks of a session that is constrained'; Typed = $true }
    @{ When = 'blocks of a script from before'; Typed = $false }
) {
    BeforeAll {
        $result = Invoke-FreshPowerShell -Argument $server.Uri, $Typed {
            Import-Module $LeoManifest
            $null = Connect-LeoDatabase -Uri $args[0]
            $flow = (New-Flow -FlowKey "clm-$([guid]::NewGuid())" -FlowName 'In constrained language' -FlowDefinition '{}' -Status Active).FlowKey
            $texts = [ordered]@{
                Invoke      = "Invoke-FlowExecution $flow { param(`$r) `"attempt `$(`$r.Attempt)`" }"
                Failing     = "try { Invoke-FlowExecution $flow { throw 'boom' } } catch { `"`$_`" }"
                Input       = "`"`$((Get-Flow $flow | New-FlowExecution -InputState { @{ made = 1 + 1 } }).InputState)`""
                Output      = "`"`$((Start-FlowExecution $flow | Complete-FlowExecution -OutputState { @{ key = 7 } }).OutputState)`""
                Transaction = "Invoke-LeoTransaction { (Get-Flow $flow).FlowKey -eq '$flow' }"
                # The block stays as constrained as its session.
                Method      = "try { Invoke-FlowExecution $flow { [IO.Path]::GetTempPath() } } catch { 'refused' }"
                Completer   = "(TabExpansion2 'Get-Flow -Connection ' 21).CompletionMatches.Count"
                Statuses    = "(Get-FlowExecution -FlowKey $flow | Sort-Object StartedAt | ForEach-Object { `"`$(`$_.Status)`" }) -join ' '"
            }
            if ($args[1]) {
                $runspace = [runspacefactory]::CreateRunspace([initialsessionstate]::CreateDefault())
                $runspace.Open()
                foreach ($line in "Import-Module '$LeoManifest'", "`$null = Connect-LeoDatabase -Uri '$($args[0])'") {
                    $null = [powershell]::Create($runspace).AddScript($line).Invoke()
                }
                $runspace.SessionStateProxy.LanguageMode = 'ConstrainedLanguage'
                $values = foreach ($text in $texts.Values) { "$([powershell]::Create($runspace).AddScript($text).Invoke())" }
            }
            else {
                $blocks = $texts.Values | ForEach-Object { [scriptblock]::Create($_) }
                $ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'
                $values = foreach ($block in $blocks) { "$(& $block)" }
            }
            @($values)
        }
    }

    It 'runs the blocks of Invoke-FlowExecution' {
        $result[0] | Should -Be 'attempt 1'
        $result[1] | Should -Be 'boom'
    }

    It 'evaluates -InputState and -OutputState' {
        $result[2] | Should -Be '{"made": 2}'
        $result[3] | Should -Be '{"key": 7}'
    }

    It 'keeps the block as constrained as the session' -Skip:(-not $Typed) {
        $result[5] | Should -Be 'refused'
    }

    It 'runs the block of Invoke-LeoTransaction' {
        $result[4] | Should -Be 'True'
    }

    It 'completes parameters' {
        [int]$result[6] | Should -BeGreaterOrEqual 1
    }
}
