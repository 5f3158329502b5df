-- a holder that has it already asks for it anew like anybody else: it may have been restarted under the same name
insert into control.lease as held (database, holder, counter, expires_at)
values ($1, $2, 1, clock_timestamp() + make_interval(secs => $3))
on conflict (database) do update set
  holder = excluded.holder, counter = held.counter + 1, expires_at = excluded.expires_at
where held.holder is null or held.expires_at <= clock_timestamp()
returning counter
