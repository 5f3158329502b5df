-- description: Has names that are words of Rust and of SQL.
-- service: loop
-- mode: read
-- callers: error

create or replace function wide.type(self text, "order" integer, "user" text) returns table (self text, "order" integer, "user" text, type text)
language sql stable as $$
  select type.self, type."order", type."user", 'type'
$$;
