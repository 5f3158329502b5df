-- What tests read and write.

set role pooler;

create table public.thing (
    id int primary key,
    what text
);

insert into public.thing
select n, 'thing ' || n
from generate_series(1, 1000) n;

create table public.note (
    id bigint generated always as identity primary key,
    what text not null
);

create sequence public.counter;

-- where one is, in a way that nobody sees who looks at the statement only
create view public.place as select pg_is_in_recovery() as standby;

-- a call that looks like a read
create function public.noted(what text) returns bigint language sql as
'insert into public.note (what) values ($1) returning id';

-- a read that writes though it calls nothing
create view public.writing as select public.noted('by a view') as id;

create schema cron;

create function cron.schedule(job text, schedule text, command text) returns bigint language sql as
'insert into public.note (what) values ($1 || $2 || $3) returning id';
