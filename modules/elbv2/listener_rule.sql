-- A rule of a listener: which requests it takes, and what becomes of them.

-- One spelling for the values of one meaning: each once, in an order that every database shares.
create function elbv2.canonical_values(given jsonb) returns jsonb
language sql immutable as $$
  select case jsonb_typeof(given)
           when 'array' then (
             select coalesce(jsonb_agg(v.value order by v.value->>'key' collate "C" nulls first, v.value->>'value' collate "C", v.value #>> '{}' collate "C"), '[]')
             from   (select distinct e.value from jsonb_array_elements(given) e (value)) v)
           else jsonb_build_array(given) end
$$;
comment on function elbv2.canonical_values is 'Values in order, without any twice; a lone one as a list.';

create function elbv2.canonical_conditions(conditions jsonb) returns jsonb
language sql immutable as $$
  select coalesce(jsonb_object_agg(c.field, case
           when c.field = 'http_header' and jsonb_typeof(c.listed) = 'object' then
             (select coalesce(jsonb_object_agg(h.name, elbv2.canonical_values(h.listed)), '{}') from jsonb_each(c.listed) h (name, listed))
           else elbv2.canonical_values(c.listed) end), '{}')
  from   jsonb_each(conditions) c (field, listed)
$$;
comment on function elbv2.canonical_conditions is 'The conditions of a rule, each with its values in order, without any twice.';

create function elbv2.are_conditions(conditions jsonb) returns boolean
language sql immutable as $$
  select jsonb_typeof(conditions) = 'object'
         and conditions <> '{}'
         and conditions - '{host_header,http_header,http_request_method,path_pattern,query_string,source_ip}'::text[] = '{}'
         and not exists (select from jsonb_each(conditions - 'http_header') c (field, listed) where jsonb_typeof(c.listed) <> 'array' or c.listed = '[]')
$$;
comment on function elbv2.are_conditions is 'Whether all fields are ones that AWS knows, and each has a value.';

create function elbv2.spell_conditions() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if jsonb_typeof(new.conditions) = 'object' then
    new.conditions := elbv2.canonical_conditions(new.conditions);
  end if;
  return new;
end
$$;
comment on function elbv2.spell_conditions is 'Spells the conditions of a rule in the one way that can be compared.';

create table elbv2.listener_rule (
  region         text    not null default iasql.default_region(),
  listener       text    not null,
  priority       integer not null,
  conditions     jsonb   not null,
  target_group   text,
  redirect       jsonb,
  fixed_response jsonb,
  tags           jsonb   not null default '{}',
  arn            text,
  primary key (region, listener, priority),
  foreign key (region, listener) references elbv2.listener (region, name) on update cascade,
  foreign key (region, target_group) references elbv2.target_group (region, name) on update cascade,
  constraint a_priority_is_1_to_50000
    check (priority between 1 and 50000),
  constraint conditions_are_lists_of_values_by_field
    check (elbv2.are_conditions(conditions)),
  constraint a_request_is_forwarded_redirected_or_answered
    check (num_nonnulls(target_group, redirect, fixed_response) = 1),
  constraint a_redirect_says_where_to_with_http_301_or_http_302
    check (elbv2.is_redirect(redirect)),
  constraint a_fixed_response_has_a_status_code_of_2xx_4xx_or_5xx
    check (elbv2.is_fixed_response(fixed_response)),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table elbv2.listener_rule is 'A rule of a listener: requests that meet all of its conditions are forwarded, redirected or answered.';
comment on column elbv2.listener_rule.region is 'The AWS region, as in us-east-1.';
comment on column elbv2.listener_rule.listener is '@immutable @cascade The listener.';
comment on column elbv2.listener_rule.priority is 'Which rule is tried first: 1 before 2, up to 50000.';
comment on column elbv2.listener_rule.conditions is 'Which requests, as lists of values by field: host_header, path_pattern, http_request_method, source_ip, query_string (objects with key and value) and http_header (lists by header), as in {"path_pattern": ["/api/*"]}.';
comment on column elbv2.listener_rule.target_group is 'Where requests are forwarded to.';
comment on column elbv2.listener_rule.redirect is 'Where the client is sent instead: protocol, port, host, path, query, status_code (HTTP_301 or HTTP_302). What it does not say stays as it was.';
comment on column elbv2.listener_rule.fixed_response is 'What is answered instead: status_code, content_type, message_body.';
comment on column elbv2.listener_rule.tags is 'Tags by key.';
comment on column elbv2.listener_rule.arn is '@identity The name that AWS gave it: arn:aws:elasticloadbalancing:….';

create trigger spell_action before insert or update on elbv2.listener_rule for each row execute function elbv2.spell_action();
create trigger spell_conditions before insert or update on elbv2.listener_rule for each row execute function elbv2.spell_conditions();

select iasql.register('elbv2.listener_rule');
