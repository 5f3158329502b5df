-- Twenty resource types to measure the plan on, shaped like those of a network: four times nets, subs, groups, rules, and boxes that carry groups.

create schema b;

create function b.mark(relation text, field text, said text) returns void
language plpgsql as $$
begin
  execute format('comment on column b.%I.%I is %L', relation, field, said);
end
$$;

-- Like ec2.vpc.
create function b.make_net(i integer) returns void
language plpgsql as $$
begin
  execute format($sql$
    create table b.net_%1$s (
      region text not null default iasql.default_region(), name text not null, cidr_block cidr not null, tenancy text,
      tags jsonb not null default '{}', net_id text, primary key (region, name))
  $sql$, i);
  perform b.mark('net_' || i, 'cidr_block', '@immutable The range.');
  perform b.mark('net_' || i, 'tenancy', '@immutable The tenancy.');
  perform b.mark('net_' || i, 'net_id', '@identity The id.');
  perform iasql.register('b.net_' || i);
end
$$;

-- Like ec2.subnet.
create function b.make_sub(i integer) returns void
language plpgsql as $$
begin
  execute format($sql$
    create table b.sub_%1$s (
      region text not null default iasql.default_region(), name text not null, net text not null, cidr_block cidr not null, zone text,
      public boolean not null default false, tags jsonb not null default '{}', sub_id text, primary key (region, name),
      foreign key (region, net) references b.net_%1$s (region, name) on update cascade)
  $sql$, i);
  perform b.mark('sub_' || i, 'net', '@immutable The net.');
  perform b.mark('sub_' || i, 'cidr_block', '@immutable The range.');
  perform b.mark('sub_' || i, 'zone', '@immutable The zone.');
  perform b.mark('sub_' || i, 'sub_id', '@identity The id.');
  perform iasql.register('b.sub_' || i);
end
$$;

-- Like ec2.security_group.
create function b.make_group(i integer) returns void
language plpgsql as $$
begin
  execute format($sql$
    create table b.group_%1$s (
      region text not null default iasql.default_region(), name text not null, description text not null default 'a group', net text,
      tags jsonb not null default '{}', group_id text, primary key (region, name),
      foreign key (region, net) references b.net_%1$s (region, name) on update cascade)
  $sql$, i);
  perform b.mark('group_' || i, 'description', '@immutable What it is for.');
  perform b.mark('group_' || i, 'net', '@immutable The net.');
  perform b.mark('group_' || i, 'group_id', '@identity The id.');
  perform iasql.register('b.group_' || i);
end
$$;

-- Like ec2.security_group_rule.
create function b.make_rule(i integer) returns void
language plpgsql as $$
begin
  execute format($sql$
    create table b.rule_%1$s (
      region text not null default iasql.default_region(), "group" text not null, protocol text not null, from_port integer, to_port integer,
      cidr_ipv4 cidr, description text, tags jsonb not null default '{}', rule_id text,
      unique nulls not distinct (region, "group", protocol, from_port, to_port, cidr_ipv4),
      foreign key (region, "group") references b.group_%1$s (region, name) on update cascade)
  $sql$, i);
  perform b.mark('rule_' || i, 'group', '@immutable @cascade The group.');
  perform b.mark('rule_' || i, 'rule_id', '@identity The id.');
  perform iasql.register('b.rule_' || i);
end
$$;

-- Like ec2.instance with its groups.
create function b.make_box(i integer) returns void
language plpgsql as $$
begin
  execute format($sql$
    create table b.box_%1$s (
      region text not null default iasql.default_region(), name text not null, image text not null, size text not null, sub text not null,
      monitored boolean, tags jsonb not null default '{}', box_id text, state text, primary key (region, name),
      foreign key (region, sub) references b.sub_%1$s (region, name) on update cascade)
  $sql$, i);
  perform b.mark('box_' || i, 'image', '@immutable The image.');
  perform b.mark('box_' || i, 'sub', '@immutable The sub.');
  perform b.mark('box_' || i, 'box_id', '@identity The id.');
  perform b.mark('box_' || i, 'state', '@cloud What it is doing.');
  perform iasql.register('b.box_' || i);
  execute format($sql$
    create table b.box_group_%1$s (
      region text not null default iasql.default_region(), box text not null, "group" text not null, primary key (region, box, "group"),
      foreign key (region, box) references b.box_%1$s (region, name) on update cascade on delete cascade,
      foreign key (region, "group") references b.group_%1$s (region, name) on update cascade)
  $sql$, i);
  perform b.mark('box_group_' || i, 'box', '@part groups The box.');
  perform b.mark('box_group_' || i, 'group', 'The group.');
  perform iasql.register('b.box_group_' || i);
end
$$;

select b.make_net(i), b.make_sub(i), b.make_group(i), b.make_rule(i), b.make_box(i) from generate_series(1, 4) i;
