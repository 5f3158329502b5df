-- A cloud may keep no version of a secret, and tell a digest of it: then the version is remembered for as long as the digest is the same.

create function iasql.digest_of(resource text) returns text
language sql stable as $$
  select a.attname::text
  from   pg_attribute a
  where  a.attrelid = to_regclass(digest_of.resource) and a.attnum > 0 and not a.attisdropped
  and    exists (select from iasql.field f where f.resource = digest_of.resource and f.is_version)
  and    col_description(a.attrelid, a.attnum) ~ '^(@[a-z_]+ )*@digest '
  order  by a.attnum limit 1
$$;
comment on function iasql.digest_of is 'The column of a type that tells whether its secret is still the same; NULL where it has none.';

-- Whoever wrote something else has changed the digest with it: then nobody knows the version, and it is no longer ours.
create function iasql.with_remembered_versions(resource text, rows jsonb) returns jsonb
language plpgsql stable as $$
declare
  digest   text   := iasql.digest_of(resource);
  keys     text[] := iasql.observed_key(resource);
  versions text   := (select string_agg(format('%1$L, coalesce(nullif(s.item -> %1$L, ''null''), to_jsonb(o.%1$I))', f.field), ', ' order by f.position)
                      from iasql.field f where f.resource = with_remembered_versions.resource and f.is_version);
  known    jsonb;
begin
  if digest is null then
    return rows;
  end if;
  execute format($sql$
    select coalesce(jsonb_agg(s.item || case when o.id is null then '{}' else jsonb_build_object(%1$s) end order by s.place), '[]')
    from   jsonb_array_elements($1) with ordinality s (item, place)
    left   join observed.%2$I o on array[%3$s] = array[%4$s] and o.%5$I::text = s.item ->> %5$L
  $sql$, versions, iasql.relation(resource),
    (select string_agg(format('o.%I::text', k), ', ') from unnest(keys) k),
    (select string_agg(format('s.item ->> %L', k), ', ') from unnest(keys) k), digest) into known using rows;
  return known;
end
$$;
comment on function iasql.with_remembered_versions is 'Rows of a type as the cloud shows them, with the versions that it does not show where their digests are as they were.';

do $$
begin
  execute replace(pg_get_functiondef('iasql.help(text)'::regprocedure),
    $word$case when m.marks ~ '@exact ' then$word$,
    $word$case when m.marks ~ '@digest ' then 'tells whether the secret is still the same' end,
             case when m.marks ~ '@exact ' then$word$);
end
$$;
