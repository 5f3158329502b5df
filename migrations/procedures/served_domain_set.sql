-- description: Has a user's database have databases below a domain, alone or with others who say so too. False: somebody else has it.
-- service: reconciler
-- mode: write
create or replace function control.served_domain_set(database text, owner text, domain text, shared boolean) returns boolean
language plpgsql as $$
#variable_conflict use_column
begin
  -- of two who come at once one waits, and sees the other
  perform pg_advisory_xact_lock(hashtextextended('control.served_domain ' || served_domain_set.domain, 0));
  if exists (
    select from control.served_domain as d
    where d.database <> served_domain_set.database
      and (
        d.domain = served_domain_set.domain and not (d.shared and served_domain_set.shared)
        -- the names below one that is somebody's alone are theirs too
        or not d.shared and served_domain_set.domain like '%.' || replace(d.domain, '_', '\_')
      )
  ) then
    return false;
  end if;
  insert into control.served_domain (domain, database, owner, shared)
  values (served_domain_set.domain, served_domain_set.database, served_domain_set.owner, served_domain_set.shared)
  on conflict (domain, database) do update set owner = excluded.owner, shared = excluded.shared;
  return true;
end
$$;
