-- Rows for the twenty types, and the same rows as a cloud would show them: nothing differs. Net 1 of each kind has 250 subs and 250 groups,
-- each with a rule or a box, so that a thousand rows stand on it; the others have one of each.

create function b.fill_desired(i integer, n integer) returns void
language plpgsql as $$
begin
  execute format($sql$
    insert into b.net_%1$s (name, cidr_block, tags, net_id)
    select 'net-' || k, format('10.%%s.%%s.0/24', k / 256 %% 256, k %% 256)::cidr, jsonb_build_object('team', 'team-' || k %% 7, 'cost', k::text), 'net-' || md5('%1$s' || k)
    from   generate_series(1, %2$s) k
  $sql$, i, n);
  execute format($sql$
    insert into b.sub_%1$s (name, net, cidr_block, zone, tags, sub_id)
    select 'sub-' || k, 'net-' || case when k <= 250 then 1 else k end, format('10.%%s.%%s.0/24', k / 256 %% 256, k %% 256)::cidr, 'zone-' || k %% 3,
           jsonb_build_object('team', 'team-' || k %% 7), 'sub-' || md5('%1$s' || k)
    from   generate_series(1, %2$s) k
  $sql$, i, n);
  execute format($sql$
    insert into b.group_%1$s (name, net, tags, group_id)
    select 'group-' || k, 'net-' || case when k <= 250 then 1 else k end, jsonb_build_object('team', 'team-' || k %% 7), 'group-' || md5('%1$s' || k)
    from   generate_series(1, %2$s) k
  $sql$, i, n);
  execute format($sql$
    insert into b.rule_%1$s ("group", protocol, from_port, to_port, cidr_ipv4, rule_id)
    select 'group-' || k, 'tcp', k, k, '10.0.0.0/8', 'rule-' || md5('%1$s' || k)
    from   generate_series(1, %2$s) k
  $sql$, i, n);
  execute format($sql$
    insert into b.box_%1$s (name, image, size, sub, tags, box_id, state)
    select 'box-' || k, 'image-' || k %% 5, 'small', 'sub-' || k, jsonb_build_object('team', 'team-' || k %% 7), 'box-' || md5('%1$s' || k), 'running'
    from   generate_series(1, %2$s) k
  $sql$, i, n);
  execute format($sql$
    insert into b.box_group_%1$s (box, "group") select 'box-' || k, 'group-' || g from generate_series(1, %2$s) k, generate_series(greatest(k - 1, 1), k) g
  $sql$, i, n);
end
$$;

create function b.fill_observed(i integer) returns void
language plpgsql as $$
declare
  -- what the engine says of each row besides its fields
  ours constant text := 'd.row_id, true, current_database() || ''/'' || d.row_id';
begin
  execute format('insert into observed.b_net_%1$s (region, name, cidr_block, tenancy, tags, net_id, row_id, managed, owner) select d.region, d.name, d.cidr_block, ''default'', d.tags, d.net_id, %2$s from b.net_%1$s d', i, ours);
  execute format($sql$
    insert into observed.b_sub_%1$s (region, name, net, cidr_block, zone, public, tags, sub_id, row_id, managed, owner)
    select d.region, d.name, p.net_id, d.cidr_block, d.zone, d.public, d.tags, d.sub_id, %2$s from b.sub_%1$s d join b.net_%1$s p on p.region = d.region and p.name = d.net
  $sql$, i, ours);
  execute format($sql$
    insert into observed.b_group_%1$s (region, name, description, net, tags, group_id, row_id, managed, owner)
    select d.region, d.name, d.description, p.net_id, d.tags, d.group_id, %2$s from b.group_%1$s d join b.net_%1$s p on p.region = d.region and p.name = d.net
  $sql$, i, ours);
  execute format($sql$
    insert into observed.b_rule_%1$s (region, "group", protocol, from_port, to_port, cidr_ipv4, description, tags, rule_id, row_id, managed, owner)
    select d.region, p.group_id, d.protocol, d.from_port, d.to_port, d.cidr_ipv4, '', d.tags, d.rule_id, %2$s from b.rule_%1$s d join b.group_%1$s p on p.region = d.region and p.name = d."group"
  $sql$, i, ours);
  execute format($sql$
    insert into observed.b_box_%1$s (region, name, image, size, sub, monitored, tags, box_id, state, groups, row_id, managed, owner)
    select d.region, d.name, d.image, d.size, p.sub_id, false, d.tags, d.box_id, d.state,
           array(select g.group_id from b.box_group_%1$s x join b.group_%1$s g on g.region = x.region and g.name = x."group" where x.region = d.region and x.box = d.name order by g.group_id collate "C"), %2$s
    from   b.box_%1$s d join b.sub_%1$s p on p.region = d.region and p.name = d.sub
  $sql$, i, ours);
end
$$;

-- What nobody can do without: every row beside what was seen of it, and its tags compared.
create function b.make_bare() returns void
language plpgsql as $$
begin
  execute 'create view b.bare as ' || (
    select string_agg(format('select d.row_id from %s d full join observed.%I o on o.row_id = d.row_id where d.row_id is null or o.row_id is null or d.tags is distinct from o.tags', r.name, iasql.relation(r.name)), ' union all ')
    from   iasql.resource r where r.part_of is null);
  execute format('grant select on b.bare to %I', iasql.setting('tenant'));
end
$$;
