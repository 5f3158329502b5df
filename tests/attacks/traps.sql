-- Tables and views that run something of their owner's when somebody looks at them or writes to them.
create function public.spring() returns text language plpgsql as $$ begin perform public.tell('a trap'); return 'x'; end $$;
create function public.spring_of(x text) returns text language plpgsql immutable as $$ begin perform public.tell('an index'); return x; end $$;
create function public.spring_on() returns trigger language plpgsql as $$ begin perform public.tell('a trigger'); return new; end $$;
create domain public.sprung as text check (public.spring_of(value) is not null);

create view public.vpc as select v.*, public.spring() as seen from ec2.vpc v;
create view public.step as select public.spring() as seen;
create table public.ec2_vpc (x text default public.spring(), y text generated always as (public.spring_of('y')) stored, z public.sprung check (public.spring_of(z) is not null));
create index on public.ec2_vpc (public.spring_of(x));
create trigger spring_on before insert or update or delete on public.ec2_vpc for each row execute function public.spring_on();
create rule spring_too as on insert to public.setting do also select public.spring();
create materialized view public.found as select public.spring() as seen;
alter table public.ec2_vpc enable row level security;
alter table public.ec2_vpc force row level security;
create policy sprung on public.ec2_vpc using (public.spring() is not null);
insert into public.ec2_vpc (z) values ('z');
create type public.kind as enum ('check');
create function public.said(public.kind) returns text language plpgsql as $$ begin perform public.tell('a cast'); return 'check'; end $$;
create cast (public.kind as text) with function public.said(public.kind) as implicit;
alter default privileges grant all on tables to public;
alter default privileges grant all on functions to public;
