-- Fractions are lost, and colours.

select iasql.begin_change('small.note');
alter table small.note alter column weight type integer, drop column colour;
select iasql.end_change('small.note');
delete from small.applied where version = 3;
