BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    Import-LeoModule
    $server = Start-TestServer
}

Describe 'Memory while streaming' {
    It 'does not grow with the rows: a million beside a hundred thousand' {
        if ($env:LEOPS_SLOW_TESTS -ne '1') {
            Set-ItResult -Skipped -Because 'a million rows take minutes; set LEOPS_SLOW_TESTS=1 to run it'
            return
        }
        Invoke-TestSql 'drop database if exists leops_million with (force); create database leops_million;'
        try {
            $uri = $server.Uri -replace '/leops$', '/leops_million'
            $null = Connect-LeoDatabase $uri -Name million
            $null = Install-LeoSchema -Connection million
            Disconnect-LeoDatabase million
            Invoke-TestSql -Database leops_million @'
insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope) values ('SD-1', 'SD-1', 't', 'active', 'c', 'medium', 'd', 'r', 's');
insert into exec_implementation_sessions (id, sd_id, implementation_type) values (md5('s')::uuid, 'SD-1', 'GENERAL_FEATURE');
set session_replication_role = replica;
insert into exec_handoff_preparations (session_id, sd_id, implementation_summary, quality_metrics)
select md5('s')::uuid, 'SD-1', 'Summary ' || n, '{"coverage": 80}' from generate_series(1, 1000000) n;
analyze exec_handoff_preparations;
'@
            $seen = Invoke-FreshPowerShell -Argument $uri {
                param($uri)
                Import-Module $LeoManifest
                $null = Connect-LeoDatabase $uri
                # The heap is taken downstream of the last row, while the cmdlet still holds all that it holds.
                function Measure-Heap([long] $Count) {
                    $n = 0L
                    $heap = 0L
                    Get-HandoffPreparation -First $Count | ForEach-Object { if (++$n -eq $Count) { $heap = [GC]::GetTotalMemory($true) } } | Out-Null
                    [pscustomobject]@{ Rows = $n; Heap = $heap }
                }
                $null = Measure-Heap 10000
                Measure-Heap 100000
                Measure-Heap 1000000
            }
        }
        finally {
            Get-LeoConnection | Disconnect-LeoDatabase
            Invoke-TestSql 'drop database if exists leops_million with (force)'
        }
        $seen.Rows | Should -Be 100000, 1000000
        $seen.Heap[0] | Should -BeGreaterThan 1MB
        $grown = ($seen[1].Heap - $seen[0].Heap) / 1MB
        Write-Host ('    live heap: {0:N1} MB at 100,000 rows, {1:N1} MB at 1,000,000' -f ($seen[0].Heap / 1MB), ($seen[1].Heap / 1MB))
        $grown | Should -BeLessThan 20
    }

    It 'brings the first object long before the last row is read' {
        Reset-TestData -Count 100000
        $null = Connect-LeoDatabase $server.Uri -Name stream
        try {
            $null = Get-HandoffPreparation -Connection stream -First 1
            $clock = [Diagnostics.Stopwatch]::StartNew()
            $first = $null
            Get-HandoffPreparation -Connection stream | ForEach-Object { $first ??= $clock.ElapsedMilliseconds }
            $first | Should -BeLessThan ($clock.ElapsedMilliseconds / 3)
        }
        finally {
            Disconnect-LeoDatabase stream
        }
    }
}
