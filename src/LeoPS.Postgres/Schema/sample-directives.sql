-- Sample rows: strategic directives, and the sessions in which they were implemented. Ids are derived from keys, so they are the same everywhere.

insert into public.strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope, created_at, updated_at)
select id, sd_key, title, status, category, priority, description, rationale, scope, now() - age * interval '1 day', now() - age * interval '2 hours'
from (values
    ('SD-UAT-001', 'SD-UAT-001', 'User acceptance testing of the venture dashboard', 'active', 'quality', 'high', 62,
     'Walk every dashboard journey with three pilot ventures and fix what stops them.', 'Pilots report that half of the journeys end in support tickets.', 'Dashboard pages, their API routes, the acceptance checklist. Not the mobile client.'),
    ('SD-UAT-002', 'SD-UAT-002', 'Acceptance environment with masked production data', 'active', 'quality', 'medium', 60,
     'Provide a nightly copy of production in which personal data is masked.', 'Defects seen by customers cannot be reproduced on synthetic rows.', 'Copy job, masking rules, access review.'),
    ('SD-2026-001', 'SD-2026-001', 'Retire the legacy PRD importer', 'active', 'technical_debt', 'medium', 58,
     'Move the remaining four import formats to the streaming importer and remove the old one.', 'Two importers disagree about required fields.', 'Importer, its CLI, migration of 212 stored mappings.'),
    ('SD-2026-003', 'SD-2026-003', 'Portfolio cost dashboard', 'active', 'feature', 'high', 57,
     'Show token and infrastructure cost per venture, month and workflow.', 'Spend is known only when the invoice arrives.', 'Aggregation views, dashboard page, CSV export.'),
    ('SD-2026-007', 'SD-2026-007', 'Search across directives and retrospectives', 'active', 'feature', 'medium', 55,
     'Full-text search with filters for phase, owner and date.', 'Teams repeat work because they cannot find earlier decisions.', 'Search index, API endpoint, result page.'),
    ('SD-2026-011', 'SD-2026-011', 'Row level security review of public tables', 'active', 'security', 'critical', 54,
     'Enable row level security on every exposed table and test each policy.', 'An audit found eleven tables that any signed-in user could update.', 'Policies, policy tests, role matrix.'),
    ('SD-2026-014', 'SD-2026-014', 'Webhook delivery with retries and signatures', 'active', 'feature', 'high', 52,
     'Deliver venture events to subscribers at least once, signed, with back-off.', 'Partners poll the API every minute and still miss events.', 'Outbox table, delivery worker, subscriber settings page.'),
    ('SD-AUTH-004', 'SD-AUTH-004', 'Passkey sign-in for board members', 'active', 'security', 'high', 50,
     'Register and use passkeys, with recovery by a second board member.', 'Board accounts are the most valuable target and use passwords only.', 'Registration, sign-in, recovery, audit entries.'),
    ('SD-BOARD-002', 'SD-BOARD-002', 'Visual builder for board workflows', 'active', 'feature', 'high', 49,
     'Compose board workflows from nodes and edges, validate and publish them.', 'Each new workflow takes a developer two days.', 'Canvas, node palette, validation, publishing.'),
    ('SD-EXPORT-001', 'SD-EXPORT-001', 'Scheduled exports to object storage', 'active', 'feature', 'low', 47,
     'Write nightly Parquet exports of the reporting views.', 'Analysts query the primary server during business hours.', 'Export job, retention, access keys.'),
    ('SD-OPS-009', 'SD-OPS-009', 'Connection pool limits and alerts', 'active', 'infrastructure', 'critical', 45,
     'Cap pool sizes per service and alert before the pooler is exhausted.', 'Three outages in two months began with an exhausted pool.', 'Pool settings, dashboards, alert rules, runbook.'),
    ('7d1f6f0e-52a4-4c0e-9a5e-3f1b8f0c2a21', 'SD-2026-021', 'Retrospective quality scoring', 'active', 'feature', 'low', 40,
     'Score retrospectives for specificity and follow-up, and show the trend.', 'Most retrospectives hold sentences that would fit any project.', 'Scoring rules, trend page, weekly digest.')
) as directive (id, sd_key, title, status, category, priority, age, description, rationale, scope)
on conflict do nothing;

-- Each directive has a finished session and a running or paused one.
insert into public.exec_implementation_sessions (id, sd_id, status, implementation_type, started_at, completed_at, created_at, updated_at)
select md5('leops sample session ' || d.sd_key || ' ' || s.part)::uuid,
       d.id,
       case when s.part = 1 then 'completed' when d.sd_key = 'SD-OPS-009' then 'paused' else 'active' end,
       d.implementation_type,
       now() - s.started * interval '1 day',
       case when s.part = 1 then now() - interval '11 days' end,
       now() - s.started * interval '1 day',
       now() - case when s.part = 1 then interval '11 days' else interval '20 hours' end
from (values
    ('SD-UAT-001', 'SD-UAT-001', 'UI_COMPONENT'), ('SD-UAT-002', 'SD-UAT-002', 'SYSTEM_TOOLING'), ('SD-2026-001', 'SD-2026-001', 'SYSTEM_TOOLING'),
    ('SD-2026-003', 'SD-2026-003', 'UI_COMPONENT'), ('SD-2026-007', 'SD-2026-007', 'API_ENDPOINT'), ('SD-2026-011', 'SD-2026-011', 'DATABASE_CHANGE'),
    ('SD-2026-014', 'SD-2026-014', 'API_ENDPOINT'), ('SD-AUTH-004', 'SD-AUTH-004', 'AUTHENTICATION'), ('SD-BOARD-002', 'SD-BOARD-002', 'UI_COMPONENT'),
    ('SD-EXPORT-001', 'SD-EXPORT-001', 'GENERAL_FEATURE'), ('SD-OPS-009', 'SD-OPS-009', 'SYSTEM_TOOLING'),
    ('7d1f6f0e-52a4-4c0e-9a5e-3f1b8f0c2a21', 'SD-2026-021', 'GENERAL_FEATURE')
) as d (id, sd_key, implementation_type)
cross join (values (1, 75), (2, 10)) as s (part, started)
on conflict do nothing;
