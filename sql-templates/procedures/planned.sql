-- description: Every step of the plan as it stands, with the ids that it is ordered by and a hash of the row that it is to make so.
-- service: reconciler
-- mode: read
-- optional: region, changed, reason, row_id, observed_id, content

create or replace function iasql.planned()
returns table (
  id text, resource text, region text, key jsonb, name text, action text, changed jsonb, reason text, blocked boolean,
  row_id uuid, observed_id bigint, wants uuid[], holds bigint[], goes_with bigint[], creates_first boolean, content text)
language sql stable as $$
  with step as materialized (
    select * from iasql.step
  ), content as (
    select c.row_id, c.content
    from   (select s.resource, array_agg(s.row_id) as row_ids from step s where s.row_id is not null group by s.resource) g
    cross  join lateral iasql.contents(g.resource, g.row_ids) c
  )
  select s.id, s.resource, s.region, s.key, s.name, s.action, s.changed, s.reason, s.blocked,
         s.row_id, s.observed_id, s.wants, s.holds, s.goes_with, s.creates_first, c.content
  from   step s left join content c on c.row_id = s.row_id
  order  by s.resource, s.region, s.name
$$;
