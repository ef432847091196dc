# Ways to connect that type no secret, what is said once of less than verified TLS, and what becomes of rows whose connection broke.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $secret = 'Vw3!q@ss:w/rd %z'
    Invoke-TestSql -Variable @{ secret = $secret } @'
drop role if exists leops_guest;
create role leops_guest login superuser password :'secret';
'@
    $profiles = Join-Path $TestDrive 'profiles.json'
    @{
        Trial    = @{ host = '127.0.0.1'; port = $server.Port; database = 'leops'; userName = 'leops_guest'; secretName = 'trial'; vault = 'team'; commandTimeout = '45s' }
        reader   = @{ url = "postgresql://leops_guest@127.0.0.1:$($server.Port)/leops"; readOnly = $true }
        "o'dd 1" = @{ host = '127.0.0.1' }
    } | ConvertTo-Json | Set-Content -LiteralPath $profiles
    $env:LEOPS_PROFILES = $profiles

    # The same commands as Microsoft.PowerShell.SecretManagement has.
    $vault = New-Module -Name FakeSecretManagement -ArgumentList $secret, "postgresql://leops_guest:$([uri]::EscapeDataString($secret))@127.0.0.1:$($server.Port)/leops" {
        param($password, $url)
        $asked = [Collections.Generic.List[string]]::new()
        function Get-Secret {
            [CmdletBinding()]
            param([Parameter(Mandatory)] [string] $Name, [string] $Vault, [switch] $AsPlainText)
            $asked.Add("$Vault/$Name")
            switch ($Name) {
                'trial' { ConvertTo-SecureString $password -AsPlainText -Force }
                'text' { $password }
                'credential' { [pscredential]::new('leops_guest', (ConvertTo-SecureString $password -AsPlainText -Force)) }
                'url' { ConvertTo-SecureString $url -AsPlainText -Force }
                'table' { @{ password = $password } }
                default { Write-Error "The secret $Name was not found." }
            }
        }
        Export-ModuleMember -Function Get-Secret -Variable asked
    }
    $vault | Import-Module -Global
    $place = @{ HostName = '127.0.0.1'; Port = $server.Port; Database = 'leops' }

    function Get-Failure([scriptblock] $Script) {
        try { $null = & $Script } catch { return $_ }
        throw 'There was no error.'
    }

    function Get-Completion([string] $Line) {
        [Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches
    }
}

AfterAll {
    Get-LeoConnection | Disconnect-LeoDatabase
    Remove-Module FakeSecretManagement
    $env:LEOPS_PROFILES = $null
    Invoke-TestSql 'drop role if exists leops_guest'
}

Describe 'Connect-LeoDatabase -Profile' {
    AfterEach { Get-LeoConnection | Disconnect-LeoDatabase }

    It 'connects by it, with the secret that it names' {
        $connection = Connect-LeoDatabase -Profile trial
        $connection.UserName, $connection.Database, $connection.Source | Should -Be 'leops_guest', 'leops', 'profile Trial'
        $asked[-1] | Should -Be 'team/trial'
    }

    It 'takes what is given beside it: another secret, a credential, -ReadOnly of the profile' {
        (Connect-LeoDatabase -Profile reader -SecretName text).ReadOnly | Should -BeTrue
        $asked[-1] | Should -Be '/text'
        $credential = [pscredential]::new('leops_guest', (ConvertTo-SecureString $secret -AsPlainText -Force))
        $before = $asked.Count
        (Connect-LeoDatabase -Profile trial -Credential $credential).UserName | Should -Be 'leops_guest'
        $asked.Count | Should -Be $before
    }

    It 'says which there are where there is none of the name' {
        $failure = Get-Failure { Connect-LeoDatabase -Profile nowhere }
        $failure.FullyQualifiedErrorId | Should -Be 'ConnectionFailed,LeoPS.Commands.ConnectLeoDatabaseCommand'
        $failure.Exception.Message | Should -Match 'There are: .*Trial'
    }

    It 'completes the names, quoted, within 150 ms, and without a complaint where there is no file' {
        $null = Get-Completion 'Connect-LeoDatabase -Profile '
        $time = Measure-Command { $found = Get-Completion 'Connect-LeoDatabase -Profile ' }
        $found.CompletionText | Sort-Object | Should -Be "'o''dd 1'", "'reader'", "'Trial'"
        $time.TotalMilliseconds | Should -BeLessThan 150
        (Get-Completion 'Connect-LeoDatabase -Profile re').CompletionText | Should -Be "'reader'"
        $env:LEOPS_PROFILES = Join-Path $TestDrive 'none.json'
        try { Get-Completion 'Connect-LeoDatabase -Profile re' | Where-Object ResultType -EQ ParameterValue | Should -BeNullOrEmpty } finally { $env:LEOPS_PROFILES = $profiles }
    }
}

Describe 'Connect-LeoDatabase -SecretName' {
    AfterEach { Get-LeoConnection | Disconnect-LeoDatabase }

    It 'takes <Kind>' -ForEach @(
        @{ Kind = 'a secure text'; Name = 'trial'; Url = $true }
        @{ Kind = 'a text'; Name = 'text'; Url = $true }
        @{ Kind = 'a credential'; Name = 'credential'; Url = $false }
    ) {
        $arguments = if ($Url) { @{ Uri = "postgresql://leops_guest@127.0.0.1:$($server.Port)/leops" } } else { $place }
        (Connect-LeoDatabase @arguments -SecretName $Name -Vault v).UserName | Should -Be 'leops_guest'
        $asked[-1] | Should -Be "v/$Name"
    }

    It 'takes a whole URL, where nothing else says where to' {
        $connection = Connect-LeoDatabase -SecretName url
        $connection.Database, $connection.Source | Should -Be 'leops', '-SecretName'
    }

    It 'says ConnectionFailed for <What>' -ForEach @(
        @{ What = 'a secret that is not there'; Name = 'none'; Says = 'was not found' }
        @{ What = 'one that is neither text nor credential'; Name = 'table'; Says = 'neither one text nor a credential' }
    ) {
        $failure = Get-Failure { Connect-LeoDatabase @place -SecretName $Name }
        $failure.FullyQualifiedErrorId | Should -Be 'ConnectionFailed,LeoPS.Commands.ConnectLeoDatabaseCommand'
        $failure.Exception.Message | Should -Match $Says
        "$($failure | Format-List * -Force | Out-String)" | Should -Not -Match ([regex]::Escape($secret))
    }

    It 'says how to get Get-Secret where there is none' {
        $seen = Invoke-FreshPowerShell {
            $env:PSModulePath = ''
            Import-Module $LeoManifest
            try { Connect-LeoDatabase -HostName localhost -SecretName x } catch { $_.Exception.Message }
        }
        $seen | Should -Match 'Microsoft\.PowerShell\.SecretManagement'
    }
}

Describe 'Less than verified TLS with a host that is not this machine' {
    AfterEach { Get-LeoConnection | Disconnect-LeoDatabase }

    It 'is warned of once in a process for each server and mode' {
        # Of the two, the first is this machine: so the server answers, and the hosts are not all local.
        $uri = $server.Uri -replace '@127\.0\.0\.1:(\d+)', "@127.0.0.1:`$1,no-such-host-$([guid]::NewGuid()).invalid:1"
        $seen = foreach ($mode in 'prefer', 'prefer', 'disable', 'disable', 'prefer') {
            $null = Connect-LeoDatabase $uri -SslMode $mode -WarningVariable warnings -WarningAction SilentlyContinue
            @($warnings).Count
        }
        $seen | Should -Be 1, 0, 1, 0, 0
        $null = Connect-LeoDatabase $server.Uri -SslMode disable -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings | Should -BeNullOrEmpty
    }

    It 'is not what comes of saying nothing' {
        $uri = $server.Uri -replace '@127\.0\.0\.1:(\d+)', '@127.0.0.1:$1,no-such-host.invalid:1'
        (Get-Failure { Connect-LeoDatabase $uri }).Exception.Message | Should -Match 'sslmode=verify-full asks for it, which is the default'
    }
}

Describe 'A connection that breaks under a bulk change' {
    BeforeEach {
        Reset-TestData -Count 6
        $null = Connect-LeoDatabase $server.Uri -Name 'pester-lost'
        $ids = Invoke-TestSql 'select id from public.exec_handoff_preparations order by id'
        $held = Open-TestTransaction "select from public.exec_handoff_preparations where id = '$($ids[0])' for update"

        function Invoke-Broken([string] $Options) {
            $call = [powershell]::Create().AddScript(@"
                Import-Module '$LeoManifest'
                Get-HandoffPreparation -Connection pester-lost | Set-HandoffStatus Sent -Connection pester-lost -BatchSize 2 $Options
"@)
            $out = [Management.Automation.PSDataCollection[psobject]]::new()
            $running = $call.BeginInvoke([Management.Automation.PSDataCollection[psobject]]::new(), $out)
            $deadline = [datetime]::UtcNow.AddSeconds(20)
            # Where batches are transactions of their own, the two that meet no held row are done first.
            $others = $Options -like '*-Atomic*' ? 0 : 4
            while ((Invoke-TestSql "select (select count(*) from pg_stat_activity where application_name like 'LeoPS/% Set-HandoffStatus' and wait_event_type = 'Lock')
                    || ' ' || (select count(*) from public.exec_handoff_preparations where handoff_status = 'sent')") -ne "1 $others") {
                if ([datetime]::UtcNow -gt $deadline) { throw 'It never waited.' }
                Start-Sleep -Milliseconds 20
            }
            $null = Invoke-TestSql "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'LeoPS/% Set-HandoffStatus' and wait_event_type = 'Lock'"
            $thrown = try { $null = $call.EndInvoke($running) } catch { $_.Exception.InnerException.ErrorRecord }
            # What ends a statement and not the script is the last of its errors.
            $ended = $thrown ? $thrown : $call.Streams.Error[-1]
            [pscustomobject]@{ Out = @($out); Errors = @($call.Streams.Error); Ended = $ended }
            $call.Dispose()
        }
    }

    AfterEach {
        Close-TestTransaction $held
        Get-LeoConnection | Disconnect-LeoDatabase
    }

    It 'gives each row that was on its way an error with its id, then ends; the others are done' {
        $seen = Invoke-Broken
        $seen.Ended.FullyQualifiedErrorId | Should -Be 'ConnectionLost,LeoPS.Commands.SetHandoffStatusCommand'
        $seen.Ended.Exception.UnknownIds | Sort-Object | Should -Be $ids[0..1]
        $lost = @($seen.Errors | Select-Object -SkipLast 1 | Where-Object FullyQualifiedErrorId -Like 'ConnectionLost,*')
        $lost.TargetObject.Id | Should -Be $ids[0..1]
        $lost[1].Exception.Message | Should -Match $ids[1]
        $seen.Out.Id | Should -Be $ids[2..5]
        Get-TestCount | Should -Be 'ready 2, sent 4'
    }

    It 'lists them under -ErrorAction Stop' {
        $seen = Invoke-Broken '-ErrorAction Stop'
        $seen.Ended.FullyQualifiedErrorId | Should -BeLike 'ConnectionLost,*'
        $seen.Ended.Exception.UnknownIds | Sort-Object | Should -Be $ids[0..1]
        $seen.Ended.Exception.ChangedIds | Sort-Object | Should -Be $ids[2..5]
    }

    It 'leaves everything unchanged with -Atomic, and says so' {
        $seen = Invoke-Broken '-Atomic'
        # COMMIT was not sent, so the outcome is known.
        $seen.Ended.FullyQualifiedErrorId | Should -BeLike 'TransactionLost,*'
        $seen.Ended.Exception.UnknownIds.Count | Should -Be 0
        Get-TestCount | Should -Be 'ready 6'
    }
}
