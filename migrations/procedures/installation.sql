-- description: Answers with eight letters that tell this installation from others on the same server.
-- service: http
-- mode: read
-- callers: scheduler
create or replace function control.installation()
returns text
language sql stable as $$
  select left(md5(d.oid::text || ' ' || d.datname), 8) from pg_database as d where d.datname = current_database()
$$;
