-- Notes have a colour.

select iasql.begin_change('small.note');
alter table small.note add column colour text;
comment on column small.note.colour is 'Its colour. NULL: the cloud decides.';
select iasql.end_change('small.note');
insert into small.applied (version) values (2);
