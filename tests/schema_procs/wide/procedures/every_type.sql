-- description: Answers a value of every type as it came.
-- service: loop
-- mode: write

create or replace function wide.every_type(
  yes boolean, small smallint, whole integer, big bigint, part double precision, said text, id uuid, document jsonb, at timestamptz, raw bytea)
returns table (
  yes boolean, small smallint, whole integer, big bigint, part double precision, said text, id uuid, document jsonb, at timestamptz, raw bytea)
language sql as $$
  select every_type.yes, every_type.small, every_type.whole, every_type.big, every_type.part,
         every_type.said, every_type.id, every_type.document, every_type.at, every_type.raw
$$;
