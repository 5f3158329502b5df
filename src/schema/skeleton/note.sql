-- What somebody wanted to remember.

create table skeleton.note (
  id      bigint      primary key generated always as identity,
  body    text        not null,
  made_at timestamptz not null default clock_timestamp(),
  constraint a_note_is_not_blank check (body ~ '\S')
);

comment on table skeleton.note is 'What somebody wanted to remember.';
comment on column skeleton.note.id is 'Counts up.';
comment on column skeleton.note.body is 'What it says.';
comment on column skeleton.note.made_at is 'When it was added.';
