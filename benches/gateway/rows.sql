-- Databases that fall asleep a second after their last session, one that a busy client has, and some with many quiet sessions.

insert into gateway.database (name, role, password, idle_seconds)
select 'sleeper' || n, 'app', 'correct horse', 1
from generate_series(0, :sleepers) n;

insert into gateway.database (name, role, password, idle_seconds)
select 'parked' || n, 'app', 'correct horse', 3600
from generate_series(1, :parked) n;

insert into gateway.database (name, role, password, idle_seconds)
values ('busy', 'app', 'correct horse', 3600);

insert into gateway.database (name, role, password, idle_seconds)
select 'mover' || n, 'app', 'correct horse', 0
from generate_series(1, 20) n;
