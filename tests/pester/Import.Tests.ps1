BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
}

Describe 'The cost of an import' {
    It 'is small: import itself within 500 ms even on a busy machine, and nothing but the module and its guard loaded' {
        # The measure that counts, 30 pairs of fresh starts, is the benchmark's; this one notices a tenfold mistake.
        $seen = 1..3 | ForEach-Object {
            Invoke-FreshPowerShell {
                $before = [AppDomain]::CurrentDomain.GetAssemblies()
                $clock = [Diagnostics.Stopwatch]::StartNew()
                Import-Module $LeoManifest
                $elapsed = $clock.ElapsedMilliseconds
                [pscustomobject]@{
                    Milliseconds = $elapsed
                    Own          = @([AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_ -notin $before -and $_.Location -like "$(Split-Path $LeoManifest)*" } | ForEach-Object { $_.GetName().Name })
                }
            }
        }
        ($seen.Milliseconds | Measure-Object -Minimum).Minimum | Should -BeLessThan 500
        $version = (Import-PowerShellDataFile -LiteralPath $LeoManifest).ModuleVersion
        $seen[0].Own | Where-Object { $_ -notin 'LeoPS', 'LeoPS.Core', "LeoPS.Guard-$version" } | Should -BeNullOrEmpty
        $seen[0].Own | Should -Contain 'LeoPS'
    }

    It 'changes nothing else in the session' {
        $seen = Invoke-FreshPowerShell {
            $variables = @(Get-Variable -Scope Global | ForEach-Object Name)
            $aliases = @(Get-Alias | ForEach-Object Name)
            $functions = @(Get-ChildItem function: | ForEach-Object Name)
            $variables += 'variables', 'aliases', 'functions'
            Import-Module $LeoManifest
            @(Get-Variable -Scope Global | Where-Object Name -NotIn $variables | ForEach-Object Name) +
            @(Get-Alias | Where-Object Name -NotIn $aliases | ForEach-Object Name) +
            @(Get-ChildItem function: | Where-Object Name -NotIn $functions | ForEach-Object Name) +
            @(Get-Module | Where-Object Name -NotLike 'LeoPS*' | Where-Object Name -NotLike 'Microsoft.PowerShell.*' | ForEach-Object Name)
        }
        $seen | Should -BeNullOrEmpty
    }

    It 'is found by name on PSModulePath, and loads by itself when a cmdlet is called' {
        $seen = Invoke-FreshPowerShell -Argument (Split-Path $LeoModulePath) {
            $env:PSModulePath = $args[0] + [IO.Path]::PathSeparator + $env:PSModulePath
            Get-LeoConnection
            (Get-Module LeoPS).Name
        }
        $seen | Should -Be 'LeoPS'
    }
}
