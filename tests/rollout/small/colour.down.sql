-- Notes have no colour any more.

select iasql.begin_change('small.note');
alter table small.note drop column colour;
select iasql.end_change('small.note');
delete from small.applied where version = 2;
