-- What a database needs before which no gateway stands: its machine is told what a gateway would tell it, and Fly's proxy leads clients there.

create function serverless.bytes(bits bit varying) returns bytea
language sql immutable
return (
  select decode(string_agg(lpad(to_hex(substring(bits from at for 32)::bit(32)::integer), 8, '0'), '' order by at), 'hex')
  from   generate_series(1, length(bits), 32) as at);
comment on function serverless.bytes is 'Bits as bytes, where they are a multiple of 32.';

create function serverless.pad(key bytea, pattern text) returns bytea
language sql immutable
return serverless.bytes(
  ('x' || rpad(encode(case when length(key) > 64 then sha256(key) else key end, 'hex'), 128, '0'))::bit(512) # ('x' || repeat(pattern, 64))::bit(512));
comment on function serverless.pad is 'A key as HMAC-SHA-256 puts it before what it signs (RFC 2104).';

-- pgcrypto lies where no tenant can call it
create function serverless.verifier(password text, salt bytea default uuid_send(gen_random_uuid())) returns text
language plpgsql as $$
declare
  inside  bytea := serverless.pad(convert_to(password, 'UTF8'), '36');
  outside bytea := serverless.pad(convert_to(password, 'UTF8'), '5c');
  step    bytea := sha256(outside || sha256(inside || salt || '\x00000001'));
  mixed   bit(256) := ('x' || encode(step, 'hex'))::bit(256);
  stored  bytea;
  server  bytea;
begin
  for round in 2..4096 loop
    step := sha256(outside || sha256(inside || step));
    mixed := mixed # ('x' || encode(step, 'hex'))::bit(256);
  end loop;
  inside := serverless.pad(serverless.bytes(mixed), '36');
  outside := serverless.pad(serverless.bytes(mixed), '5c');
  stored := sha256(sha256(outside || sha256(inside || convert_to('Client Key', 'UTF8'))));
  server := sha256(outside || sha256(inside || convert_to('Server Key', 'UTF8')));
  return format('SCRAM-SHA-256$4096:%s$%s:%s', encode(salt, 'base64'), encode(stored, 'base64'), encode(server, 'base64'));
end
$$;
comment on function serverless.verifier is 'By what a password is checked, in Postgres'' own form (RFC 5802 and 7677): from it nobody finds the password.';

-- What gateway.database would refuse is refused in its words.
create function serverless.tell(app text, role text, engine text, idle_seconds integer, durability text, password text) returns void
language plpgsql as $$
declare
  wrong text := case
    when length(role) not between 1 and 63 or role !~ '^[a-z_][a-z0-9_]*$' or starts_with(role, 'pg_')
      or role in ('postgres', 'public', 'none', 'template0', 'template1') then 'a role is a name that postgres gives to users'
    when idle_seconds not between 0 and 86400 then 'an idle time is 0 to 86400 seconds'
    when durability not in ('pause', 'interval', 'sync') then 'durability is pause, interval or sync'
    when durability <> 'pause' and engine <> 'postgres' then format('of engine %s durability is pause', engine)
    when length(password) not between 8 and 1000 then 'a password has 8 to 1000 characters'
    -- what else there is has several spellings of the same (RFC 4013), of which a client sends one
    when length(password) <> octet_length(convert_to(password, 'UTF8')) then 'without a gateway a password is of ASCII signs'
  end;
begin
  if wrong is not null then
    raise exception '%', wrong using errcode = 'check_violation';
  end if;
  update fly.machine as m
  set env = m.env - '{IASQL_INSTANCE_IDLE_SECONDS,IASQL_INSTANCE_DURABILITY}'::text[] || jsonb_strip_nulls(jsonb_build_object(
    'IASQL_INSTANCE_ROLE', tell.role, 'IASQL_INSTANCE_ENGINE', tell.engine,
    'IASQL_INSTANCE_IDLE_SECONDS', tell.idle_seconds::text, 'IASQL_INSTANCE_DURABILITY', tell.durability))
  where m.app = tell.app and m.name = 'db';
  insert into fly.secret (app, name, value)
  select tell.app, 'IASQL_INSTANCE_VERIFIER', serverless.verifier(tell.password)
  where tell.password is not null
  on conflict on constraint secret_pkey do update set value = excluded.value;
end
$$;
comment on function serverless.tell is 'Tells a machine what a gateway would tell it, and by what the password is checked, where one is said.';

-- The proxy starts the machine when somebody calls, ends TLS, and stops it when nobody is connected any more.
create function serverless.lead_by_proxy(
  app text, name text, domain text, role text, engine text, idle_seconds integer, durability text, password text
) returns void
language plpgsql as $$
declare
  other text;
begin
  if domain is not null then
    raise exception 'a database without a gateway has no domain'
      using errcode = 'invalid_parameter_value', hint = 'It is reached as <app>.fly.dev: leave the domain away.';
  end if;
  -- of two who want it at once one waits, and sees the other
  perform pg_advisory_xact_lock(hashtextextended('serverless.database without a gateway ' || name, 0));
  other := (select d.app from serverless.database as d where not d.gateway and d.name = lead_by_proxy.name);
  if other is not null then
    raise exception 'the name % is that of another database without a gateway, of the app %', name, other
      using errcode = 'unique_violation', hint = 'Choose another name.';
  end if;
  -- of the addresses at which more than HTTP is reached this is the one that costs nothing
  insert into fly.ip_address (app, kind) values (lead_by_proxy.app, 'v6');
  update fly.machine as m
  -- a row that is deleted and inserted again has what that bucket has of it
  set env = m.env || jsonb_build_object(
        'IASQL_INSTANCE_DATABASE', md5(concat_ws('/', m.env ->> 'IASQL_INSTANCE_BUCKET', lead_by_proxy.name, role, engine))::uuid::text),
      metadata = m.metadata || jsonb_build_object('iasql_database', lead_by_proxy.name),
      services = '[{"protocol": "tcp", "internal_port": 5432, "autostop": "stop", "autostart": true, "min_machines_running": 0,
                    "ports": [{"port": 5432, "handlers": ["pg_tls"]}]}]'
  where m.app = lead_by_proxy.app and m.name = 'db';
  perform serverless.tell(app, role, engine, idle_seconds, durability, password);
end
$$;
comment on function serverless.lead_by_proxy is 'Has Fly''s proxy lead clients to a machine.';
