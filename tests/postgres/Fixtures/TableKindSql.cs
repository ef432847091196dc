namespace LeoPS.PostgresTests.Fixtures;

/// <summary>The statements that turn the five tables of an installed database into another kind.</summary>
internal static class TableKindSql
{
    private const string Tables = "{strategic_directives_v2,exec_implementation_sessions,exec_handoff_preparations,crewai_flows,crewai_flow_executions}";

    /// <summary>Moves the tables, their constraints and triggers to schema stored.</summary>
    private const string Store = $$"""
        create schema stored;
        do $$ declare t text; begin
          foreach t in array '{{Tables}}'::text[] loop execute format('alter table public.%I set schema stored', t); end loop;
        end $$;

        """;

    /// <summary>The statements, each to be committed before the next; none for plain tables.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="server">Where foreign tables connect to.</param>
    /// <param name="database">The database that foreign tables connect to.</param>
    public static string[] For(TableKind kind, ConnectionSettings server, string database) => kind switch
    {
        TableKind.Partitioned => [Partition],
        TableKind.View => [Store, View],
        // Its other connection must see what the first statements did.
        TableKind.Foreign => [Store + CountThere, Foreign(server, database)],
        _ => [],
    };

    /// <summary>The partition of old runs has its columns at other places than the parent, as one has that was attached.</summary>
    private const string Partition = $$"""
        do $$ declare t text; n int; begin
          foreach t in array '{{Tables}}'::text[] loop
            execute format('alter table %I rename to %I', t, t || '_old');
            execute format(
              'create table %I (like %I including defaults including constraints including comments) partition by %s',
              t, t || '_old', case t when 'crewai_flow_executions' then 'range (started_at)' else 'hash (id)' end);
            if t = 'crewai_flow_executions' then
              create table runs_old (gone int, metadata jsonb);
              alter table runs_old drop column gone;
              for n in select 1 loop
                execute (select format('alter table runs_old %s', string_agg(format('add column %I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', '))
                         from pg_attribute a where a.attrelid = t::regclass and a.attnum > 0 and a.attname <> 'metadata');
              end loop;
              alter table runs_old alter column id set not null, alter column flow_id set not null, alter column execution_key set not null;
              insert into crewai_flow_executions_old select * from crewai_flow_executions_old where false;
              alter table crewai_flow_executions_old drop constraint crewai_flow_executions_pkey cascade;
              alter table crewai_flow_executions_old drop constraint crewai_flow_executions_execution_key_key;
              alter table runs_old add check (execution_mode in ('manual', 'scheduled', 'triggered')),
                add check (status in ('pending', 'running', 'completed', 'failed', 'cancelled', 'timeout'));
              alter table runs_old rename constraint runs_old_execution_mode_check to crewai_flow_executions_execution_mode_check;
              alter table runs_old rename constraint runs_old_status_check to crewai_flow_executions_status_check;
              alter table crewai_flow_executions attach partition runs_old for values from (minvalue) to ('2026-01-01');
              create table runs_new partition of crewai_flow_executions default;
              alter table crewai_flow_executions add constraint crewai_flow_executions_pkey primary key (id, started_at);
              create index on crewai_flow_executions (execution_key);
            else
              for n in 0..3 loop
                execute format('create table %I partition of %I for values with (modulus 4, remainder %s)', t || '_' || n, t, n);
              end loop;
            end if;
            execute format('insert into %I select * from %I', t, t || '_old');
            execute format('drop table %I cascade', t || '_old');
            if t <> 'crewai_flow_executions' then execute format('alter table %I add primary key (id)', t); end if;
          end loop;
          alter table exec_handoff_preparations
            add foreign key (session_id) references exec_implementation_sessions (id) on delete cascade,
            add foreign key (sd_id) references strategic_directives_v2 (id) on delete cascade;
          alter table crewai_flow_executions add foreign key (flow_id) references crewai_flows (id) on delete cascade;
        end $$;
        create trigger execution_duration_calculator before update on crewai_flow_executions for each row
          when (new.completed_at is not null and old.completed_at is null) execute function calculate_execution_duration();
        create trigger flow_execution_counter after insert on crewai_flow_executions for each row execute function update_flow_execution_count();
        """;

    private const string View = $$"""
        create function stored.through_view() returns trigger language plpgsql as $$
        declare n bigint;
        begin
          if tg_op = 'INSERT' then
            execute format('insert into stored.%I select ($1).*', tg_table_name) using new;
            return new;
          elsif tg_op = 'DELETE' then
            execute format('delete from stored.%I where id = ($1).id', tg_table_name) using old;
            get diagnostics n = row_count;
            return case when n = 1 then old end;
          end if;
          execute (select format('update stored.%I set (%s) = (select ($1).*) where id = ($2).id returning *', tg_table_name, string_agg(quote_ident(a.attname), ', ' order by a.attnum))
                   from pg_attribute a where a.attrelid = tg_relid and a.attnum > 0) into new using new, old;
          get diagnostics n = row_count;
          return case when n = 1 then new end;
        end $$;
        do $$ declare t text; c record; begin
          foreach t in array '{{Tables}}'::text[] loop
            execute format('create view public.%I as select * from stored.%I', t, t);
            for c in select a.attname, pg_get_expr(d.adbin, d.adrelid) as value from pg_attrdef d
                     join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
                     where d.adrelid = format('stored.%I', t)::regclass loop
              execute format('alter view public.%I alter column %I set default %s', t, c.attname, c.value);
            end loop;
            execute format(
              'create trigger through_view instead of insert or update or delete on public.%I for each row execute function stored.through_view()', t);
          end loop;
        end $$;
        """;

    /// <summary>As on a server of its own, the counter finds the flows beside the runs.</summary>
    private const string CountThere = """
        create function stored.count_run() returns trigger language plpgsql as $$ begin
          update stored.crewai_flows set execution_count = coalesce(execution_count, 0) + 1, last_executed_at = now() where id = new.flow_id;
          return new;
        end $$;
        drop trigger flow_execution_counter on stored.crewai_flow_executions;
        create trigger flow_execution_counter after insert on stored.crewai_flow_executions for each row execute function stored.count_run();
        """;

    private static string Foreign(ConnectionSettings server, string database) => $$"""
        create extension postgres_fdw;
        create server itself foreign data wrapper postgres_fdw options (host '127.0.0.1', port '{{server.Port}}', dbname '{{database}}');
        create user mapping for current_user server itself options (user '{{server.UserName}}', password '{{server.Password}}');
        import foreign schema stored from server itself into public options (import_default 'true');
        """;
}
