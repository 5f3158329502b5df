-- What a tenant may have: rows of ours, tables, views, types and functions of their own, settings of their login.
insert into logs.log_group (name) values ('one'), ('two');
update logs.log_group set retention_in_days = 7 where name = 'one';
delete from logs.log_group where name = 'two';
create table public.note (id integer primary key, said text default 'x' check (length(said) < 100));
create type public.mood as enum ('fine', 'not so');
create table public.diary (id bigint generated always as identity primary key, mood public.mood, at timestamptz default now(), raw bytea);
insert into public.diary (mood, raw) select case k % 2 when 0 then 'fine' else 'not so' end::public.mood, decode(md5(k::text), 'hex') from generate_series(1, 50) k;
create view public.mine as select g.name, d.mood from logs.log_group g cross join public.diary d;
create function public.twice(n integer) returns integer language sql immutable as 'select 2 * n';
create index diary_by_twice on public.diary (public.twice(id::integer));
comment on table public.diary is 'It''s mine; and "only" mine.';
do $$ begin execute format('alter role %I set search_path = "$user", logs, public', current_user); end $$;
do $$ begin execute format('alter role %I set application_name = %L', current_user, 'it''s; a "value"'); end $$;
