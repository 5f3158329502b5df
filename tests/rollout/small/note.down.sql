-- No more notes.

drop table small.applied;
select iasql.unregister('small.note');
