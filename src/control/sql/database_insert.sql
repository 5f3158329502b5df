insert into control.database (name, shard, region) values ($1, $2, $3) on conflict (name) do nothing
