-- Who is asking: Supabase's auth.uid(), for servers that do not have it.

CREATE SCHEMA auth;

-- Null on a direct connection. An ended transaction leaves its settings behind as '', hence the nullif.
CREATE FUNCTION auth.uid() RETURNS uuid
    LANGUAGE sql STABLE
    AS $$
    select nullif(coalesce(
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub',
        current_setting('request.jwt.claim.sub', true)), '')::uuid
$$;
