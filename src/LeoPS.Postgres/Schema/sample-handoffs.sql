-- Sample rows: five handoffs per directive, oldest first in the letters: a accepted, r rejected, s sent, y ready, p preparing.
-- Every figure follows from the directive's and the handoff's number; only the times follow the clock.

with directive (n, sd_id, sd_key, letters, work, gain, files, issue) as (values
    (1, 'SD-UAT-001', 'SD-UAT-001', 'raayp', 'the acceptance run of the venture dashboard', 'All 34 journeys pass for the three pilot ventures',
     array['src/pages/VentureDashboard.tsx', 'src/components/JourneyStep.tsx', 'tests/e2e/journeys.spec.ts', 'docs/uat/checklist.md'], 'Safari 16 loses the filter when the tab sleeps'),
    (2, 'SD-UAT-002', 'SD-UAT-002', 'rrrrs', 'the masked acceptance environment', 'The nightly copy is ready at 04:10 and holds no clear-text address',
     array['ops/copy/nightly.sql', 'ops/copy/masking.yml', 'docs/uat/environment.md'], 'Free-text notes may still name people'),
    (3, 'SD-2026-001', 'SD-2026-001', 'aaasy', 'the move of the last import formats', 'All four formats run through the streaming importer',
     array['src/import/stream.ts', 'src/import/formats/csv.ts', 'src/import/formats/notion.ts', 'migrations/20260110_mappings.sql'], 'Mappings older than 2023 need a manual check'),
    (4, 'SD-2026-003', 'SD-2026-003', 'raasp', 'the portfolio cost dashboard', 'Cost per venture and workflow is shown with a delay of at most one hour',
     array['src/pages/CostDashboard.tsx', 'migrations/20260112_cost_views.sql', 'src/api/cost.ts', 'tests/unit/cost.test.ts'], 'Currency is US dollars only'),
    (5, 'SD-2026-007', 'SD-2026-007', 'aasyp', 'search across directives and retrospectives', 'Median answer time is 38 ms over 41,000 documents',
     array['migrations/20260115_search_index.sql', 'src/api/search.ts', 'src/pages/Search.tsx'], 'Umlauts rank lower than their plain forms'),
    (6, 'SD-2026-011', 'SD-2026-011', 'rassy', 'row level security on the exposed tables', 'Eleven tables are protected and each policy has a test per role',
     array['migrations/20260118_rls.sql', 'tests/policies/roles.test.sql', 'docs/security/role-matrix.md'], 'The reporting role still reads two tables in full'),
    (7, 'SD-2026-014', 'SD-2026-014', 'aarsy', 'webhook delivery with retries', 'Events arrive signed, at least once, 99.7 % of them within five seconds',
     array['src/webhooks/outbox.ts', 'src/webhooks/worker.ts', 'src/pages/Subscribers.tsx', 'docs/api/webhooks.md', 'tests/e2e/webhooks.spec.ts'], 'Subscribers that redirect are not followed'),
    (8, 'SD-AUTH-004', 'SD-AUTH-004', 'raasp', 'passkey sign-in for board members', 'Registration takes under a minute and recovery needs a second member',
     array['src/auth/passkeys.ts', 'src/pages/SignIn.tsx', 'tests/unit/passkeys.test.ts'], 'One hardware key model needs firmware 5.4'),
    (9, 'SD-BOARD-002', 'SD-BOARD-002', 'arsyp', 'the visual builder for board workflows', 'A workflow of twelve nodes is composed and published in ten minutes',
     array['src/builder/Canvas.tsx', 'src/builder/Palette.tsx', 'src/builder/validate.ts', 'tests/e2e/builder.spec.ts'], 'Undo stops at the last publication'),
    (10, 'SD-EXPORT-001', 'SD-EXPORT-001', 'aassy', 'scheduled exports to object storage', 'Nightly exports of all nine reporting views finish in four minutes',
     array['src/export/job.ts', 'src/export/parquet.ts', 'docs/ops/exports.md'], 'Deleted columns stay in old files'),
    (11, 'SD-OPS-009', 'SD-OPS-009', 'rasyp', 'connection pool limits and alerts', 'No service can take more than its share, and alerts come at 80 %',
     array['ops/pooler/limits.toml', 'ops/alerts/pooler.yml', 'docs/runbooks/pool-exhausted.md'], 'The batch service still opens two pools'),
    (12, '7d1f6f0e-52a4-4c0e-9a5e-3f1b8f0c2a21', 'SD-2026-021', 'rayyp', 'retrospective quality scoring', 'Scores agree with two human reviewers in 88 % of 250 cases',
     array['src/retro/score.ts', 'src/pages/RetroTrend.tsx', 'tests/unit/score.test.ts'], 'Retrospectives under 200 words score too low')
),
numbered as (
    select d.*, k,
           case substr(d.letters, k, 1) when 'a' then 'accepted' when 'r' then 'rejected' when 's' then 'sent' when 'y' then 'ready' else 'preparing' end as status,
           now() - (array[44, 27, 13, 5, 1])[k] * interval '1 day' - (d.n * 37 % 23) * interval '31 minutes'
               + case when k = 5 then d.n * interval '97 minutes' else interval '0' end as prepared,
           case when k <= 3 then 1 else 2 end as part,
           62 + (d.n * 17 + k * 11) % 36 + (d.n + k) % 10 / 10.0 as coverage,
           40 + (d.n * 31 + k * 13) % 180 as tests
    from directive d
    cross join generate_series(1, 5) as k
),
timed as (
    select t.*,
           case when status in ('sent', 'accepted', 'rejected') then prepared + (2 + n * k % 7) * interval '1 hour' end as sent,
           case when status in ('accepted', 'rejected') then prepared + (8 + n * k % 7 + (n * 3 + k * 7) % 40) * interval '1 hour' end as answered,
           case when status = 'rejected' then 2 + (n + k) % 5 when status = 'preparing' then 1 else 0 end as failures,
           status = 'preparing' as unfinished
    from numbered t
)
insert into public.exec_handoff_preparations (
    id, session_id, sd_id, handoff_status, implementation_summary, quality_metrics, test_results, performance_benchmarks, security_validation,
    accessibility_compliance, demo_url, documentation_url, test_report_url, deliverables_manifest, known_issues, post_implementation_notes,
    prepared_at, sent_at, response_at, created_at, updated_at)
select md5('leops sample handoff ' || t.sd_key || ' ' || t.k)::uuid,
       s.id,
       t.sd_id,
       t.status,
       case when t.unfinished then 'Part ' || t.k || ' of ' || t.work || ': work in progress.'
            else 'Part ' || t.k || ' of ' || t.work || ' is complete. ' || t.gain || '. '
                 || t.tests - t.failures || ' of ' || t.tests || ' unit tests pass with ' || t.coverage::numeric(4, 1) || ' % line coverage; '
                 || cardinality(t.files) || ' deliverables are listed in the manifest.' end,
       jsonb_build_object('coverage', t.coverage::numeric(4, 1), 'lintErrors', t.failures, 'complexity', (4 + t.n * t.k % 9)::int, 'codeQuality', 78 + (t.n * 5 + t.k) % 20),
       case when t.unfinished then '{}'::jsonb
            else jsonb_build_object(
                'unit', jsonb_build_object('total', t.tests, 'passed', t.tests - t.failures, 'failed', t.failures, 'coverage', t.coverage::numeric(4, 1)),
                'e2e', jsonb_build_object('total', 6 + t.n, 'passed', 6 + t.n - t.failures / 3, 'failed', t.failures / 3)) end,
       case when t.unfinished then '{}'::jsonb
            else jsonb_build_object('p50Ms', 20 + t.n * 7 % 40, 'p95Ms', 90 + (t.n * 41 + t.k * 17) % 260, 'bundleKb', 310 + t.n * 13) end,
       jsonb_build_object('vulnerabilities', jsonb_build_object('critical', 0, 'high', case when t.status = 'rejected' then 1 else 0 end, 'medium', t.n % 3),
                          'rlsVerified', t.n % 4 <> 0, 'scannedAt', to_char(t.prepared at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')),
       case when s.implementation_type = 'UI_COMPONENT' then jsonb_build_object('standard', 'WCAG 2.1 AA', 'score', 88 + (t.n + t.k) % 12, 'violations', t.failures / 2)
            else '{}'::jsonb end,
       case when s.implementation_type = 'UI_COMPONENT' then 'https://preview.example.com/' || lower(t.sd_key) || '/' || t.k end,
       case when not t.unfinished then 'https://docs.example.com/' || lower(t.sd_key) end,
       case when not t.unfinished then 'https://ci.example.com/reports/' || lower(t.sd_key) || '/' || t.k || '.html' end,
       case when not t.unfinished then t.files[:2 + (t.n + t.k) % 4] end,
       case when t.unfinished then null when (t.n + t.k) % 3 = 0 then '{}'::text[] else array[t.issue] end,
       case when t.unfinished then null
            else 'Decided: the public API stays as it is. Used: ' || 6 + t.n * t.k % 19 || ' hours of EXEC. Next: PLAN verifies the acceptance criteria.'
                 || case when t.status = 'rejected'
                         then E'\n' || to_char(t.answered at time zone 'UTC', 'YYYY-MM-DD') || ' rejected: '
                              || case when t.coverage < 80 then 'unit coverage of ' || t.coverage::numeric(4, 1) || ' % is below 80 %' else t.failures || ' unit tests fail' end
                         else '' end end,
       t.prepared, t.sent, t.answered, t.prepared, coalesce(t.answered, t.sent, case when t.status = 'ready' then t.prepared + interval '3 hours' else t.prepared end)
from timed t
join public.exec_implementation_sessions s on s.id = md5('leops sample session ' || t.sd_key || ' ' || t.part)::uuid;
