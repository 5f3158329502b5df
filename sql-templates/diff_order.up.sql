-- What is changed of a row stands below that row, also where something that is not ours has the same name.

create or replace function iasql.diff() returns setof text
language sql stable as $$
  with plan as materialized (select p.*, row_number() over (order by p.action = 'unmanaged', p.action) as n from iasql.plan p),
  line as (
    select p.resource, p.region, p.name, p.n, 0 as part, '' as field,
           case p.action when 'create' then '+' when 'adopt' then '=' when 'update' then '~' when 'replace' then '-/+' when 'delete' then '-' when 'wait' then '…' else '?' end
             || ' ' || p.resource || ' ' || p.name || case when p.region is null then '' else ' (' || p.region || ')' end
             || case when p.blocked then '  BLOCKED: ' || p.reason when p.reason is null or p.action in ('create', 'delete') then '' else '  # ' || p.reason end as said
    from   plan p
    union  all
    select p.resource, p.region, p.name, p.n, 1, c.key, '      ' || c.key || ': ' || coalesce(c.value ->> 0, 'null') || ' -> ' || coalesce(c.value ->> 1, 'null')
    from   plan p, jsonb_each(p.changed) c
    where  p.action <> 'wait'
    union  all
    select '~', l.region, l.resource, 0, 2, '', '! ' || l.resource || case when l.region = '' then '' else ' in ' || l.region end || ' can''t be seen, and is left alone: ' || l.blind
    from   iasql.listing l where l.blind is not null
    union  all
    select '~~', null, null, 0, 3, '', case when count(*) = 0 and exists (select from iasql.listing l where l.blind is not null) then 'Nothing to do where the cloud can be seen.'
             when count(*) = 0 then 'Nothing to do: the cloud is as the tables say.'
             else 'Plan: ' || concat_ws(', ', nullif(count(*) filter (where p.action = 'create'), 0) || ' to create', nullif(count(*) filter (where p.action = 'adopt'), 0) || ' to adopt',
               nullif(count(*) filter (where p.action = 'update'), 0) || ' to update', nullif(count(*) filter (where p.action = 'replace'), 0) || ' to replace',
               nullif(count(*) filter (where p.action = 'delete'), 0) || ' to delete', nullif(count(*) filter (where p.action = 'wait'), 0) || ' to wait for',
               nullif(count(*) filter (where p.action = 'unmanaged'), 0) || ' unmanaged and left alone') || '.' end
    from   plan p)
  select said from line order by resource, region, name, n, part, field
$$;
