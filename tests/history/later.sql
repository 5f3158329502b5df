-- A later version: columns come, and one goes.

begin;
select iasql.begin_change('tree.node');
alter table tree.node add column size integer not null default 7, add column shape text, drop column note;
comment on column tree.node.size is 'How large it is.';
comment on column tree.node.shape is 'Its shape.';
select iasql.end_change('tree.node');
set constraints all immediate;
select iasql.begin_change('tree.mark');
alter table tree.mark add column color text default 'red';
comment on column tree.mark.color is 'Its color.';
select iasql.end_change('tree.mark');
commit;
