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

    It 'has nothing in bin but the module and its core' {
        (Get-ChildItem (Join-Path $LeoModulePath 'bin') -Filter '*.dll').BaseName | Sort-Object | Should -Be 'LeoPS', 'LeoPS.Core'
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
        $seen.Assemblies | Should -Not -Contain 'Npgsql'
        $seen.Assemblies | Should -Not -Contain 'LeoPS.Postgres'
        $seen.Assemblies | Should -Not -Contain 'Microsoft.Extensions.Logging.Abstractions'
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
        $seen = Invoke-FreshPowerShell -Argument $fakes {
            param($fakes)
            Import-Module (Join-Path $fakes 'Microsoft.Extensions.Logging.Abstractions.dll'), (Join-Path $fakes 'Npgsql.dll')
            Import-Module $LeoManifest
            [pscustomobject]@{
                Errors = @($Error | ForEach-Object ToString)
                Loaded = @([AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { $_.GetName() } |
                        Where-Object Name -In 'Microsoft.Extensions.Logging.Abstractions', 'Npgsql' |
                        ForEach-Object { [pscustomobject]@{ Name = $_.Name; Version = $_.Version.ToString(); Token = [Convert]::ToHexString($_.GetPublicKeyToken()) } })
            }
        }
    }

    It 'has fakes that pass for the real ones' {
        $seen.Loaded.Name | Sort-Object | Should -Be 'Microsoft.Extensions.Logging.Abstractions', 'Npgsql'
        $seen.Loaded.Version | Should -Be $Version, $Version
        foreach ($fake in $seen.Loaded) {
            $real = [Reflection.AssemblyName]::GetAssemblyName((Join-Path $LeoModulePath "lib/$($fake.Name).dll"))
            $fake.Token | Should -Be ([Convert]::ToHexString($real.GetPublicKeyToken()))
        }
    }

    It 'imports' {
        $seen.Errors | Should -BeNullOrEmpty
    }
}
