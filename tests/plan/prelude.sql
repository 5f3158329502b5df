-- What a case starts with: see_all() makes the cloud as the tables say, as if an engine had just made everything.

create schema prelude;

create function prelude.see_all() returns void
language plpgsql as $$
declare
  type   record;
  wanted record;
begin
  insert into iasql.run (id, kind, asked_by, counter) values ('00000000-0000-0000-0000-000000000001', 'check', 'a test', 0) on conflict do nothing;
  for type in select r.name, i.field from iasql.resource r join iasql.identity i on i.resource = r.name order by r.position loop
    for wanted in execute format('select r.* from iasql.%I r where not exists (select from observed.%I o where o.row_id = r.row_id)', 'resolved_' || iasql.relation(type.name), iasql.relation(type.name)) loop
      perform iasql.record(0, c.id, type.name, wanted.row_id, null,
        wanted.desired || jsonb_build_object('implicit', false)
          || case when type.field is null or wanted.desired ->> type.field is not null then '{}' else jsonb_build_object(type.field, split_part(type.name, '.', 2) || '-' || coalesce(wanted.desired ->> 'name', wanted.row_id::text)) end)
      from iasql.intend(0, '00000000-0000-0000-0000-000000000001', type.name, wanted.region, '', wanted.row_id, 'create') c;
    end loop;
  end loop;
  update iasql.listing set listed_at = now();
end
$$;

-- A network with a machine in it, which most cases are about.
create function prelude.shop() returns void
language sql as $$
  insert into ec2.vpc (name, cidr_block) values ('shop', '10.0.0.0/16');
  insert into ec2.subnet (name, vpc, cidr_block) values ('front', 'shop', '10.0.1.0/24');
  insert into ec2.security_group (name, vpc, description) values ('web', 'shop', 'Web servers');
  insert into ec2.security_group_rule (security_group, direction, ip_protocol, from_port, to_port, cidr_ipv4) values ('web', 'ingress', 'tcp', 443, 443, '0.0.0.0/0');
  insert into ec2.instance (name, subnet, image_id, instance_type) values ('server', 'front', 'ami-1', 't3.micro');
  insert into ec2.instance_security_group (instance, security_group) values ('server', 'web');
  select prelude.see_all();
$$;
