-- The tables that the two tables of LeoPS refer to. Where one is there already, it is left exactly as it is.

-- A unit of planned work. The id is a key such as SD-UAT-001 or a UUID as text; sd_key is the human one.
CREATE TABLE public.strategic_directives_v2 (
    id character varying(50) NOT NULL,
    sd_key text NOT NULL,
    title character varying(500) NOT NULL,
    status character varying(50) NOT NULL,
    category character varying(50) NOT NULL,
    priority character varying(20) NOT NULL,
    description text NOT NULL,
    rationale text NOT NULL,
    scope text NOT NULL,
    created_at timestamp with time zone DEFAULT now(),
    updated_at timestamp with time zone DEFAULT now()
);

ALTER TABLE public.strategic_directives_v2 ADD CONSTRAINT strategic_directives_v2_pkey PRIMARY KEY (id);

ALTER TABLE public.strategic_directives_v2 ADD CONSTRAINT strategic_directives_v2_sd_key_key UNIQUE (sd_key);

ALTER TABLE public.strategic_directives_v2 ENABLE ROW LEVEL SECURITY;

CREATE POLICY strategic_directives_v2_all ON public.strategic_directives_v2 FOR ALL TO service_role USING (true);

CREATE POLICY strategic_directives_v2_select ON public.strategic_directives_v2 FOR SELECT TO authenticated USING (true);

-- EXEC's work on one directive.
CREATE TABLE public.exec_implementation_sessions (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    sd_id text NOT NULL,
    status text NOT NULL DEFAULT 'active'::text,
    implementation_type text NOT NULL,
    started_at timestamp with time zone DEFAULT now(),
    completed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now(),
    updated_at timestamp with time zone DEFAULT now()
);

ALTER TABLE public.exec_implementation_sessions ADD CONSTRAINT exec_implementation_sessions_pkey PRIMARY KEY (id);

ALTER TABLE public.exec_implementation_sessions ADD CONSTRAINT exec_implementation_sessions_sd_id_fkey FOREIGN KEY (sd_id) REFERENCES public.strategic_directives_v2(id) ON DELETE CASCADE;

ALTER TABLE public.exec_implementation_sessions ADD CONSTRAINT exec_implementation_sessions_status_check CHECK (status IN ('active', 'paused', 'completed', 'failed', 'cancelled'));

ALTER TABLE public.exec_implementation_sessions ADD CONSTRAINT exec_implementation_sessions_implementation_type_check CHECK (implementation_type IN ('UI_COMPONENT', 'API_ENDPOINT', 'DATABASE_CHANGE', 'AUTHENTICATION', 'SYSTEM_TOOLING', 'GENERAL_FEATURE'));

-- One active session per directive.
CREATE UNIQUE INDEX idx_exec_sessions_sd_active ON public.exec_implementation_sessions USING btree (sd_id) WHERE (status = 'active'::text);

CREATE INDEX idx_exec_sessions_sd_id ON public.exec_implementation_sessions USING btree (sd_id);

ALTER TABLE public.exec_implementation_sessions ENABLE ROW LEVEL SECURITY;

CREATE POLICY exec_sessions_all ON public.exec_implementation_sessions FOR ALL TO service_role USING (true);

CREATE POLICY exec_sessions_select ON public.exec_implementation_sessions FOR SELECT TO authenticated USING (true);

-- A stored workflow.
CREATE TABLE public.crewai_flows (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    flow_key character varying(100) NOT NULL,
    flow_name character varying(200) NOT NULL,
    description text,
    flow_definition jsonb NOT NULL,
    status character varying(20) DEFAULT 'draft'::character varying,
    version integer DEFAULT 1,
    created_by uuid,
    created_at timestamp with time zone DEFAULT now(),
    updated_at timestamp with time zone DEFAULT now(),
    metadata jsonb,
    tags text[] DEFAULT ARRAY[]::text[],
    execution_count integer DEFAULT 0,
    last_executed_at timestamp with time zone
);

ALTER TABLE public.crewai_flows ADD CONSTRAINT crewai_flows_pkey PRIMARY KEY (id);

ALTER TABLE public.crewai_flows ADD CONSTRAINT crewai_flows_flow_key_key UNIQUE (flow_key);

ALTER TABLE public.crewai_flows ADD CONSTRAINT crewai_flows_status_check CHECK (status IN ('draft', 'active', 'archived', 'deprecated'));

CREATE INDEX idx_crewai_flows_status ON public.crewai_flows USING btree (status);

ALTER TABLE public.crewai_flows ENABLE ROW LEVEL SECURITY;

CREATE POLICY flows_create_own ON public.crewai_flows FOR INSERT TO public WITH CHECK (auth.uid() = created_by);

CREATE POLICY flows_read_active ON public.crewai_flows FOR SELECT TO public USING (((status)::text = 'active'::text) OR ((status)::text = 'draft'::text));

CREATE POLICY flows_update_own ON public.crewai_flows FOR UPDATE TO public USING (auth.uid() = created_by);
