-- description: Answers a list of every type as it came.
-- service: loop
-- mode: read

create or replace function wide.every_list(
  yes boolean[], small smallint[], whole integer[], big bigint[], part double precision[], said text[], id uuid[], document jsonb[],
  at timestamptz[], raw bytea[])
returns table (
  yes boolean[], small smallint[], whole integer[], big bigint[], part double precision[], said text[], id uuid[], document jsonb[],
  at timestamptz[], raw bytea[])
language sql stable as $$
  select every_list.yes, every_list.small, every_list.whole, every_list.big, every_list.part,
         every_list.said, every_list.id, every_list.document, every_list.at, every_list.raw
$$;
