# Who may do what: every cmdlet under every role of Supabase, and under one that has no rights, beside the table that the docs show.
BeforeAll {
    . "$PSScriptRoot/_shared.ps1"
    . "$PSScriptRoot/_outcome.ps1"
    . "$PSScriptRoot/_watching.ps1"
    Import-LeoModule
    $server = Start-TestServer
    $page = Get-Content -LiteralPath "$PSScriptRoot/../../docs/roles-and-poolers.md"
    $me = [guid]'5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c0a'
    $other = [guid]'5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c0b'
    Invoke-TestSql @'
drop database if exists leops_roles with (force);
create database leops_roles;
drop role if exists leops_outsider, leops_authenticator;
create role leops_outsider nologin;
create role leops_authenticator login noinherit password 'of these tests alone' in role anon, authenticated, service_role, leops_outsider;
'@
    $setup = Connect-LeoDatabase ($server.Uri -replace '/leops$', '/leops_roles') -Name roles-setup
    $null = Install-LeoSchema -WithHistory -Connection $setup
    Invoke-TestSql -Database leops_roles -Variable @{ me = $me; other = $other } @'
insert into strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
select 'SD-' || n, 'SD-' || n, 't', 'active', 'c', 'medium', 'd', 'r', 's' from generate_series(1, 2) n;
insert into exec_implementation_sessions (id, sd_id, implementation_type) values (md5('s')::uuid, 'SD-1', 'GENERAL_FEATURE');
create table public.roles_start (u uuid, who text);
insert into public.roles_start values (:'me', 'own'), (:'other', 'theirs');
'@
    $uri = "postgresql://leops_authenticator:of%20these%20tests%20alone@127.0.0.1:$($server.Port)/leops_roles"

    # In the order of the table's columns: the name of the column, how to connect, whose rows are meant.
    $columns = @(
        @{ Name = 'service_role'; Connect = @{ Role = 'service_role' }; Whose = 'theirs' }
        @{ Name = 'authenticated: own'; Connect = @{ Role = 'authenticated'; UserId = $me }; Whose = 'own' }
        @{ Name = "authenticated: others'"; Connect = @{ Role = 'authenticated'; UserId = $me }; Whose = 'theirs' }
        @{ Name = 'anon'; Connect = @{ Role = 'anon' }; Whose = 'theirs' }
        @{ Name = 'no rights'; Connect = @{ Role = 'leops_outsider' }; Whose = 'theirs' }
    )

    # What each cmdlet is asked to do; $whose is "own" or "theirs", $as names that user where a row is to be another's.
    $calls = [ordered]@{
        'Connect-LeoDatabase'       = { Connect-LeoDatabase $uri -Name roles-again @login }
        'Test-LeoDatabase'          = { Test-LeoDatabase @with }
        'Test-LeoSchema'            = { Test-LeoSchema @with | Where-Object State -EQ Ok | Select-Object -First 1 }
        'Install-LeoSchema'         = { Invoke-TestSql -Database leops_roles 'drop index public.idx_flow_exec_recent'; Install-LeoSchema @with }
        'Invoke-LeoTransaction'     = { Invoke-LeoTransaction @with { 'block' } }
        'Get-StrategicDirective'    = { Get-StrategicDirective SD-1* @with }
        'New-StrategicDirective'    = { New-StrategicDirective 'SD-NEW' 'New' @with }
        'Set-StrategicDirective'    = { Set-StrategicDirective -SdId SD-1 -Title 'Other' @with }
        'Get-ImplementationSession' = { Get-ImplementationSession -SdId SD-1* @with }
        'New-ImplementationSession' = { New-ImplementationSession SD-2 GENERAL_FEATURE @with }
        'Set-ImplementationSession' = { Set-ImplementationSession -Id (Get-RowId s) -Status Active @with }
        'Get-HandoffPreparation'    = { Get-HandoffPreparation @with }
        'New-HandoffPreparation'    = { New-HandoffPreparation -SessionId (Get-RowId s) -ImplementationSummary 'New' @with }
        'Set-HandoffPreparation'    = { Set-HandoffPreparation -Id $handoff -DemoUrl 'https://x' @with }
        'Set-HandoffStatus'         = { Set-HandoffStatus Sent -Id $handoff @with }
        'Remove-HandoffPreparation' = { Remove-HandoffPreparation -Id $handoff -Confirm:$false -Summary @with | Where-Object Changed -GT 0 }
        'Test-HandoffPreparation'   = { $handoff | Test-HandoffPreparation @with }
        'Measure-HandoffPreparation' = { Measure-HandoffPreparation @with | Where-Object Count -GT 0 }
        'Get-HandoffHistory'        = { Get-HandoffHistory @with }
        'Watch-HandoffPreparation'  = { Watch-HandoffPreparation -Timeout $moment -Verbose @with 4>&1 | Invoke-OnceWatched -Database leops_roles "update exec_handoff_preparations set handoff_status = 'sent'" | Select-Object -First 1 }
        'Get-Flow'                  = { Get-Flow "flow-$whose*" @with }
        'New-Flow'                  = { New-Flow 'flow-new' 'New' @{} @as @with }
        'Set-Flow'                  = { Set-Flow -FlowId $flow -Description 'x' @with }
        'Remove-Flow'               = { Remove-Flow -FlowId $flow -IncludeExecutions -Force -Confirm:$false -Summary @with | Where-Object Changed -GT 0 }
        'Get-FlowExecution'         = { Get-FlowExecution -ExecutedBy $user @with }
        'New-FlowExecution'         = { New-FlowExecution "flow-$whose" @as @with }
        'Start-FlowExecution'       = { Start-FlowExecution "flow-$whose" @as @with }
        'Start-FlowExecution (queued)' = { Start-FlowExecution -Id $queued @with }
        'Start-FlowExecution (next)' = { Start-FlowExecution -Next -FlowKey "flow-$whose" @with }
        'Set-FlowExecution'         = { Set-FlowExecution -Id $run -TokenCount 5 @with }
        'Complete-FlowExecution'    = { Complete-FlowExecution -Id $run @with }
        'Stop-FlowExecution'        = { Stop-FlowExecution -Id $run -Reason 'not needed' @with }
        'Invoke-FlowExecution'      = { Invoke-FlowExecution -FlowKey "flow-$whose" { @{ done = $true } } @with }
        'Restart-FlowExecution'     = { Restart-FlowExecution -Id $ended @with }
        'Remove-FlowExecution'      = { Remove-FlowExecution -Id $ended -Summary -Confirm:$false @with | Where-Object Changed -GT 0 }
        'Wait-FlowExecution'        = { Wait-FlowExecution -Id $ended -Timeout $moment @with }
        'Watch-FlowExecution'       = { Watch-FlowExecution -Timeout $moment -Verbose @with 4>&1 | Invoke-OnceWatched -Database leops_roles "update crewai_flow_executions set status = 'completed' where id = '$run'" | Select-Object -First 1 }
        'Measure-FlowExecution'     = { Measure-FlowExecution -FlowKey "flow-$whose" @with | Where-Object Count -GT 0 }
        'Get-FlowExecutionHistory'  = { Get-FlowExecutionHistory -Id $run @with }
    }
    # These reach no table.
    $apart = 'Disconnect-LeoDatabase', 'Get-LeoConnection', 'Get-LeoSandbox', 'Start-LeoSandbox', 'Stop-LeoSandbox'

    function Get-RowId([string] $Name) {
        [guid][Convert]::ToHexString([Security.Cryptography.MD5]::HashData([Text.Encoding]::UTF8.GetBytes($Name)))
    }

    $moment = [timespan]::FromSeconds(3)

    function Reset-RoleData {
        Invoke-TestSql -Database leops_roles @'
truncate public.crewai_flow_executions, public.crewai_flows, public.exec_handoff_preparations;
delete from public.strategic_directives_v2 where id = 'SD-NEW';
delete from public.exec_implementation_sessions where sd_id = 'SD-2';
create index if not exists idx_flow_exec_recent on public.crewai_flow_executions using btree (flow_id, started_at desc);
insert into exec_handoff_preparations (id, session_id, sd_id, implementation_summary) values (md5('h')::uuid, md5('s')::uuid, 'SD-1', 'Summary');
update exec_handoff_preparations set handoff_status = 'ready';
insert into crewai_flows (id, flow_key, flow_name, flow_definition, status, created_by) select md5('f' || who)::uuid, 'flow-' || who, 'Flow', '{}', 'active', u from roles_start;
insert into crewai_flow_executions (id, flow_id, execution_key, status, executed_by)
select md5(kind || who)::uuid, md5('f' || who)::uuid, kind || who, 'pending', u from roles_start, unnest(array['e', 'q', 'd']) kind;
update crewai_flow_executions set status = 'completed', completed_at = now() where execution_key like 'd%';
update crewai_flow_executions set status = 'running' where execution_key like 'e%';
'@
    }

    # One cell: what came of a call.
    function Get-Cell([string] $Name, [hashtable] $Column, $Connection) {
        if ($script:wroteRows) { Reset-RoleData }
        $script:wroteRows = $Name -notmatch '^(Connect|Get|Measure|Test|Wait|Invoke)-'
        $login = $Column.Connect
        $with = @{ Connection = $Connection }
        $whose = $Column.Whose
        $user = $whose -eq 'own' ? $me : $other
        $as = $Column.Name -like "*others'" ? @{ ($Name -eq 'New-Flow' ? 'CreatedBy' : 'ExecutedBy') = $other } : @{}
        $handoff = Get-RowId h
        $flow, $run, $queued, $ended = 'f', 'e', 'q', 'd' | ForEach-Object { Get-RowId "$_$whose" }
        $outcome = Get-Outcome $calls[$Name]
        $errors = @($outcome.Errors | Get-ErrorName)
        $whole = $outcome.Ended | Where-Object { $_ } | Get-ErrorName
        $said = @($outcome.Errors) + @($outcome.Ended) | Where-Object { $_ }
        # Whatever is refused says to whom.
        foreach ($refusal in $said) {
            $refusal.Exception.Message | Should -Match ([regex]::Escape($login.Role)) -Because "$Name under $($login.Role) says: $refusal"
        }
        if ($whole) { return "$whole, all" }
        if ($errors) { return $errors -join ', ' }
        $outcome.Out.Count ? 'yes' : 'nothing'
    }
}

AfterAll {
    Get-LeoConnection roles-* | Disconnect-LeoDatabase
    Invoke-TestSql 'drop database if exists leops_roles with (force); drop role if exists leops_authenticator, leops_outsider;'
}

Describe 'Who may do what' -Tag Core {
    It 'is as the table of docs/roles-and-poolers.md says, cell by cell' {
        $script:wroteRows = $true
        $connections = $columns | ForEach-Object { $login = $_.Connect; Connect-LeoDatabase $uri -Name "roles-$($_.Name)" @login }
        $head = "| cmdlet | $($columns.Name -join ' | ') |"
        $rows = foreach ($name in $calls.Keys) {
            $cells = for ($i = 0; $i -lt $columns.Count; $i++) { Get-Cell $name $columns[$i] $connections[$i] }
            "| $name | $($cells -join ' | ') |"
        }
        $from = [array]::IndexOf($page, $head)
        $from | Should -BeGreaterThan 0 -Because "the page has a table that begins with: $head"
        $documented = for ($i = $from + 2; $i -lt $page.Count -and $page[$i] -like '|*'; $i++) { $page[$i] }
        $difference = Compare-Object @($documented) @($rows) | ForEach-Object { "$($_.SideIndicator) $($_.InputObject)" }
        $difference -join "`n" | Should -BeNullOrEmpty -Because 'the page says what is behind <= and it is what is behind =>'
        $rows -join "`n" | Should -Be ($documented -join "`n")
    }

    It 'is asked of every cmdlet that reaches a table' {
        $asked = @($calls.Keys -replace ' .*') + $apart | Sort-Object -Unique
        (Get-Command -Module LeoPS -CommandType Cmdlet).Name | Where-Object { $_ -notin $asked } | Should -BeNullOrEmpty -Because 'each has a row in this file and in docs/roles-and-poolers.md'
    }
}

Describe 'Connect-LeoDatabase with a role and a user' -Tag Core {
    BeforeAll {
        Invoke-TestSql -Database leops_roles @'
create or replace function public.claims_of_run() returns trigger language plpgsql as $$ begin
    new.metadata := jsonb_build_object('claims', current_setting('request.jwt.claims', true)::jsonb, 'uid', auth.uid(), 'role', current_user); return new; end $$;
create trigger claims_of_run before insert on public.crewai_flow_executions for each row execute function public.claims_of_run();
'@
        Reset-RoleData
    }

    AfterAll {
        Invoke-TestSql -Database leops_roles 'drop function public.claims_of_run() cascade'
    }

    AfterEach {
        Get-LeoConnection roles-x* | Disconnect-LeoDatabase
    }

    It 'takes claims as <Form>' -ForEach @(
        @{ Form = 'a hashtable'; Given = { @{ Sub = $me; ROLE = 'authenticated'; email = 'ann@example.org'; app_metadata = @{ teams = 1, 2 } } } }
        @{ Form = 'an object'; Given = { [pscustomobject]@{ sub = "$me"; role = 'authenticated'; email = 'ann@example.org'; app_metadata = [pscustomobject]@{ teams = 1, 2 } } } }
        @{ Form = 'JSON'; Given = { "{`"email`": `"ann@example.org`", `"sub`": `"$me`", `"role`": `"authenticated`", `"app_metadata`": {`"teams`": [1, 2]}}" } }
    ) {
        $connection = Connect-LeoDatabase $uri -Name roles-x -Claims (& $Given)
        $connection.Role, $connection.UserId | Should -Be 'authenticated', $me
        $run = Start-FlowExecution flow-own -Connection $connection -ErrorAction Stop
        $run.ExecutedBy, $run.Metadata.uid, $run.Metadata.role | Should -Be $me, "$me", 'authenticated'
        $run.Metadata.claims.email, $run.Metadata.claims.app_metadata.teams[1] | Should -Be 'ann@example.org', 2
        $run.Metadata.claims.sub, $run.Metadata.claims.role | Should -Be "$me", 'authenticated'
    }

    It 'gives runs and flows the user, unless a parameter or the row says another' {
        $with = @{ Connection = Connect-LeoDatabase $uri -Name roles-x -Role service_role -UserId $me }
        (Start-FlowExecution flow-own @with).ExecutedBy | Should -Be $me
        (New-FlowExecution flow-own @with).ExecutedBy | Should -Be $me
        (Start-FlowExecution flow-own -ExecutedBy $other @with).ExecutedBy | Should -Be $other
        ([pscustomobject]@{ FlowKey = 'flow-own'; ExecutedBy = $other } | Start-FlowExecution @with).ExecutedBy | Should -Be $other
        # Whoever starts what somebody queued does not take it over.
        (Start-FlowExecution -Id (Get-RowId qtheirs) @with).ExecutedBy | Should -Be $other
        $null = Invoke-FlowExecution flow-own { 'done' } -ExecutionKey 'INVOKED' @with
        (Get-FlowExecution -ExecutionKey INVOKED @with).ExecutedBy | Should -Be $me
        (New-Flow mine Mine @{} @with).CreatedBy | Should -Be $me
        (New-Flow theirs Theirs @{} -CreatedBy $other @with).CreatedBy | Should -Be $other
    }

    It 'shows role and user, and nothing of the claims in any stream, property or error' {
        $secret = 'geheim-4711'
        $all = & {
            $VerbosePreference = $DebugPreference = $ErrorActionPreference = 'Continue'
            $connection = Connect-LeoDatabase $uri -Name roles-x -Role authenticated -UserId $me -Claims @{ email = $secret }
            $connection | Format-List * | Out-String
            $connection | Format-Table | Out-String -Width 200
            $connection | ConvertTo-Json
            Test-LeoDatabase -Connection roles-x | Format-List * | Out-String
            Get-LeoConnection roles-x | Out-String
            Set-HandoffStatus Sent -Id (Get-RowId h) -Connection roles-x
            foreach ($claims in "{`"sub`": `"$secret`"}", "[`"$secret`"]", "$secret", @{ sub = $secret }, @{ role = $secret }, @{ sub = $other; x = $secret }, { throw "no $(1 + 1)" }) {
                try { Connect-LeoDatabase $uri -Name roles-y -Role authenticated -UserId $me -Claims $claims }
                catch { "refused: $_"; $_ | Format-List * -Force | Out-String }
            }
        } *>&1 | Out-String -Width 500
        $all | Should -Not -Match $secret
        $all | Should -Match "authenticated for $("$me".Substring(0, 8))"
        [regex]::Matches($all, 'refused: ').Count | Should -Be 7
        Get-LeoConnection roles-y -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'warns where a user is named and the role is not bound by row level security, and only there' {
        $super = $server.Uri -replace '/leops$', '/leops_roles'
        $said = Connect-LeoDatabase $super -Name roles-x -UserId $me 3>&1
        @($said)[0].Message | Should -Match 'Row level security does not bind role leops.*-Role authenticated'
        Connect-LeoDatabase $super -Name roles-x -UserId $me -Role service_role 3>&1 | Should -BeOfType LeoPS.LeoConnection
        Connect-LeoDatabase $uri -Name roles-x -UserId $me -Role authenticated 3>&1 | Should -BeOfType LeoPS.LeoConnection
        Connect-LeoDatabase $super -Name roles-x 3>&1 | Should -BeOfType LeoPS.LeoConnection
    }

    It 'says which grant is missing for a role that is not the login''s to take' {
        Invoke-TestSql 'create role leops_closed nologin'
        try {
            $failure = { Connect-LeoDatabase $uri -Name roles-x -Role leops_closed } | Should -Throw -PassThru -ErrorId 'Forbidden,*'
            "$failure" | Should -Match 'grant "leops_closed" to "leops_authenticator"'
        }
        finally {
            Invoke-TestSql 'drop role leops_closed'
        }
        { Connect-LeoDatabase $uri -Name roles-x -Role 'no "such'' role; --' } | Should -Throw -ErrorId 'ConnectionFailed,*'
    }

    It 'holds inside a transaction, also behind a row that failed' {
        $with = @{ Connection = Connect-LeoDatabase $uri -Name roles-x -Role authenticated -UserId $me }
        $runs = Invoke-LeoTransaction @with -ErrorAction Continue {
            Start-FlowExecution flow-own @with
            Start-FlowExecution flow-own -ExecutedBy $other @with -ErrorAction SilentlyContinue
            Start-FlowExecution flow-own @with
        }
        @($runs.Metadata.uid) | Should -Be "$me", "$me"
        @($runs.Metadata.role) | Should -Be 'authenticated', 'authenticated'
    }
}
