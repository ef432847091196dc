-- What there is of the history, each object as HistoryStep describes it, with the body of a function.
select 'schema ' || n.nspname as object, null::text as body
from pg_catalog.pg_namespace n
where n.nspname = 'leops'

union all
select 'table leops.' || c.relname, null
from pg_catalog.pg_class c
where c.relnamespace = to_regnamespace('leops') and c.relkind in ('r', 'p')

union all
select 'index ' || i.relname || ' on leops.' || c.relname, null
from pg_catalog.pg_index x
join pg_catalog.pg_class i on i.oid = x.indexrelid
join pg_catalog.pg_class c on c.oid = x.indrelid
where c.relnamespace = to_regnamespace('leops')

union all
select 'function leops.' || p.proname || '()', p.prosrc
from pg_catalog.pg_proc p
where p.pronamespace = to_regnamespace('leops')

union all
select 'policy ' || p.polname || ' on leops.' || c.relname, null
from pg_catalog.pg_policy p
join pg_catalog.pg_class c on c.oid = p.polrelid
where c.relnamespace = to_regnamespace('leops')

union all
select 'trigger ' || t.tgname || ' on ' || n.nspname || '.' || c.relname, null
from pg_catalog.pg_trigger t
join pg_catalog.pg_proc p on p.oid = t.tgfoid and p.pronamespace = to_regnamespace('leops')
join pg_catalog.pg_class c on c.oid = t.tgrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where not t.tgisinternal;
