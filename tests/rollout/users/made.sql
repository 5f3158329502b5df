-- What a user might make on top of ours: views on views, a function, grants, comments, a trigger, tables.

create table public.mine (name text primary key, weight integer);
create view public.heavy with (security_barrier = true) as select n.name, n.weight from small.note n where n.weight > 0;
comment on view public.heavy is 'What weighs something.';
comment on column public.heavy.weight is 'How much.';
grant select on public.heavy to public;
create view public.heaviest as select max(h.weight) as weight from public.heavy h;
create materialized view public.kept as select n.name, n.weight from small.note n;
create unique index kept_name on public.kept (name);
create function public.weigh() returns bigint language sql begin atomic select count(*) from small.note where weight > 0; end;
comment on function public.weigh is 'How many weigh something.';
create function public.put() returns trigger language plpgsql as 'begin insert into small.note (name, weight) values (new.name, new.weight); return new; end';
create trigger put instead of insert on public.heavy for each row execute function public.put();
