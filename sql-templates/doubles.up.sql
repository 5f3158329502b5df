-- What was made twice, or lost from sight for a while, is found by its tag, and one of the two goes.

alter table iasql.change add column lost boolean not null default false;
comment on column iasql.change.lost is 'Whether its answer was lost: for an hour what it may have made is looked for.';
alter table iasql.change add column made text;
comment on column iasql.change.made is 'The id of what it made, as the cloud gave it: by it a thing of ours is told from a copy of its tag.';
create index change_that_may_have_made on iasql.change (row_id) where lost or made is not null;

create or replace function iasql.claim(resource text) returns void
language plpgsql as $$
declare
  twin text := format('observed.%I', iasql.relation(resource));
  id   text := (select f.field from iasql.field f where f.resource = claim.resource and f.is_identity);
  keys text := (select string_agg(format('d.%1$I is not distinct from o.%1$I', f.field), ' and ') from iasql.field f where f.resource = claim.resource and f.is_key
                having not exists (select from iasql.arm_reference r join iasql.field k on k.resource = r.resource and k.field = r.field and k.is_key where r.resource = claim.resource));
begin
  -- a creation whose answer was lost: the newcomer with our tag is the new one, and takes the place of the old
  execute format($sql$
    update %1$s old set row_id = null, superseded = true
    from   %1$s o
    where  o.row_id is null and not o.superseded and not o.implicit and o.owner = $1 || '/' || old.row_id and o.id > old.id
    and    exists (select from iasql.change c where c.row_id = old.row_id and c.resource = $2 and c.action = 'create' and c.state in ('intent', 'unanswered'))
  $sql$, twin) using iasql.setting('database'), resource;
  execute format($sql$
    update %1$s o set row_id = c.row_id, managed = true
    from   (select distinct on (split_part(n.owner, '/', 2)) n.id, split_part(n.owner, '/', 2)::uuid as row_id from %1$s n
            where  n.row_id is null and not n.superseded and not n.implicit
            and    n.owner ~ '^[^/]+/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' and split_part(n.owner, '/', 1) = $1
            order  by split_part(n.owner, '/', 2), n.id) c
    where  o.id = c.id and not exists (select from %1$s x where x.row_id = c.row_id)
    -- another database may have our name: only a row that is or was here makes a thing ours
    and    (exists (select from %2$s d where d.row_id = c.row_id) or exists (select from iasql.history h where h.row_id = c.row_id))
  $sql$, twin, resource) using iasql.setting('database');
  -- what was found by its tag is no longer unanswered
  execute format($sql$
    update iasql.change c set state = 'done', ended_at = clock_timestamp(), error = 'its answer was lost; it was found by its tag'
    from   %1$s o
    where  c.resource = $1 and c.action = 'create' and c.state in ('intent', 'unanswered') and o.row_id = c.row_id
  $sql$, twin) using resource;
  -- we made two for one row, where an answer was lost or a list did not show the first one: one is enough. A tag that somebody copied means nothing
  execute format($sql$
    update %1$s o set superseded = true, managed = true
    from   %1$s x
    where  o.row_id is null and not o.superseded and not o.implicit and o.owner = $1 || '/' || x.row_id and x.id < o.id
    and    exists (select from iasql.change c
                   where  c.row_id = x.row_id and c.resource = $2 and c.action = 'create'
                   and    (c.lost and c.started_at > clock_timestamp() - interval '1 hour' or c.made = %2$s))
  $sql$, twin, case when id is null then 'null' else format('o.%I', id) end) using iasql.setting('database'), resource;
  if id is not null then
    execute format($sql$
      update %1$s o set row_id = d.row_id, managed = not d.reference_only from %2$s d
      where  o.row_id is null and not o.superseded and o.%3$I = d.%3$I%4$s and not exists (select from %1$s x where x.row_id = d.row_id)
      -- what carries another one's tag can be referred to, and no more
      and    (d.reference_only or o.owner is null or o.owner = $1 || '/' || d.row_id)
    $sql$, twin, resource, id, case when exists (select from iasql.identity i where i.resource = claim.resource and i.is_regional) then ' and o.region = d.region' else '' end) using iasql.setting('database');
  end if;
  if keys is not null then
    execute format($sql$
      update %1$s o set row_id = c.row_id, managed = false
      from   (select distinct on (d.row_id) d.row_id, o.id from %2$s d join %1$s o on %3$s
              where  d.reference_only and o.row_id is null and not o.superseded and not exists (select from %1$s x where x.row_id = d.row_id) order by d.row_id, o.id) c
      where  o.id = c.id
    $sql$, twin, resource, keys);
  end if;
  -- a row that is only referred to is never ours, and forgotten with its row
  execute format('update %1$s o set managed = false from %2$s d where d.row_id = o.row_id and d.reference_only and o.managed', twin, resource);
  execute format('update %1$s o set row_id = null where o.row_id is not null and not o.managed and not exists (select from %2$s d where d.row_id = o.row_id)', twin, resource);
  -- what the cloud made by itself is never deleted: with its row it is only forgotten
  execute format('update %1$s o set row_id = null, managed = false where o.implicit and o.managed and not exists (select from %2$s d where d.row_id = o.row_id)', twin, resource);
end
$$;
