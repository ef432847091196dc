-- Which of the wanted grants are missing. $1 roles, $2 objects such as "TABLE public.x", $3 privileges such as "SELECT, INSERT", all of one length.
-- "open" is true for a table without row level security.
select wanted.position,
       coalesce((select not c.relrowsecurity from pg_catalog.pg_class c where c.oid = wanted.relation and c.relkind in ('r', 'p')), false) as open
from (
    select w.position, w.privileges, r.oid as role,
           case when w.object like 'TABLE %' then to_regclass(substr(w.object, 7)) end as relation,
           case when w.object like 'SCHEMA %' then to_regnamespace(substr(w.object, 8)) end as namespace,
           case when w.object like 'FUNCTION %' then to_regprocedure(substr(w.object, 10)) end as function
    from unnest($1::text[], $2::text[], $3::text[]) with ordinality as w(role, object, privileges, position)
    join pg_catalog.pg_roles r on r.rolname = w.role
) wanted
where exists (
    select from unnest(string_to_array(wanted.privileges, ', ')) as privilege
    where not coalesce(
        has_table_privilege(wanted.role, wanted.relation, privilege),
        has_schema_privilege(wanted.role, wanted.namespace, privilege),
        has_function_privilege(wanted.role, wanted.function, privilege),
        true)
)
order by wanted.position;
