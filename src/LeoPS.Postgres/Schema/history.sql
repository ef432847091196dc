-- The history of status changes of one table, in a schema of our own: filled by triggers, changed by nobody.
-- Install-LeoSchema -WithHistory runs this once for each table, with {table}, {status} and {history} replaced; a line with {label}
-- stands once for each column by which people know the rows. Each CREATE and what follows it, up to the next CREATE, is one
-- step, done where the object is not there yet.

CREATE SCHEMA leops;

GRANT USAGE ON SCHEMA leops TO PUBLIC;

-- A row for each status that a row of {table} got, lost or changed; from is null for a new row, to for a deleted one, and no foreign
-- key takes the history of a deleted row away. changed_by cannot be forged; role, user and actor are what the session said.
-- transaction_id is the writer's, and a watcher's watermark: a row is new to whoever could not see that transaction before.
CREATE TABLE leops.{history} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    row_id uuid NOT NULL,
    {label} {type},
    changed_at timestamp with time zone NOT NULL,
    from_status text,
    to_status text,
    reason text,
    changed_by text NOT NULL,
    role text NOT NULL,
    user_id text,
    actor text,
    transaction_id xid8 NOT NULL
);

ALTER TABLE leops.{history} ENABLE ROW LEVEL SECURITY;

-- Whatever default privileges gave away; then everybody may read, and the policies say which rows.
DO $$
declare
    grantee text;
begin
    for grantee in
        select distinct case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end
        from pg_class c, aclexplode(c.relacl) a
        where c.oid in ('leops.{history}'::regclass, pg_get_serial_sequence('leops.{history}', 'id')::regclass) and a.grantee <> c.relowner
    loop
        execute format('revoke all on table leops.{history} from %s', grantee);
        execute format('revoke all on sequence %s from %s', pg_get_serial_sequence('leops.{history}', 'id'), grantee);
    end loop;
end
$$;

GRANT SELECT ON TABLE leops.{history} TO PUBLIC;

CREATE INDEX {history}_row_id ON leops.{history} (row_id, changed_at);

CREATE INDEX {history}_changed_at ON leops.{history} (changed_at, id);

CREATE INDEX {history}_transaction_id ON leops.{history} (transaction_id);

CREATE INDEX {history}_{label} ON leops.{history} ({label});

-- Whether the reader may read the row itself. A function, because a policy that names the table would keep its owner from
-- dropping it; the operator is qualified, because whoever reads brings his own search_path.
CREATE FUNCTION leops.{history}_is_visible(row_id uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS $$
begin
    return exists (select from public.{table} t where t.id operator(pg_catalog.=) {history}_is_visible.row_id);
end
$$;

CREATE POLICY visible_rows ON leops.{history} FOR SELECT TO public USING (leops.{history}_is_visible(row_id));

CREATE POLICY all_rows ON leops.{history} FOR SELECT TO service_role USING (true);

-- Even the owner does not change it by mistake: ALTER TABLE … DISABLE TRIGGER append_only comes first.
CREATE FUNCTION leops.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'leops.% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leops.{history} FOR EACH STATEMENT EXECUTE FUNCTION leops.refuse_change();

-- Runs as its owner, because nobody else may write the history. The planner remembers the first statement it saw, which may have had a
-- single row: without nested loops that plan is good for any number.
CREATE FUNCTION leops.record_{history}() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET enable_nestloop = off
    AS $$
<<change>>
declare
    at timestamptz := clock_timestamp();
    why text := nullif(current_setting('leops.reason', true), '');
    login text := session_user;
    in_role text := coalesce(nullif(current_setting('role', true), 'none'), session_user);
    for_user text := nullif(current_setting('request.jwt.claim.sub', true), '');
    claims text := nullif(current_setting('request.jwt.claims', true), '');
    actor text := nullif(current_setting('leops.actor', true), '');
begin
    -- Of use to one table only: with a trigger on a table of his own somebody could write what never happened.
    if tg_relid is distinct from to_regclass('public.{table}')::oid then
        return null;
    end if;
    if claims is not null then
        begin
            for_user := coalesce(claims::jsonb ->> 'sub', for_user);
        exception when others then
            -- Claims that are not JSON are no reason to refuse a change.
            for_user := null;
        end;
    end if;

    if tg_op = 'UPDATE' then
        insert into leops.{history} (
            {label},
            row_id, changed_at, from_status, to_status, reason, changed_by, role, user_id, actor, transaction_id)
        select
            coalesce(n.{label}, o.{label}),
            coalesce(n.id, o.id), change.at, o.{status}, n.{status}, {reason},
            change.login, change.in_role, change.for_user, change.actor, pg_current_xact_id()
        from new_rows n
        full join old_rows o on o.id = n.id
        where n.{status} is distinct from o.{status};
    elsif tg_op = 'INSERT' then
        insert into leops.{history} (
            {label},
            row_id, changed_at, from_status, to_status, reason, changed_by, role, user_id, actor, transaction_id)
        select
            n.{label},
            n.id, change.at, null, n.{status}, {reason},
            change.login, change.in_role, change.for_user, change.actor, pg_current_xact_id()
        from new_rows n
        where n.{status} is not null;
    elsif tg_op = 'DELETE' then
        insert into leops.{history} (
            {label},
            row_id, changed_at, from_status, to_status, reason, changed_by, role, user_id, actor, transaction_id)
        select
            o.{label},
            o.id, change.at, o.{status}, null, change.why,
            change.login, change.in_role, change.for_user, change.actor, pg_current_xact_id()
        from old_rows o
        where o.{status} is not null;
    else
        -- TRUNCATE: before it, while the rows are there.
        insert into leops.{history} (
            {label},
            row_id, changed_at, from_status, to_status, reason, changed_by, role, user_id, actor, transaction_id)
        select
            o.{label},
            o.id, change.at, o.{status}, null, change.why,
            change.login, change.in_role, change.for_user, change.actor, pg_current_xact_id()
        from public.{table} o
        where o.{status} is not null;
    end if;

    if found then
        perform pg_notify('{channel}', pg_current_xact_id()::text);
    end if;
    return null;
end
$$;

-- Nobody makes a trigger of it but its owner.
DO $$
declare
    grantee text;
begin
    for grantee in
        select case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end
        from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        where p.oid = 'leops.record_{history}()'::regprocedure and a.grantee <> p.proowner
    loop
        execute format('revoke all on function leops.record_{history}() from %s', grantee);
    end loop;
end
$$;

CREATE TRIGGER leops_history_insert AFTER INSERT ON public.{table} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION leops.record_{history}();

CREATE TRIGGER leops_history_update AFTER UPDATE ON public.{table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION leops.record_{history}();

CREATE TRIGGER leops_history_delete AFTER DELETE ON public.{table} REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION leops.record_{history}();

CREATE TRIGGER leops_history_truncate BEFORE TRUNCATE ON public.{table} FOR EACH STATEMENT EXECUTE FUNCTION leops.record_{history}();
