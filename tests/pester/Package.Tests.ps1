BeforeDiscovery {
    $nupkg = Get-ChildItem -Path (Join-Path $PSScriptRoot '../../out/LeoPS.*.nupkg') -ErrorAction Ignore | Select-Object -First 1
    # On Windows the user's module folder cannot be moved by a variable.
    $reason = $IsWindows ? 'the user''s module folder is fixed on Windows' : $nupkg ? $null : './build.ps1 package has not made a nupkg'
}

BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
}

Describe 'The nupkg' -Skip:([bool]$reason) {
    BeforeAll {
        Import-LeoModule
        $server = Start-TestServer
        $feed = New-Item -ItemType Directory -Path (Join-Path $TestDrive 'feed')
        Get-ChildItem -Path (Join-Path $PSScriptRoot '../../out/LeoPS.*.nupkg') | Copy-Item -Destination $feed
        # An empty home folder has no module and no registered repository.
        $data = New-Item -ItemType Directory -Path (Join-Path $TestDrive 'home')
        $before = $env:HOME, $env:XDG_DATA_HOME, $env:PSModulePath
        $env:HOME, $env:XDG_DATA_HOME, $env:PSModulePath = $data.FullName, $null, $null
        try {
            $seen = Invoke-FreshPowerShell -Argument $feed.FullName, $server.Uri {
                param($feed, $uri)
                $beforehand = @(Get-Module LeoPS -ListAvailable).Count
                Register-PSResourceRepository -Name leops-test -Uri $feed -Trusted
                Install-PSResource LeoPS -Repository leops-test
                # No Import-Module: each of these loads the module by the name of a cmdlet.
                $connection = Connect-LeoDatabase $uri
                $parallel = 1..3 | ForEach-Object -Parallel { (Test-LeoDatabase -Connection $using:connection).Database }
                $job = Start-Job { $null = Connect-LeoDatabase $args[0]; (Test-LeoDatabase).Database, (Get-Module LeoPS).Path } -ArgumentList $uri
                [pscustomobject]@{
                    Beforehand = $beforehand
                    Path       = (Get-Module LeoPS).Path
                    Database   = (Test-LeoDatabase).Database
                    Parallel   = @($parallel)
                    Job        = @($job | Receive-Job -Wait -AutoRemoveJob)
                    Help       = (Get-Help Set-HandoffStatus).Synopsis
                    Notes      = (Get-InstalledPSResource LeoPS).ReleaseNotes
                }
            }
        }
        finally {
            $env:HOME, $env:XDG_DATA_HOME, $env:PSModulePath = $before
        }
    }

    It 'is installed by Install-PSResource into an empty module path' {
        $seen.Beforehand | Should -Be 0
        $seen.Path | Should -BeLike "$data*"
        $seen.Notes | Should -Match 'Set-HandoffStatus'
    }

    It 'loads by the name of a cmdlet: in a session, in ForEach-Object -Parallel and in a job' {
        $seen.Database | Should -Be 'leops'
        $seen.Parallel | Should -Be 'leops', 'leops', 'leops'
        $seen.Job[0] | Should -Be 'leops'
        $seen.Job[1] | Should -BeLike "$data*"
    }

    It 'has help' {
        $seen.Help | Should -Match '\w+ \w+'
    }
}

Describe 'The compiled files' {
    It 'name no folder of this machine in <_>' -ForEach 'bin/LeoPS.dll', 'bin/LeoPS.pdb', 'bin/LeoPS.Core.dll', 'bin/LeoPS.Core.pdb', 'lib/LeoPS.Postgres.dll', 'lib/LeoPS.Postgres.pdb' {
        $root = Convert-Path "$PSScriptRoot/../.."
        $text = [Text.Encoding]::Latin1.GetString([IO.File]::ReadAllBytes((Join-Path $LeoModulePath $_)))
        $text.Contains($root) | Should -BeFalse
        $text.Length | Should -BeGreaterThan 10000
    }

    It 'are the same bytes when another clone of the same files is packaged' -Tag Slow -Skip:(-not $env:LEOPS_SLOW_TESTS) {
        $root = Convert-Path "$PSScriptRoot/../.."
        $clone = Join-Path $TestDrive 'another clone'
        $null = New-Item -ItemType Directory -Path $clone
        foreach ($file in git -C $root ls-files --cached --others --exclude-standard) {
            $source = Join-Path $root $file
            if (Test-Path -LiteralPath $source) {
                $null = New-Item -ItemType Directory -Path (Split-Path (Join-Path $clone $file)) -Force
                Copy-Item -LiteralPath $source -Destination (Join-Path $clone $file)
            }
        }
        $said = Invoke-FreshPowerShell -Argument $clone { & (Join-Path $args[0] 'build.ps1') package *>&1 | ForEach-Object ToString }
        $hashes = foreach ($folder in $root, $clone) {
            (Get-ChildItem -Path (Join-Path $folder 'out/LeoPS') -Recurse -File) + (Get-ChildItem -Path (Join-Path $folder 'out/*.nupkg')) |
                ForEach-Object { "$((Get-FileHash -LiteralPath $_.FullName).Hash) $([IO.Path]::GetRelativePath($folder, $_.FullName))" } | Sort-Object | Join-String -Separator "`n"
        }
        $hashes[1] | Should -Be $hashes[0] -Because "$said"
        $hashes[0] | Should -Match '\.nupkg'
    }
}
