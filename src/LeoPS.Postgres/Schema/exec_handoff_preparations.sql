-- What EXEC prepares and sends, and PLAN accepts or rejects.
-- This file is both what Install-LeoSchema runs and what Test-LeoSchema compares with: each definition stands in the form
-- in which the server prints it under an empty search_path. Checks alone are written with IN, because a check
-- that is made from its printed form is printed otherwise.

CREATE TABLE public.exec_handoff_preparations (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    session_id uuid NOT NULL,
    sd_id text NOT NULL,
    handoff_status text NOT NULL DEFAULT 'preparing'::text,
    implementation_summary text NOT NULL,
    quality_metrics jsonb DEFAULT '{}'::jsonb,
    test_results jsonb DEFAULT '{}'::jsonb,
    performance_benchmarks jsonb DEFAULT '{}'::jsonb,
    security_validation jsonb DEFAULT '{}'::jsonb,
    accessibility_compliance jsonb DEFAULT '{}'::jsonb,
    demo_url text,
    documentation_url text,
    test_report_url text,
    deliverables_manifest text[],
    known_issues text[],
    post_implementation_notes text,
    prepared_at timestamp with time zone DEFAULT now(),
    sent_at timestamp with time zone,
    response_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now(),
    updated_at timestamp with time zone DEFAULT now()
);

ALTER TABLE public.exec_handoff_preparations ADD CONSTRAINT exec_handoff_preparations_pkey PRIMARY KEY (id);

ALTER TABLE public.exec_handoff_preparations ADD CONSTRAINT exec_handoff_preparations_sd_id_fkey FOREIGN KEY (sd_id) REFERENCES public.strategic_directives_v2(id) ON DELETE CASCADE;

ALTER TABLE public.exec_handoff_preparations ADD CONSTRAINT exec_handoff_preparations_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.exec_implementation_sessions(id) ON DELETE CASCADE;

ALTER TABLE public.exec_handoff_preparations ADD CONSTRAINT exec_handoff_preparations_handoff_status_check CHECK (handoff_status IN ('preparing', 'ready', 'sent', 'accepted', 'rejected'));

CREATE INDEX idx_exec_handoff_preparations_session_id ON public.exec_handoff_preparations USING btree (session_id);

CREATE INDEX idx_exec_handoff_preparations_status ON public.exec_handoff_preparations USING btree (handoff_status);

ALTER TABLE public.exec_handoff_preparations ENABLE ROW LEVEL SECURITY;

CREATE POLICY exec_handoff_preparations_all ON public.exec_handoff_preparations FOR ALL TO service_role USING (true);

CREATE POLICY exec_handoff_preparations_select ON public.exec_handoff_preparations FOR SELECT TO authenticated USING (true);
