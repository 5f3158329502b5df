-- nothing is returned where the same was asked for already
insert into control.run (id, database, kind, asked_by, request) values ($1, $2, $3, $4, $5) on conflict do nothing returning id
