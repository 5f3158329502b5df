-- A secret is sealed as it is written: the row keeps what only the engine's private key can open. Rules for its value are looked at before.

create table iasql.sealing_key (
  id    text primary key,
  key   bytea not null,
  since timestamptz not null default clock_timestamp()
);
comment on table iasql.sealing_key is 'The engine''s public keys. Secrets are sealed to the newest; only the engine can open them.';
comment on column iasql.sealing_key.id is 'The key''s id.';
comment on column iasql.sealing_key.key is 'The public key, as OpenPGP has it.';
comment on column iasql.sealing_key.since is 'Since when it is sealed to.';

create table iasql.secret_rule (
  resource   text not null references iasql.resource (name) on delete cascade,
  field      text not null,
  name       text not null,
  expression text not null,
  primary key (resource, name)
);
comment on table iasql.secret_rule is 'The rules for the values of secrets: looked at before a value is sealed, for afterwards there is nothing to see.';
comment on column iasql.secret_rule.resource is 'The resource type.';
comment on column iasql.secret_rule.field is 'The column that holds the secret.';
comment on column iasql.secret_rule.name is 'The constraint.';
comment on column iasql.secret_rule.expression is 'What it asks of the value.';

-- The setup puts pgcrypto where no tenant can call it. A server may have it elsewhere already: the function is known by whose it is, not by its name.
create function iasql.sealer() returns text
language sql stable as $$
  select format('%I.%I', n.nspname, p.proname)
  from   pg_extension e
  join   pg_depend d on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e'
  join   pg_proc p on p.oid = d.objid and p.proname = 'pgp_pub_encrypt_bytea' and p.pronargs = 3
  join   pg_namespace n on n.oid = p.pronamespace
  where  e.extname = 'pgcrypto'
$$;
comment on function iasql.sealer is 'The function of pgcrypto that seals; NULL where this database has none.';

-- The database and the column are sealed in as well, so that a sealed text which is copied elsewhere is not opened there.
create function iasql.sealed(place text, value text) returns text
language plpgsql as $$
declare
  newest iasql.sealing_key;
  sealer  text := iasql.sealer();
  sealed  bytea;
begin
  if starts_with(value, 'iasql:sealed:') then
    if split_part(value, ':', 4) = current_database() then
      return value;
    end if;
    raise exception 'the value of % was sealed for another database, and can''t be opened for this one', place
      using errcode = 'invalid_parameter_value', hint = 'Write the value itself.';
  end if;
  select k.* into newest from iasql.sealing_key k order by k.since desc limit 1;
  if newest.id is null then
    raise exception '% can''t be written: no engine has laid its key here, so there is nothing to seal it to', place
      using hint = 'Whoever runs the engine gives it a key (iasql key new) and calls iasql setup for this database again.';
  elsif sealer is null then
    raise exception '% can''t be written: this database lacks the extension pgcrypto, which seals it', place
      using hint = 'Whoever runs the server installs it (Debian: postgresql-contrib) and calls iasql setup for this database again.';
  end if;
  execute format('select %s($1, $2, $3)', sealer) into sealed
    using convert_to(current_database() || ' ' || place || E'\n' || value, 'UTF8'), newest.key, 'cipher-algo=aes256';
  return 'iasql:sealed:' || newest.id || ':' || current_database() || ':' || replace(encode(sealed, 'base64'), E'\n', '');
end
$$;
comment on function iasql.sealed is 'A value as only the engine can open it; what is sealed for this database already stays as it is.';

create function iasql.secret_text(resource text, field text) returns text
language sql stable as $$
  select format(case when a.atttypid = 'jsonb'::regtype then 'coalesce(new.%I #>> ''{}'', '''')' else 'new.%I' end, field)
  from   pg_attribute a where a.attrelid = resource::regclass and a.attname = field
$$;
comment on function iasql.secret_text is 'How the text in a column of secrets is read, as SQL about a row called new.';

create function iasql.sealing(resource text, field text) returns text
language sql stable as $$
  select case when a.atttypid = 'jsonb'::regtype
              then format('to_jsonb(iasql.sealed(%L, case when %s like ''iasql:sealed:%%'' then new.%I #>> ''{}'' else new.%3$I::text end))', resource || '.' || field, iasql.secret_text(resource, field), field)
              else format('iasql.sealed(%L, new.%I)', resource || '.' || field, field) end
  from   pg_attribute a where a.attrelid = resource::regclass and a.attname = field
$$;
comment on function iasql.sealing is 'How the value in a column is sealed, as SQL about a row called new.';

-- What a rule says about a sealed text is of no use: it says yes to that, and the trigger asks it about the value.
create function iasql.move_secret_rules(resource text, secrets text[]) returns void
language plpgsql as $$
declare
  rule   record;
  sealed text;
begin
  delete from iasql.secret_rule r where r.resource = move_secret_rules.resource
  and    not exists (select from pg_constraint c where c.conrelid = move_secret_rules.resource::regclass and c.conname = r.name and pg_get_constraintdef(c.oid) like '%iasql:sealed:%');
  for rule in
    select c.conname, pg_get_expr(c.conbin, c.conrelid) as expression, a.attname as field, a.atttypid = 'jsonb'::regtype as is_json, cardinality(c.conkey) as fields
    from   pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey) and a.attname = any (secrets)
    where  c.conrelid = move_secret_rules.resource::regclass and c.contype = 'c' and pg_get_constraintdef(c.oid) not like '%iasql:sealed:%'
    -- whether there is a secret can be seen of a sealed one too
    and    regexp_replace(pg_get_expr(c.conbin, c.conrelid), 'num_nonnulls\(([^()]|\([^()]*\))*\)|\m' || a.attname || ' IS (NOT )?NULL', '', 'g') ~ ('\m' || a.attname || '\M')
    order  by c.conname
  loop
    if rule.fields > 1 then
      raise exception 'the rule % of % looks at the value of the secret % and at other columns', rule.conname, resource, rule.field
        using hint = 'A sealed value can only be asked whether it is NULL: make two rules of it.';
    end if;
    sealed := case when rule.is_json then format('%I #>> ''{}''', rule.field) else format('%I', rule.field) end;
    execute format('alter table %s drop constraint %I', resource, rule.conname);
    execute format('alter table %s add constraint %I check (case when (%s) like ''iasql:sealed:%%'' then true else %s end)', resource, rule.conname, sealed, rule.expression);
    insert into iasql.secret_rule (resource, field, name, expression) values (move_secret_rules.resource, rule.field, rule.conname, rule.expression);
  end loop;
end
$$;
comment on function iasql.move_secret_rules is 'Has the rules for a secret''s value looked at before it is sealed.';

create function iasql.refuse_secret(resource text, field text, rule text) returns void
language plpgsql as $$
begin
  raise exception 'new row for relation "%" violates check constraint "%"', split_part(resource, '.', 2), rule
    using errcode = 'check_violation', schema = split_part(resource, '.', 1), table = split_part(resource, '.', 2), column = field, constraint = rule,
          hint = replace(rule, '_', ' ');
end
$$;
comment on function iasql.refuse_secret is 'Refuses the value of a secret, which is not quoted.';

-- It runs last, so that other triggers see the value. Each write of a secret is another version, by which it is compared: of two sealed
-- texts nobody can tell whether they hold the same.
create or replace function iasql.make_secret_trigger(resource text, secrets text[]) returns void
language plpgsql as $$
begin
  perform iasql.move_secret_rules(resource, secrets);
  execute format($sql$
    create or replace function iasql.%1$I() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
    begin
      %2$s
      return new;
    end $body$
  $sql$, 'version_of_' || iasql.relation(resource),
    (select string_agg(format($one$if tg_op = 'INSERT' or new.%1$I is distinct from old.%1$I then
        new.%2$I := case when new.%1$I is not null then gen_random_uuid() end;
        if new.%1$I is not null then
          if %3$s not like 'iasql:sealed:%%' then
            %4$s
          end if;
          new.%1$I := %5$s;
        end if;
      end if;$one$, f, f || '_version',
        iasql.secret_text(resource, f),
        coalesce((select string_agg(format('if not coalesce((select %s from (select new.%I as %2$I) _new), true) then perform iasql.refuse_secret(%L, %L, %L); end if;',
                    r.expression, f, make_secret_trigger.resource, f, r.name), E'\n            ' order by r.name)
                  from iasql.secret_rule r where r.resource = make_secret_trigger.resource and r.field = f), 'null;'),
        iasql.sealing(resource, f)), E'\n      ') from unnest(secrets) f));
  execute format('comment on function iasql.%I is %L', 'version_of_' || iasql.relation(resource), 'Gives every write of a secret a version of its own, and seals it.');
  execute format('revoke all on function iasql.%I() from public', 'version_of_' || iasql.relation(resource));
  execute format('create or replace trigger z_seal_secrets before insert or update on %s for each row execute function iasql.%I()', resource, 'version_of_' || iasql.relation(resource));
  execute format('drop trigger if exists b_version_of_secrets on %s', resource);
end
$$;

create function iasql.seal_all(resource text, field text) returns bigint
language plpgsql as $$
declare
  sealed bigint;
begin
  -- neither a new version nor a change of the user's
  execute format('alter table %s disable trigger user', resource);
  execute format('update %1$s new set %2$I = %3$s where new.%2$I is not null and %4$s not like ''iasql:sealed:%%''',
    resource, field, iasql.sealing(resource, field), iasql.secret_text(resource, field));
  get diagnostics sealed = row_count;
  execute format('alter table %s enable trigger user', resource);
  if sealed > 0 then
    -- the planner has kept some of what stood there
    execute format('analyze %s (%I)', resource, field);
  end if;
  return sealed;
end
$$;
comment on function iasql.seal_all is 'Seals what stands in a column in plain, as the same version; answers how many rows that were.';

-- What is registered already.
select iasql.make_secret_trigger(s.resource, s.secrets)
from   (select f.resource, array_agg(f.field order by f.position) as secrets from iasql.field f where f.is_secret group by f.resource) s;
