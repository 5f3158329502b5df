-- Functions that are called by whoever writes, indexes or plans; each notes it when that is an administrator.
create table public.caught (who text);
create function public.trap(n integer) returns integer language plpgsql immutable as $$
begin
  if (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user) then
    raise exception 'sprung by %', current_user;
  end if;
  return n;
end
$$;
create table public.trapped (n integer check (public.trap(n) > 0), m integer generated always as (public.trap(n)) stored);
insert into public.trapped (n) select generate_series(1, 10);
create index trapped_by_trap on public.trapped (public.trap(n)) where public.trap(1) = 1;
create materialized view public.trapped_view as select public.trap(n) as n from public.trapped;
create domain public.trapped_domain as integer check (public.trap(value) > 0);
create table public.trapped_more (n public.trapped_domain);
insert into public.trapped_more values (1);
