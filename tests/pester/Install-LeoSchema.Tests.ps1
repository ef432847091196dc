BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    Import-LeoModule
    $server = Start-TestServer
    Invoke-TestSql 'drop database if exists leops_install with (force); create database leops_install;'
    $null = Connect-LeoDatabase ($server.Uri -replace '/leops$', '/leops_install')
}

AfterAll {
    Get-LeoConnection | Disconnect-LeoDatabase
    Invoke-TestSql 'drop database if exists leops_install with (force)'
}

Describe 'Install-LeoSchema' -Tag Core {
    It 'creates nothing with -WhatIf' {
        Install-LeoSchema -WhatIf | Should -BeNullOrEmpty
        Invoke-TestSql -Database leops_install "select count(*) from pg_class where relnamespace = 'public'::regnamespace" | Should -Be '0'
    }

    It 'leaves nothing behind where it fails half-way' {
        # Policies come after tables; here the server forbids them.
        Invoke-TestSql -Database leops_install @'
create function public.refuse() returns event_trigger language plpgsql as $$ begin raise exception using errcode = '42501', message = 'no policies here'; end $$;
create event trigger refuse_policies on ddl_command_start when tag in ('CREATE POLICY') execute function public.refuse();
'@
        try {
            $failure = { Install-LeoSchema -ErrorAction Stop } | Should -Throw -ExceptionType ([LeoPS.LeoException]) -PassThru
            $failure.FullyQualifiedErrorId | Should -BeLike 'Forbidden,*'
            Invoke-TestSql -Database leops_install "select count(*) from pg_class where relnamespace = 'public'::regnamespace" | Should -Be '0'
        }
        finally {
            Invoke-TestSql -Database leops_install 'drop event trigger refuse_policies; drop function public.refuse();'
        }
    }

    It 'says which part it could not create, and creates the others' {
        # A view in the place of a table that others refer to.
        Invoke-TestSql -Database leops_install 'create view public.crewai_flows as select 1 as id'
        try {
            $report = Install-LeoSchema -WarningVariable warnings -WarningAction SilentlyContinue
            $report.Warnings -match 'crewai_flows is a view' | Should -Not -BeNullOrEmpty
            "$warnings" | Should -Match 'crewai_flow_executions_flow_id_fkey'
            "$($report.Created)" | Should -Match 'table public.exec_handoff_preparations'
        }
        finally {
            Invoke-TestSql -Database leops_install 'drop view public.crewai_flows; drop table exec_handoff_preparations, crewai_flow_executions, exec_implementation_sessions, strategic_directives_v2 cascade;'
        }
    }

    It 'creates everything, and says what' {
        $report = Install-LeoSchema
        $report | Should -BeOfType LeoPS.Schema.SchemaInstallReport
        "$($report.Created)" | Should -Match 'exec_handoff_preparations'
        "$($report.Created)" | Should -Match 'crewai_flow_executions'
        (Test-LeoDatabase).Healthy | Should -BeTrue
        Test-LeoSchema | Where-Object State -NE Ok | Should -BeNullOrEmpty
    }

    It 'creates nothing a second time' {
        $report = Install-LeoSchema
        $report.Created | Should -BeNullOrEmpty
        $report.Warnings | Should -BeNullOrEmpty
    }

    It 'keeps rows, and makes good what is missing' {
        Invoke-TestSql -Database leops_install @'
insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope) values ('SD-1', 'SD-1', 't', 'active', 'c', 'medium', 'd', 'r', 's');
insert into exec_implementation_sessions (id, sd_id, implementation_type) values (md5('s')::uuid, 'SD-1', 'GENERAL_FEATURE');
insert into exec_handoff_preparations (session_id, sd_id, implementation_summary) values (md5('s')::uuid, 'SD-1', 'x');
drop table crewai_flow_executions;
do $$ declare i text; begin
    select indexrelid::regclass::text into i from pg_index where indrelid = 'exec_handoff_preparations'::regclass and not indisprimary and not indisunique limit 1;
    execute 'drop index ' || i;
end $$;
'@
        @(Test-LeoSchema | Where-Object State -EQ Missing).Count | Should -BeGreaterThan 20
        "$((Install-LeoSchema).Created)" | Should -Match 'crewai_flow_executions'
        Test-LeoSchema | Where-Object State -NE Ok | Should -BeNullOrEmpty
        Invoke-TestSql -Database leops_install 'select count(*) from exec_handoff_preparations' | Should -Be '1'
    }

    It 'drops nothing that is not in the contract' {
        Invoke-TestSql -Database leops_install 'alter table exec_handoff_preparations add column of_ours text; create index of_ours on exec_handoff_preparations (of_ours)'
        $null = Install-LeoSchema
        @(Test-LeoSchema | Where-Object Name -EQ 'of_ours').Count | Should -Be 2
    }

    It 'names the database with -WhatIf' {
        # The host writes that line and no stream has it, so a transcript does.
        $said = Invoke-FreshPowerShell -Argument ($server.Uri -replace '/leops$', '/leops_install') {
            param($uri)
            Import-Module $LeoManifest
            $null = Connect-LeoDatabase $uri
            $file = [IO.Path]::GetTempFileName()
            $null = Start-Transcript -LiteralPath $file -UseMinimalHeader
            Install-LeoSchema -WhatIf
            $null = Stop-Transcript
            Get-Content -LiteralPath $file -Raw
            Remove-Item -LiteralPath $file
        }
        "$said" | Should -Match 'What if:.*leops_install'
    }
}
