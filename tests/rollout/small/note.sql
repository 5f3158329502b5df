-- Notes, and how often each version was applied to them.

create table small.note (
  name   text    not null primary key,
  weight integer not null default 0
);
comment on table small.note is 'A note.';
comment on column small.note.name is '@immutable Its name.';
comment on column small.note.weight is 'How much it weighs.';

select iasql.register('small.note');

create table small.applied (
  version integer not null
);
comment on table small.applied is 'A row each time that a version was applied.';
comment on column small.applied.version is 'The version.';

insert into small.applied (version) values (1);
