-- description: All clusters that engines are to lead, with what is sealed, and the sealed token for the organization that their machines are in.
-- service: reconciler
-- mode: write
-- optional: fly_organization, fly_sealed
create or replace function control.served_clusters()
returns table (database text, name text, wanted jsonb, change bigint, owner text, sealed text, fly_organization text, fly_sealed text)
language sql stable as $$
  select c.database, c.name, c.wanted, c.change, c.owner, c.sealed, f.organization, f.sealed
  from control.served_cluster as c
  left join control.fly_account as f on f.database = c.database
  -- those on AWS are led by RDS
  where c.wanted ->> 'provider' is distinct from 'aws'
  order by c.database, c.name
$$;
