# Which connection a cmdlet uses: the default of the runspace, one that is handed in, one that is named, or the environment.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $connection = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-binding-connections'
}

AfterAll {
    Disconnect-LeoDatabase 'pester-binding-connections'
}

Describe 'Which connection is used' {
    BeforeAll {
        Reset-TestData -Count 2
    }

    Context 'in a process that never connected' {
        BeforeAll {
            $seen = Invoke-FreshPowerShell -Argument $server.Uri {
                param($uri)
                function Get-Trouble([scriptblock] $Script) {
                    try { & $Script } catch { "$($_.FullyQualifiedErrorId)|$($_.CategoryInfo.Category)|$($_.Exception.Message)" }
                }
                Get-ChildItem Env: | Where-Object Name -Match '^(PG|LEOPS_|SUPABASE_|DATABASE_URL|POSTGRES_URL)' | Remove-Item
                Import-Module $LeoManifest
                $result = [ordered]@{
                    Get = Get-Trouble { Get-HandoffPreparation }
                    Set = Get-Trouble { [guid]::NewGuid() | Set-HandoffStatus Sent }
                }
                # From here on the environment says where to go.
                $env:DATABASE_URL = $uri
                $result.Implicit = @(Get-HandoffPreparation).Count
                $result.ImplicitThread = @(1 | ForEach-Object -Parallel { Import-Module $using:LeoManifest; Get-HandoffPreparation }).Count
                $null = Connect-LeoDatabase -Uri $uri -Name explicit
                $result.Thread = 1 | ForEach-Object -Parallel {
                    Import-Module $using:LeoManifest
                    try { Get-HandoffPreparation } catch { "$($_.FullyQualifiedErrorId)|$($_.Exception.Message)" }
                }
                Get-LeoConnection | Disconnect-LeoDatabase
                $result.Disconnected = Get-Trouble { Get-HandoffPreparation }
                [pscustomobject]$result
            }
        }

        It 'says NotConnected where nothing tells where to go, and what to do' {
            $seen.Get | Should -BeLike 'NotConnected,*Connect-LeoDatabase*'
            $seen.Set | Should -BeLike 'NotConnected,*Connect-LeoDatabase*'
        }

        It 'uses the environment where it says where to go' {
            $seen.Implicit | Should -Be 2
        }

        It 'uses the environment in other runspaces too, as long as Connect-LeoDatabase never ran' {
            $seen.ImplicitThread | Should -Be 2
        }

        It 'no longer uses it in any runspace once Connect-LeoDatabase ran' {
            $seen.Thread | Should -BeLike 'NotConnected,*-Connection ''*$using:*'
        }

        It 'does not fall back on it after Disconnect-LeoDatabase' {
            $seen.Disconnected | Should -BeLike 'NotConnected,*'
        }
    }

    It 'refuses a runspace without a default, and says how to hand a connection in' {
        $message = 1 | ForEach-Object -Parallel {
            Import-Module $using:LeoManifest
            try { Get-HandoffPreparation } catch { "$($_.FullyQualifiedErrorId)|$($_.Exception.Message)" }
            try { [guid]::NewGuid() | Set-HandoffStatus Sent } catch { "$($_.FullyQualifiedErrorId)|$($_.Exception.Message)" }
        }
        $message | Should -HaveCount 2
        $message | ForEach-Object { $_ | Should -BeLike 'NotConnected,*-Connection ''*$using:*' }
    }

    It 'takes a connection that $using: hands in' {
        $rows = 1..2 | ForEach-Object -Parallel { Import-Module $using:LeoManifest; @(Get-HandoffPreparation -Connection $using:connection).Count }
        $rows | Should -Be 2, 2
    }

    It 'takes the name of a connection in any runspace, in any case' {
        1 | ForEach-Object -Parallel { Import-Module $using:LeoManifest; @(Get-HandoffPreparation -Connection 'PESTER-binding-connections').Count } | Should -Be 2
    }

    It 'makes no runspace''s default of a connection that was handed in' {
        1 | ForEach-Object -Parallel {
            Import-Module $using:LeoManifest
            $null = Get-HandoffPreparation -Connection $using:connection
            try { Get-HandoffPreparation } catch { ($_.FullyQualifiedErrorId -split ',')[0] }
        } | Should -Be 'NotConnected'
    }

    It 'calls what is no connection by its name, with its article' {
        (Get-Outcome { Get-HandoffPreparation -Connection 5 }).Ended.Exception.Message | Should -BeLike 'An Int32 is not a connection*'
        (Get-Outcome { Get-ImplementationSession -First 1 | Get-HandoffPreparation }).Errors | ForEach-Object { $_.Exception.Message | Should -BeLike 'An ImplementationSession does not*' }
    }

    It 'refuses a name that no connection has' {
        $outcome = Get-Outcome { Get-HandoffPreparation -Connection 'nobody' }
        $outcome.Ended.FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
        $outcome.Ended.Exception.Message | Should -BeLike "*'nobody'*Get-LeoConnection*"
    }

    It 'refuses a connection that was closed' {
        $closed = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-closed'
        Disconnect-LeoDatabase $closed
        $null = Connect-LeoDatabase -Uri $server.Uri -Name 'pester-binding-connections'
        (Get-Outcome { Get-HandoffPreparation -Connection $closed }).Ended.FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
        (Get-Outcome { Get-HandoffPreparation -Connection 'pester-closed' }).Ended.FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
        @(Get-HandoffPreparation) | Should -HaveCount 2
    }

    It 'refuses, in a job, the connection that became a deserialized one, with the same advice' {
        $message = Start-Job {
            Import-Module $using:LeoManifest
            try { Get-HandoffPreparation -Connection $using:connection } catch { "$($_.FullyQualifiedErrorId)|$($_.Exception.Message)" }
        } | Receive-Job -Wait -AutoRemoveJob
        $message | Should -BeLike 'NotConnected,*deserialized*$using:*Connect-LeoDatabase*'
    }
}
