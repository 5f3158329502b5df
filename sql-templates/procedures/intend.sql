-- description: Writes down what is about to be done, before it is done.
-- service: reconciler
-- mode: write
-- optional: region, row_id

create or replace function iasql.intend(counter bigint, run uuid, resource text, region text, name text, row_id uuid, action text) returns table (id bigint, token uuid)
language plpgsql as $$
begin
  perform iasql.hold(counter);
  return query
    insert into iasql.change as c (run, resource, region, name, row_id, action, token)
    values (intend.run, intend.resource, intend.region, intend.name, intend.row_id, intend.action,
            -- the same attempt again, where nobody knows how the first one ended
            coalesce((select u.token from iasql.change u where u.row_id = intend.row_id and u.action = intend.action and u.state in ('intent', 'unanswered') order by u.id desc limit 1), gen_random_uuid()))
    returning c.id, c.token;
end
$$;
