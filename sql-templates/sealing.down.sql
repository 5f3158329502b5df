-- As version 2 has it: secrets stand as they were written. What is sealed could not be opened there, and would be sent as it stands.

do $$
declare
  secret record;
  sealed boolean;
begin
  for secret in select f.resource, f.field from iasql.field f where f.is_secret loop
    execute format('select exists (select from %s t where t.%I::text like ''%%iasql:sealed:%%'')', secret.resource, secret.field) into sealed;
    if sealed then
      raise exception 'secrets in % are sealed, and nothing of version 2 could open them', secret.resource
        using hint = 'Set them to NULL before, and write them again afterwards.';
    end if;
  end loop;
end
$$;

do $$
declare
  rule record;
begin
  for rule in select * from iasql.secret_rule loop
    execute format('alter table %s drop constraint %I', rule.resource, rule.name);
    execute format('alter table %s add constraint %I check (%s)', rule.resource, rule.name, rule.expression);
  end loop;
end
$$;

create or replace function iasql.make_secret_trigger(resource text, secrets text[]) returns void
language plpgsql as $$
begin
  execute format($sql$
    create function iasql.%1$I() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $body$
    begin
      %2$s
      return new;
    end $body$
  $sql$, 'version_of_' || iasql.relation(resource),
    -- no value asks for nothing, and so has no version
    (select string_agg(format('if tg_op = ''INSERT'' or new.%1$I is distinct from old.%1$I then new.%2$I := case when new.%1$I is not null then gen_random_uuid() end; end if;',
       f, f || '_version'), E'\n      ') from unnest(secrets) f));
  execute format('comment on function iasql.%I is %L', 'version_of_' || iasql.relation(resource), 'Gives every write of a secret a version of its own.');
  execute format('create trigger b_version_of_secrets before insert or update on %s for each row execute function iasql.%I()', resource, 'version_of_' || iasql.relation(resource));
end
$$;

do $$
declare
  type record;
begin
  for type in select f.resource, array_agg(f.field order by f.position) as secrets from iasql.field f where f.is_secret group by f.resource loop
    execute format('drop trigger z_seal_secrets on %s', type.resource);
    execute format('drop function iasql.%I()', 'version_of_' || iasql.relation(type.resource));
    perform iasql.make_secret_trigger(type.resource, type.secrets);
  end loop;
end
$$;

drop function iasql.seal_all(text, text);
drop function iasql.refuse_secret(text, text, text);
drop function iasql.move_secret_rules(text, text[]);
drop function iasql.sealing(text, text);
drop function iasql.secret_text(text, text);
drop function iasql.sealed(text, text);
drop function iasql.sealer();
drop table iasql.secret_rule;
drop table iasql.sealing_key;
