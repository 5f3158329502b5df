-- A table whose rule looks at a secret and at another column.
create table ssm.odd (
  name         text primary key,
  kind         text,
  word         text,
  word_version uuid,
  constraint a_word_is_no_kind
    check (word <> kind)
);
comment on table ssm.odd is 'Odd.';
comment on column ssm.odd.name is 'Its name.';
comment on column ssm.odd.kind is 'Its kind.';
comment on column ssm.odd.word is '@secret Its word.';
comment on column ssm.odd.word_version is '@version Another one at each write of the word.';
select iasql.register('ssm.odd');
