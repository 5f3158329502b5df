-- description: Has a user's database have no databases below a domain any more. False: it still has some.
-- service: reconciler
-- mode: write
create or replace function control.served_domain_remove(database text, domain text) returns boolean
language plpgsql as $$
#variable_conflict use_column
begin
  delete from control.served_domain as d
  where d.domain = served_domain_remove.domain and d.database = served_domain_remove.database
    and not exists (select from control.served as s where s.domain = d.domain and s.database = d.database and s.gone_at is null);
  return not exists (
    select from control.served_domain as d where d.domain = served_domain_remove.domain and d.database = served_domain_remove.database
  );
end
$$;
