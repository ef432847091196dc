-- One run of a flow: input and output state, tokens, cost, error.
-- This file is both what Install-LeoSchema runs and what Test-LeoSchema compares with: each definition stands in the form
-- in which the server prints it under an empty search_path. Checks alone are written with IN, because a check
-- that is made from its printed form is printed otherwise.

CREATE TABLE public.crewai_flow_executions (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    flow_id uuid NOT NULL,
    execution_key character varying(100) NOT NULL,
    input_state jsonb,
    output_state jsonb,
    status character varying(20) DEFAULT 'pending'::character varying,
    error_message text,
    error_stack text,
    error_type character varying(100),
    started_at timestamp with time zone DEFAULT now(),
    completed_at timestamp with time zone,
    duration_ms integer,
    token_count integer,
    cost_usd numeric(10,4),
    board_meeting_id uuid,
    executed_by uuid,
    execution_mode character varying(20) DEFAULT 'manual'::character varying,
    metadata jsonb
);

COMMENT ON COLUMN public.crewai_flow_executions.execution_key IS 'Unique identifier for tracking (format: FLOW-KEY-TIMESTAMP)';

COMMENT ON COLUMN public.crewai_flow_executions.board_meeting_id IS 'Links workflow execution to board meeting (when applicable)';

ALTER TABLE public.crewai_flow_executions ADD CONSTRAINT crewai_flow_executions_pkey PRIMARY KEY (id);

ALTER TABLE public.crewai_flow_executions ADD CONSTRAINT crewai_flow_executions_flow_id_fkey FOREIGN KEY (flow_id) REFERENCES public.crewai_flows(id) ON DELETE CASCADE;

ALTER TABLE public.crewai_flow_executions ADD CONSTRAINT crewai_flow_executions_execution_key_key UNIQUE (execution_key);

ALTER TABLE public.crewai_flow_executions ADD CONSTRAINT crewai_flow_executions_execution_mode_check CHECK (execution_mode IN ('manual', 'scheduled', 'triggered'));

ALTER TABLE public.crewai_flow_executions ADD CONSTRAINT crewai_flow_executions_status_check CHECK (status IN ('pending', 'running', 'completed', 'failed', 'cancelled', 'timeout'));

CREATE INDEX idx_flow_exec_board_meeting_id ON public.crewai_flow_executions USING btree (board_meeting_id);

CREATE INDEX idx_flow_exec_executed_by ON public.crewai_flow_executions USING btree (executed_by);

CREATE INDEX idx_flow_exec_flow_id ON public.crewai_flow_executions USING btree (flow_id);

CREATE INDEX idx_flow_exec_recent ON public.crewai_flow_executions USING btree (flow_id, started_at DESC);

CREATE INDEX idx_flow_exec_started_at ON public.crewai_flow_executions USING btree (started_at DESC);

CREATE INDEX idx_flow_exec_status ON public.crewai_flow_executions USING btree (status);

ALTER TABLE public.crewai_flow_executions ENABLE ROW LEVEL SECURITY;

CREATE POLICY executions_create ON public.crewai_flow_executions FOR INSERT TO public WITH CHECK (auth.uid() = executed_by);

CREATE POLICY executions_read_own ON public.crewai_flow_executions FOR SELECT TO public USING (auth.uid() = executed_by);

-- Overflows (22003) for a run of more than about 24.85 days: duration_ms is an integer.
CREATE FUNCTION public.calculate_execution_duration() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if new.started_at is not null then
        new.duration_ms := round(extract(epoch from (new.completed_at - new.started_at)) * 1000)::int;
    end if;
    return new;
end
$$;

CREATE TRIGGER execution_duration_calculator BEFORE UPDATE ON public.crewai_flow_executions FOR EACH ROW WHEN (((new.completed_at IS NOT NULL) AND (old.completed_at IS NULL))) EXECUTE FUNCTION public.calculate_execution_duration();

-- Runs with the rights of whoever inserts: for a user who may not update the flow, the counter stays.
CREATE FUNCTION public.update_flow_execution_count() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    update public.crewai_flows
    set execution_count = coalesce(execution_count, 0) + 1,
        last_executed_at = now()
    where id = new.flow_id;
    return new;
end
$$;

CREATE TRIGGER flow_execution_counter AFTER INSERT ON public.crewai_flow_executions FOR EACH ROW EXECUTE FUNCTION public.update_flow_execution_count();
