-- Types whose rows refer to their own type and to one that comes later, with a list.

create schema tree;

create table tree.node (
  name   text primary key,
  parent text references tree.node (name) on update cascade,
  best   text,
  note   text
);
comment on table tree.node is 'A node.';
comment on column tree.node.name is 'Its name.';
comment on column tree.node.parent is 'The node above it.';
comment on column tree.node.best is 'A leaf.';
comment on column tree.node.note is 'Whatever.';
select iasql.register('tree.node');

create table tree.leaf (
  name text primary key,
  node text not null references tree.node (name) on update cascade
);
comment on table tree.leaf is 'A leaf.';
comment on column tree.leaf.name is 'Its name.';
comment on column tree.leaf.node is 'Where it hangs.';
select iasql.register('tree.leaf');

create table tree.mark (
  node   text,
  leaf   text references tree.leaf (name) on update cascade,
  weight integer,
  primary key (node, leaf),
  foreign key (node) references tree.node (name) on update cascade on delete cascade
);
comment on table tree.mark is 'The leaves that a node has marked.';
comment on column tree.mark.node is '@part marks The node.';
comment on column tree.mark.leaf is 'The leaf.';
comment on column tree.mark.weight is 'How much it weighs.';
select iasql.register('tree.mark');

set constraints all immediate;
select iasql.begin_change('tree.node');
alter table tree.node add foreign key (best) references tree.leaf (name) on update cascade;
select iasql.end_change('tree.node');
