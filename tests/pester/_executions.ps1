# What the Pester files of the flow execution cmdlets share beside _shared.ps1 and _outcome.ps1.

function Reset-RunData {
    <#
    .SYNOPSIS
        Leaves so many active flows, three of other statuses, and so many runs of one status; gives back nothing.
    .DESCRIPTION
        Flow n (from 1) has the id md5('f' || n)::uuid and the key weekly-n; beside them are draft-flow, archived-flow and deprecated-flow.
        Run n has the id md5('e' || n)::uuid and the key RUN-n, belongs to flow 1 + n % flows, and began n minutes ago. No run is counted.
    #>
    [CmdletBinding()]
    param([int] $Flows = 3, [int] $Runs = 0, [string] $Status = 'running')
    Invoke-TestSql -Variable @{ flows = $Flows; runs = $Runs; status = $Status } @'
truncate public.crewai_flow_executions, public.crewai_flows;
insert into public.crewai_flows (id, flow_key, flow_name, flow_definition, status, metadata)
select md5('f' || n)::uuid, 'weekly-' || n, 'Weekly flow ' || n, '{"nodes": []}'::jsonb, 'active', '{"owner": "flow"}'::jsonb from generate_series(1, :flows) n
union all
select md5(status)::uuid, status || '-flow', 'A ' || status || ' flow', '{}', status, null::jsonb from unnest(array['draft', 'archived', 'deprecated']) status;
begin;
set local session_replication_role = replica;
insert into public.crewai_flow_executions (id, flow_id, execution_key, status, input_state, started_at, completed_at, duration_ms)
select md5('e' || n)::uuid, md5('f' || (1 + n % :flows))::uuid, 'RUN-' || n, :'status', jsonb_build_object('n', n), now() - make_interval(mins => n),
       case when :'status' not in ('pending', 'running') then now() end, case when :'status' not in ('pending', 'running') then n * 60000 end
from generate_series(1, :runs) n;
commit;
'@
}

function Get-RunId {
    <#
    .SYNOPSIS
        The ids of the n-th runs of Reset-RunData.
    #>
    param([Parameter(Mandatory, Position = 0)] [int[]] $Number)
    $Number | ForEach-Object { Get-TestId $_ -Letter e }
}

function Get-Run {
    <#
    .SYNOPSIS
        The n-th runs of Reset-RunData as objects, in the order of the numbers.
    #>
    param([Parameter(Mandatory, Position = 0)] [int[]] $Number)
    foreach ($id in Get-RunId $Number) { Get-FlowExecution -Id $id }
}

function Get-FlowId {
    <#
    .SYNOPSIS
        The id of the n-th flow of Reset-RunData.
    #>
    param([Parameter(Mandatory, Position = 0)] [int] $Number)
    Get-TestId $Number -Letter f
}

function Get-FlowRow {
    <#
    .SYNOPSIS
        Flows by a pattern of their keys, as Get-Flow gives them; where that command is not there, rows with their Id, FlowId and FlowKey.
    #>
    param([string] $FlowKey = 'weekly-*')
    if (Get-Command Get-Flow -Module LeoPS -ErrorAction Ignore) {
        return Get-Flow $FlowKey
    }
    Invoke-TestSql 'select id, flow_key from public.crewai_flows order by id' | ForEach-Object {
        $id, $key = $_ -split '\|'
        if ($key -like $FlowKey) {
            [pscustomobject]@{ PSTypeName = 'Deserialized.LeoPS.Flow'; Id = [guid]$id; FlowId = [guid]$id; FlowKey = $key; FlowDefinition = @{ nodes = @() }; Metadata = [pscustomobject]@{ owner = 'flow' } }
        }
    }
}

function Get-RunCount {
    <#
    .SYNOPSIS
        How many runs have which status, as "pending 2, running 3".
    #>
    (Invoke-TestSql "select status || ' ' || count(*) from public.crewai_flow_executions group by status order by 1") -join ', '
}

function Get-RunValue {
    <#
    .SYNOPSIS
        What an SQL expression over public.crewai_flow_executions gives for one run, as text; a NULL is an empty text.
    #>
    param([Parameter(Mandatory, Position = 0)] [guid] $Id, [Parameter(Mandatory, Position = 1)] [string] $Expression)
    Invoke-TestSql "select $Expression from public.crewai_flow_executions where id = '$Id'"
}

function Get-FlowCount {
    <#
    .SYNOPSIS
        The execution_count of the n-th flows.
    #>
    param([Parameter(Mandatory, Position = 0)] [int[]] $Number)
    Invoke-TestSql "select f.execution_count from unnest(array[$($Number -join ',')]) with ordinality k(n, ord)
        join public.crewai_flows f on f.id = md5('f' || k.n)::uuid order by k.ord"
}
