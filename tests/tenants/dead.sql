-- A server that nobody answers at, with three databases on it that stand before all others.
insert into control.shard (name, url) values ('dead', 'postgres://postgres@127.0.0.1:1/postgres');
insert into control.database (name, shard, region, ready, active_at)
select 'dead_' || k, 'dead', 'us-east-1', true, clock_timestamp() + interval '1 hour' from generate_series(1, 3) as k;
