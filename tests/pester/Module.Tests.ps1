BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
}

Describe 'The package' {
    It 'has a valid manifest' {
        $manifest = Test-ModuleManifest -Path $LeoManifest -ErrorAction Stop
        $manifest.Name | Should -Be 'LeoPS'
        $manifest.PowerShellVersion | Should -Be '7.4'
        $manifest.Author, $manifest.Description, $manifest.LicenseUri | Should -Not -BeNullOrEmpty
    }

    It 'holds <_>' -ForEach 'LeoPS.psd1', 'LeoPS.Format.ps1xml', 'LICENSE', 'en-US/LeoPS.dll-Help.xml', 'bin/LeoPS.dll', 'bin/LeoPS.Core.dll', 'lib/LeoPS.Postgres.dll', 'lib/Npgsql.dll' {
        Join-Path $LeoModulePath $_ | Should -Exist
    }

    It 'keeps what exists once, or comes from PowerShell, out of lib' {
        $names = (Get-ChildItem (Join-Path $LeoModulePath 'lib') -Filter '*.dll').BaseName
        $names | Should -Not -BeNullOrEmpty
        foreach ($name in 'LeoPS', 'LeoPS.Core', 'System.Text.Json', 'System.Management.Automation') {
            $names | Should -Not -Contain $name
        }
    }

    It 'has nothing in bin but the module, its core and the guard of its version' {
        $version = (Import-PowerShellDataFile -LiteralPath $LeoManifest).ModuleVersion
        (Get-ChildItem (Join-Path $LeoModulePath 'bin') -Filter '*.dll').BaseName | Sort-Object | Should -Be 'LeoPS', 'LeoPS.Core', "LeoPS.Guard-$version"
    }

    It 'carries the same version in the manifest and the assembly' {
        $assembly = [Reflection.AssemblyName]::GetAssemblyName((Join-Path $LeoModulePath 'bin/LeoPS.dll'))
        $version = (Import-PowerShellDataFile -LiteralPath $LeoManifest).ModuleVersion
        $assembly.Version.ToString(3) | Should -Be $version
    }
}

Describe 'The import' {
    BeforeAll {
        $seen = Invoke-FreshPowerShell {
            Import-Module $LeoManifest
            $module = Get-Module LeoPS
            [pscustomobject]@{
                Cmdlets    = @($module.ExportedCmdlets.Keys)
                Others     = @($module.ExportedFunctions.Keys) + @($module.ExportedAliases.Keys) + @($module.ExportedVariables.Keys)
                Built      = @($module.ImplementingAssembly.GetTypes() | Where-Object { $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false) } |
                        ForEach-Object { $cmdlet = $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false)[0]; "$($cmdlet.VerbName)-$($cmdlet.NounName)" })
                Assemblies = @([AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { $_.GetName().Name })
                Errors     = @($Error | ForEach-Object ToString)
            }
        }
    }

    It 'works without an error' {
        $seen.Errors | Should -BeNullOrEmpty
        $seen.Assemblies | Should -Contain 'LeoPS'
    }

    It 'exports every cmdlet that is built, and nothing else' {
        $seen.Cmdlets | Sort-Object | Should -Be ($seen.Built | Sort-Object)
        $seen.Others | Should -BeNullOrEmpty
    }

    It 'loads no storage' {
        $seen.Assemblies | Where-Object { $_ -eq 'Npgsql' -or $_ -eq 'LeoPS.Postgres' -or $_ -like 'Microsoft.Extensions.*' } | Should -BeNullOrEmpty
    }

    It 'works a second time in the same session' {
        $count = Invoke-FreshPowerShell {
            Import-Module $LeoManifest
            Import-Module $LeoManifest -Force
            Remove-Module LeoPS
            Import-Module $LeoManifest
            @([AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq 'LeoPS' }).Count
        }
        $count | Should -Be 1
    }

    It 'works from a copy of the same files elsewhere' {
        $copy = Join-Path $TestDrive 'a copy/LeoPS'
        Copy-Item -LiteralPath $LeoModulePath -Destination $copy -Recurse
        $seen = Invoke-FreshPowerShell -Argument (Join-Path $copy 'LeoPS.psd1') {
            Import-Module $LeoManifest
            Import-Module $args[0] -Force
            @(Get-Command -Module LeoPS).Count
        }
        $seen | Should -BeGreaterThan 10
    }
}

Describe 'A second version in one session' {
    BeforeAll {
        # The same module, as if built later: its version and a bit of the assemblies' ids are others.
        $version = (Import-PowerShellDataFile -LiteralPath $LeoManifest).ModuleVersion
        $other = $version -replace '^\d+', { [string](([int]$_.Value + 1) % 10) }
        $copy = Join-Path $TestDrive 'other version/LeoPS'
        Copy-Item -LiteralPath $LeoModulePath -Destination $copy -Recurse
        $latin = [Text.Encoding]::Latin1
        foreach ($name in 'LeoPS', 'LeoPS.Core', "LeoPS.Guard-$version") {
            $file = Join-Path $copy "bin/$name.dll"
            $bytes = [IO.File]::ReadAllBytes($file)
            $image = [Reflection.PortableExecutable.PEReader]::new([IO.MemoryStream]::new($bytes))
            $metadata = [Reflection.Metadata.PEReaderExtensions]::GetMetadataReader($image)
            $id = $latin.GetString($metadata.GetGuid($metadata.GetModuleDefinition().Mvid).ToByteArray())
            $image.Dispose()
            $text = $latin.GetString($bytes)
            $place = $text.IndexOf($id, [StringComparison]::Ordinal)
            $changed = $latin.GetBytes($text.Replace($version, $other))
            $changed[$place] = $changed[$place] -bxor 1
            Remove-Item -LiteralPath $file
            [IO.File]::WriteAllBytes($file.Replace("-$version", "-$other"), $changed)
        }
        $manifest = Join-Path $copy 'LeoPS.psd1'
        (Get-Content -LiteralPath $manifest -Raw).Replace($version, $other) | Set-Content -LiteralPath $manifest
        $seen = Invoke-FreshPowerShell -Argument $manifest {
            param($second)
            Import-Module $LeoManifest
            try { Import-Module $second; 'no error' } catch { $_.Exception.Message }
            @(Get-Module LeoPS | ForEach-Object { [string]$_.Version })
            # The first goes on working.
            Import-Module $LeoManifest -Force
            (Get-Command Get-LeoConnection).Version.ToString()
        }
        $alone = Invoke-FreshPowerShell -Argument $manifest {
            Import-Module $args[0]
            (Get-Module LeoPS).Version.ToString()
            @(Get-Command -Module LeoPS).Count
        }
    }

    It 'is refused: which is loaded, from where, and what to do' {
        $seen[0] | Should -Match "LeoPS $([regex]::Escape($version)) is already loaded from '$([regex]::Escape($LeoModulePath))'"
        $seen[0] | Should -Match "start a new PowerShell session to use $([regex]::Escape($other))"
    }

    It 'leaves the first one as it is' {
        $seen[1..2] | Should -Be $version, $version
    }

    It 'works in a session of its own' {
        $alone[0] | Should -Be $other
        $alone[1] | Should -BeGreaterThan 10
    }
}

Describe 'Beside a module that brought <Kind> Npgsql and logging assemblies' -ForEach @(
    @{ Kind = 'older'; Version = '1.0.0.0' }
    @{ Kind = 'newer'; Version = '99.0.0.0' }
) {
    BeforeAll {
        $fakes = Join-Path $TestDrive $Kind
        $null = New-Item -ItemType Directory -Path $fakes
        # The same public key as the real ones: to the runtime the fakes are other versions of the same assemblies.
        $made = foreach ($name in 'Microsoft.Extensions.Logging.Abstractions', 'Npgsql') {
            $key = Join-Path $fakes "$name.snk"
            [IO.File]::WriteAllBytes($key, [Reflection.AssemblyName]::GetAssemblyName((Join-Path $LeoModulePath "lib/$name.dll")).GetPublicKey())
            @{ Name = $name; Version = $Version; Key = $key; File = Join-Path $fakes "$name.dll" }
        }
        Invoke-FreshPowerShell -Argument $made {
            # Add-Type names its assemblies as it likes, so the compiler behind it is asked itself; the first line loads it.
            Add-Type -TypeDefinition 'public static class Loader { }'
            $options = [Microsoft.CodeAnalysis.CSharp.CSharpCompilationOptions]::new([Microsoft.CodeAnalysis.OutputKind]::DynamicallyLinkedLibrary)
            $runtime = [Microsoft.CodeAnalysis.MetadataReference]::CreateFromFile([object].Assembly.Location)
            foreach ($fake in $args) {
                $source = "[assembly: System.Reflection.AssemblyVersion(`"$($fake.Version)`")] namespace Fake { public static class Marker { } }"
                $tree = [Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree]::ParseText($source)
                $signed = $options.WithPublicSign($true).WithCryptoKeyFile($fake.Key)
                $compilation = [Microsoft.CodeAnalysis.CSharp.CSharpCompilation]::Create($fake.Name, [Microsoft.CodeAnalysis.SyntaxTree[]]$tree, [Microsoft.CodeAnalysis.MetadataReference[]]$runtime, $signed)
                $file = [IO.File]::Create($fake.File)
                try { $emitted = $compilation.Emit($file) } finally { $file.Dispose() }
                if (-not $emitted.Success) { throw "$($emitted.Diagnostics)" }
            }
        }
        $name = "fakes_$Kind"
        Import-LeoModule
        $server = Start-TestServer
        Invoke-TestSql "drop database if exists $name with (force); create database $name;"
        $seen = Invoke-FreshPowerShell -Argument $fakes, ($server.Uri -replace '/leops$', "/$name"), $Version {
            param($fakes, $uri, $fakeVersion)
            Import-Module (Join-Path $fakes 'Microsoft.Extensions.Logging.Abstractions.dll'), (Join-Path $fakes 'Npgsql.dll')
            Import-Module $LeoManifest
            $null = Connect-LeoDatabase $uri
            $null = Install-LeoSchema
            [pscustomobject]@{
                Database = (Test-LeoDatabase).Database
                Rows   = @(Get-HandoffPreparation).Count
                Errors = @($Error | ForEach-Object ToString)
                Private = @([AppDomain]::CurrentDomain.GetAssemblies() | Where-Object Location -Like '*Npgsql.dll' | ForEach-Object Location)
                Loaded = @([AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { $_.GetName() } |
                        Where-Object { $_.Name -in 'Microsoft.Extensions.Logging.Abstractions', 'Npgsql' -and $_.Version.ToString() -eq $fakeVersion } |
                        ForEach-Object { [pscustomobject]@{ Name = $_.Name; Version = $_.Version.ToString(); Token = [Convert]::ToHexString($_.GetPublicKeyToken()) } })
            }
        }
    }

    AfterAll {
        Invoke-TestSql "drop database if exists $name with (force)"
    }

    It 'has fakes that pass for the real ones' {
        $seen.Loaded.Name | Sort-Object | Should -Be 'Microsoft.Extensions.Logging.Abstractions', 'Npgsql'
        $seen.Loaded.Version | Should -Be $Version, $Version
        foreach ($fake in $seen.Loaded) {
            $real = [Reflection.AssemblyName]::GetAssemblyName((Join-Path $LeoModulePath "lib/$($fake.Name).dll"))
            $fake.Token | Should -Be ([Convert]::ToHexString($real.GetPublicKeyToken()))
        }
    }

    It 'imports, connects and reads' {
        $seen.Errors | Should -BeNullOrEmpty
        $seen.Database | Should -Be $name
        $seen.Rows | Should -Be 0
    }

    It 'has its own Npgsql beside theirs' {
        $seen.Private | Should -Contain (Join-Path $LeoModulePath 'lib/Npgsql.dll')
        $seen.Private | Should -Contain (Join-Path $fakes 'Npgsql.dll')
    }
}
