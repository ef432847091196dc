-- Whether a history of the table named in $1 can be kept, which needs the columns $2: what hinders it, or null; and whether it is ours.
select case
           when c.oid is null then 'it is missing'
           when c.relkind not in ('r', 'p') then 'it is not a table'
           when missing.columns <> '' then 'it lacks ' || missing.columns
           when id.type <> 'uuid' then 'its id is of type ' || id.type || ', not uuid'
       end as hindrance,
       coalesce(pg_has_role(c.relowner, 'USAGE'), true) as is_owned
from (select to_regclass('public.' || $1) as oid) wanted
left join pg_catalog.pg_class c on c.oid = wanted.oid
left join lateral (
    select string_agg(n.name, ', ') as columns
    from unnest($2::text[]) as n(name)
    where not exists (
        select from pg_catalog.pg_attribute a
        where a.attrelid = c.oid and a.attname = n.name and a.attnum > 0 and not a.attisdropped)
) missing on true
left join lateral (
    select format_type(a.atttypid, null) as type
    from pg_catalog.pg_attribute a
    where a.attrelid = c.oid and a.attname = 'id' and not a.attisdropped
) id on true;
