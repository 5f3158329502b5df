-- description: The lists on which something stands that the cloud is busy with.
-- service: reconciler
-- mode: read

-- in every region of the type: a row may already ask for another one than that in which the cloud is busy
create or replace function iasql.busy_listings() returns table (resource text, region text)
language sql stable as $$
  select l.resource, l.region
  from   iasql.listings() l
  where  l.resource in (select s.resource from iasql.step s where s.action = 'wait')
$$;
