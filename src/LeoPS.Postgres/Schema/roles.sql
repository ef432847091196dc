-- The three roles that Supabase has and a plain PostgreSQL lacks. Nobody logs in as one of them.

CREATE ROLE anon NOLOGIN NOINHERIT;

CREATE ROLE authenticated NOLOGIN NOINHERIT;

-- Row level security does not bind it; only a superuser may make such a role before PostgreSQL 16.
CREATE ROLE service_role NOLOGIN NOINHERIT BYPASSRLS;
