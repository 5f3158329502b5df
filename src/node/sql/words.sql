select pg_catalog.concat_ws(
  '; ',
  pg_catalog.format('create role %I login createdb replication password %L', $1::text, $3::text),
  -- the empty one that initdb made; in no session of ours is anything open in it
  case when $2::text <> 'postgres' then pg_catalog.format('alter database postgres rename to %I', $2::text) end,
  pg_catalog.format('alter database %I owner to %I', $2::text, $1::text)
)
