-- A hundred thousand handoffs (or :rows) of realistic size, all Ready. Run before each measurement.
set client_min_messages = warning;
truncate public.exec_handoff_preparations, public.exec_implementation_sessions, public.strategic_directives_v2 cascade;

insert into public.strategic_directives_v2 (id, sd_key, title, status, category, priority, description, rationale, scope)
select format('SD-BENCH-%s', lpad(n::text, 3, '0')), format('SD-BENCH-%s', lpad(n::text, 3, '0')), 'Directive ' || n,
       'active', 'engineering', 'medium', 'Bench', 'Bench', 'Bench'
from generate_series(1, 100) n;

insert into public.exec_implementation_sessions (id, sd_id, status, implementation_type)
select md5('session' || n)::uuid, format('SD-BENCH-%s', lpad(n::text, 3, '0')), 'active', 'GENERAL_FEATURE'
from generate_series(1, 100) n;

insert into public.exec_handoff_preparations (
    id, session_id, sd_id, handoff_status, implementation_summary,
    quality_metrics, test_results, performance_benchmarks, security_validation, accessibility_compliance,
    demo_url, documentation_url, test_report_url, deliverables_manifest, known_issues, prepared_at)
select md5('handoff' || n)::uuid, md5('session' || 1 + n % 100)::uuid, format('SD-BENCH-%s', lpad((1 + n % 100)::text, 3, '0')), 'ready',
       'Implements part ' || n || ' of the directive: endpoints, tests and documents, as planned.',
       jsonb_build_object('coverage', 60 + n % 40, 'lint_errors', n % 3, 'complexity', 7.25),
       jsonb_build_object('unit', jsonb_build_object('total', 120, 'passed', 120 - n % 5, 'coverage', 60 + n % 40)),
       jsonb_build_object('p95_ms', 100 + n % 250), jsonb_build_object('audit', 'passed'), jsonb_build_object('wcag', 'AA'),
       'https://demo.example.com/' || n, 'https://docs.example.com/' || n, 'https://ci.example.com/' || n,
       array['src/api/part' || n || '.ts', 'tests/part' || n || '.spec.ts', 'docs/part' || n || '.md'],
       array['Slow on first load'], now() - make_interval(secs => n)
from generate_series(1, :rows) n;

vacuum (full, analyze) public.exec_handoff_preparations;
vacuum analyze public.strategic_directives_v2;
checkpoint;
