-- Fractions are lost.

select iasql.begin_change('small.note');
alter table small.note alter column weight type integer;
select iasql.end_change('small.note');
delete from small.applied where version = 3;
