-- counter 0: it stands in no queue, so nobody else's request may become this one
insert into control.run (id, database, kind, asked_by, counter) values ($1, $2, $3, $4, 0)
