insert into control.schedule (database, cron, next_at) values ($1, $2, $3)
on conflict (database) do update set cron = excluded.cron, next_at = excluded.next_at
