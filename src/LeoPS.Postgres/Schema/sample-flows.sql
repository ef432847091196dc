-- Sample rows: three runnable flows and an archived one, and forty runs of them.

insert into public.crewai_flows (id, flow_key, flow_name, description, status, version, created_by, tags, flow_definition, metadata, created_at, updated_at)
select md5('leops sample flow ' || flow_key)::uuid, flow_key, flow_name, description, status, version, '5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c01', tags,
       jsonb_build_object(
           'nodes', (select jsonb_agg(jsonb_build_object('id', step, 'type', 'agent', 'position', jsonb_build_object('x', 180 * i, 'y', 80)) order by i)
                     from unnest(steps) with ordinality as u (step, i)),
           'edges', (select jsonb_agg(jsonb_build_object('source', steps[i], 'target', steps[i + 1]) order by i) from generate_series(1, cardinality(steps) - 1) as i)),
       jsonb_build_object('expectedMinutes', minutes), now() - interval '120 days', now() - interval '30 days'
from (values
    ('weekly-board-meeting', 'Weekly board meeting', 'Gathers the reports of finance, technology and market, discusses them, votes on open items.', 'active', 3,
     array['board', 'weekly'], array['collect-reports', 'summarise', 'find-red-flags', 'vote', 'write-minutes'], 18),
    ('emergency-board-session', 'Emergency board session', 'Called by an alert: lays out the situation, weighs options, decides.', 'active', 2,
     array['board', 'urgent'], array['assess-alert', 'weigh-options', 'decide'], 25),
    ('investment-approval', 'Investment approval', 'Examines a venture''s request for money in four disciplines and decides by weighted vote.', 'draft', 1,
     array['investment'], array['present-case', 'check-finance', 'check-technology', 'check-market', 'check-legal', 'weighted-vote'], 30),
    ('quarterly-portfolio-review', 'Quarterly portfolio review', 'Replaced by the weekly meeting.', 'archived', 5,
     array['board', 'quarterly'], array['collect-reports', 'rank-ventures'], 35)
) as flow (flow_key, flow_name, description, status, version, tags, steps, minutes)
on conflict do nothing;

-- The letters are the statuses of the runs, oldest first: c completed, f failed, x cancelled, t timeout, r running, p pending.
with run as (
    select i, substr('cccccfcccxcccftccccfcccxcfcctcfccxfcrrrrpppp', i, 1) as letter,
           (array['weekly-board-meeting', 'investment-approval', 'weekly-board-meeting', 'emergency-board-session'])[1 + i % 4] as active_key
    from generate_series(1, 44) as i
),
timed as (
    select i, letter,
           case when i <= 4 then 'quarterly-portfolio-review' else active_key end as flow_key,
           case letter when 'p' then now() - (45 - i) * interval '3 minutes'
                       -- One run has been going for nine hours: nobody will ever complete it.
                       when 'r' then now() - case when i = 37 then interval '9 hours' else (41 - i) * interval '4 minutes' end
                       else now() - (37 - i) * interval '19 hours 7 minutes' end as started,
           case letter when 't' then interval '5 minutes'
                       when 'f' then (20 + i * 53 % 400) * interval '1.013 seconds'
                       when 'x' then (5 + i * 7 % 50) * interval '1.207 seconds'
                       when 'c' then (180 + i * 211 % 1800) * interval '1.019 seconds' end as taken,
           6200 + i * 2917 % 41000 as tokens
    from run
)
insert into public.crewai_flow_executions (
    id, flow_id, execution_key, input_state, output_state, status, error_message, error_stack, error_type, started_at, completed_at, duration_ms,
    token_count, cost_usd, board_meeting_id, executed_by, execution_mode, metadata)
select md5('leops sample run ' || t.i)::uuid,
       f.id,
       upper(t.flow_key) || '-' || to_char(t.started at time zone 'UTC', 'YYYYMMDD"T"HH24MISS"Z"'),
       case t.flow_key
           when 'investment-approval' then jsonb_build_object('venture', (array['Northwind Labs', 'Heliograph', 'Quiet Harbor', 'Tessera'])[1 + t.i % 4], 'amountUsd', 50000 * (1 + t.i % 9), 'stage', 'seed')
           when 'emergency-board-session' then jsonb_build_object('trigger', (array['burn rate', 'compliance finding', 'outage'])[1 + t.i % 3], 'severity', 'high')
           else jsonb_build_object('agenda', jsonb_build_array('runway', 'hiring', 'risks'), 'attendees', 5 + t.i % 3) end,
       case when t.letter = 'c' then jsonb_build_object('decision', (array['approved', 'deferred', 'approved', 'declined'])[1 + t.i % 4],
                                                        'votes', jsonb_build_object('for', 4 + t.i % 3, 'against', t.i % 3), 'actionItems', 1 + t.i % 5) end,
       case t.letter when 'c' then 'completed' when 'f' then 'failed' when 'x' then 'cancelled' when 't' then 'timeout' when 'r' then 'running' else 'pending' end,
       case t.letter when 'f' then (array['The model refused the request: rate limit of 60 requests per minute reached', 'Report of finance is missing the month of March',
                                          'Answer of agent "vote" is not valid JSON'])[1 + t.i % 3]
                     when 't' then 'The run took longer than the limit of 300 s' end,
       case when t.letter = 'f' then E'Traceback (most recent call last):\n  File "flow.py", line ' || 40 + t.i || E', in kickoff\n    result = agent.execute(task)' end,
       case t.letter when 'f' then (array['RateLimitError', 'MissingInputError', 'OutputParserError'])[1 + t.i % 3] when 't' then 'TimeoutError' end,
       t.started,
       t.started + t.taken,
       round(extract(epoch from t.taken) * 1000)::int,
       case when t.letter in ('c', 'f', 't') then t.tokens end,
       case when t.letter in ('c', 'f', 't') then round(t.tokens * 0.000003, 4) end,
       case when t.flow_key <> 'investment-approval' then md5('leops sample meeting ' || t.i / 3)::uuid end,
       (array['5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c01', '5a0c7e52-9d0e-4f7b-8a35-6d1f0f4f1c02'])[1 + t.i % 2]::uuid,
       case when t.flow_key = 'weekly-board-meeting' then 'scheduled' when t.flow_key = 'emergency-board-session' then 'triggered' else 'manual' end,
       jsonb_build_object('model', 'gpt-4o-mini', 'attempt', 1)
from timed t
join public.crewai_flows f on f.flow_key = t.flow_key
on conflict do nothing;

-- The counting trigger has put every flow's last run at this very moment.
update public.crewai_flows f
set last_executed_at = (select max(e.started_at) from public.crewai_flow_executions e where e.flow_id = f.id)
where f.id in (select md5('leops sample flow ' || key)::uuid
               from unnest(array['weekly-board-meeting', 'emergency-board-session', 'investment-approval', 'quarterly-portfolio-review']) as key);
