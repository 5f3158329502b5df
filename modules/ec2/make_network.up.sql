-- A whole network in one call: a VPC with a public and a private subnet in each zone, and their ways out.

create function ec2.make_network(name text, cidr_block cidr, zones text[], nat_gateway boolean default false, region text default iasql.default_region())
returns table (resource text, made text)
language plpgsql as $$
#variable_conflict use_column
declare
  bits   integer := 1;
  length integer;
begin
  if coalesce(cardinality(zones), 0) = 0 then
    raise exception 'a network needs at least one availability zone' using errcode = 'invalid_parameter_value', hint = 'Such as: array[''us-east-1a'', ''us-east-1b''].';
  end if;
  while (1 << bits) < 2 * cardinality(zones) loop
    bits := bits + 1;
  end loop;
  length := masklen(cidr_block) + bits;
  if length > 28 then
    raise exception '% is too small for % subnets', cidr_block, 2 * cardinality(zones) using errcode = 'invalid_parameter_value', hint = 'A subnet is a /28 at least.';
  end if;

  return query insert into ec2.vpc as made (region, name, cidr_block)
    values (make_network.region, make_network.name, make_network.cidr_block) returning 'ec2.vpc', made.name;
  return query insert into ec2.internet_gateway as made (region, name, vpc)
    values (make_network.region, make_network.name, make_network.name) returning 'ec2.internet_gateway', made.name;
  -- the public ones take the first half of the range, the private ones the second
  return query insert into ec2.subnet as made (region, name, vpc, cidr_block, availability_zone, map_public_ip_on_launch)
    select make_network.region, format('%s-%s-%s', make_network.name, kind.name, ltrim(replace(zone.name, make_network.region, ''), '-')), make_network.name,
           set_masklen(make_network.cidr_block::inet + ((zone.number - 1 + case when kind.name = 'public' then 0 else 1 << (bits - 1) end) << (32 - length)), length)::cidr,
           zone.name, kind.name = 'public'
    from   (values ('public'), ('private')) kind (name), unnest(zones) with ordinality zone (name, number)
    order  by kind.name desc, zone.number
    returning 'ec2.subnet', made.name;
  return query insert into ec2.route_table as made (region, name, vpc)
    values (make_network.region, make_network.name || '-public', make_network.name),
           (make_network.region, make_network.name || '-private', make_network.name) returning 'ec2.route_table', made.name;
  return query insert into ec2.route_table_association as made (region, subnet, route_table)
    select s.region, s.name, make_network.name || case when s.map_public_ip_on_launch then '-public' else '-private' end
    from   ec2.subnet s where (s.region, s.vpc) = (make_network.region, make_network.name)
    order  by s.cidr_block returning 'ec2.route_table_association', made.subnet;
  return query insert into ec2.route as made (region, route_table, destination, internet_gateway)
    values (make_network.region, make_network.name || '-public', '0.0.0.0/0', make_network.name) returning 'ec2.route', made.route_table || ' 0.0.0.0/0';
  if make_network.nat_gateway then
    return query insert into ec2.elastic_ip as made (region, name)
      values (make_network.region, make_network.name || '-nat') returning 'ec2.elastic_ip', made.name;
    return query insert into ec2.nat_gateway as made (region, name, subnet, elastic_ip, internet_gateway)
      select make_network.region, make_network.name, s.name, make_network.name || '-nat', make_network.name
      from   ec2.subnet s where (s.region, s.vpc) = (make_network.region, make_network.name)
      order  by s.cidr_block limit 1 returning 'ec2.nat_gateway', made.name;
    return query insert into ec2.route as made (region, route_table, destination, nat_gateway)
      values (make_network.region, make_network.name || '-private', '0.0.0.0/0', make_network.name) returning 'ec2.route', made.route_table || ' 0.0.0.0/0';
  end if;
end
$$;
comment on function ec2.make_network is 'Inserts the rows of a whole network and answers them: a VPC with a public and a private subnet in each zone, an internet gateway, route tables, and, if asked for, one NAT gateway for the private ones. select * from ec2.make_network(''shop'', ''10.20.0.0/16'', array[''us-east-1a'', ''us-east-1b'']);';

-- what a service's functions are granted is granted with its tables
select iasql.make_grants('ec2.vpc');
