-- Weights have room for fractions, and notes a colour: whoever looks at them through a view of their own is in the way of this.

select iasql.begin_change('small.note');
alter table small.note alter column weight type numeric(12, 3), add column colour text;
comment on column small.note.colour is 'Its colour. NULL: the cloud decides.';
select iasql.end_change('small.note');
insert into small.applied (version) values (3);
