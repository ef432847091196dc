-- Ten flows and :rows queued runs of them, among as many that have ended. Run before each measurement.
set client_min_messages = warning;
truncate public.crewai_flow_executions, public.crewai_flows cascade;

insert into public.crewai_flows (id, flow_key, flow_name, flow_definition, status, execution_count)
select md5('flow' || n)::uuid, 'bench-flow-' || n, 'Bench flow ' || n, '{}'::jsonb, 'active', 0
from generate_series(0, 9) n;

-- Without the counting trigger, which takes minutes over one large statement.
set session_replication_role = replica;
insert into public.crewai_flow_executions (id, flow_id, execution_key, input_state, status, started_at, completed_at, execution_mode)
select md5('run' || n)::uuid, md5('flow' || n % 10)::uuid, 'BENCH-FLOW-' || n % 10 || '-' || n,
       jsonb_build_object('agenda', 'Item ' || n, 'number', n),
       case when n > :rows then 'failed' else 'pending' end,
       now() - interval '1 hour' + n * interval '1 millisecond',
       case when n > :rows then now() - interval '30 minutes' end,
       'manual'
from generate_series(1, 2 * :rows) n;
set session_replication_role = origin;

vacuum (full, analyze) public.crewai_flow_executions;
vacuum (full, analyze) public.crewai_flows;
checkpoint;
