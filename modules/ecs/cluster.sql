-- A cluster: where services run.

create function ecs.is_strategy(strategy jsonb) returns boolean
language sql immutable as $$
  select jsonb_typeof(strategy) = 'object'
         and not exists (
           select from jsonb_each(strategy) s (provider, share)
           where  jsonb_typeof(s.share) <> 'object' or s.share - '{base,weight}'::text[] <> '{}'
           or     jsonb_typeof(s.share->'base') is distinct from 'number' or jsonb_typeof(s.share->'weight') is distinct from 'number')
$$;
comment on function ecs.is_strategy is 'Whether each capacity provider has a base and a weight.';

create function ecs.sorted(list text[]) returns text[]
language sql immutable as $$
  select array(select distinct e collate "C" from unnest(list) e order by 1)
$$;
comment on function ecs.sorted is 'A list in order, without any twice.';

create function ecs.spell_cluster() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if new.capacity_providers is not null then
    new.capacity_providers := ecs.sorted(new.capacity_providers);
  end if;
  return new;
end
$$;
comment on function ecs.spell_cluster is 'Keeps the capacity providers sorted, each once: a trigger.';

create table ecs.cluster (
  region                             text    not null default iasql.default_region(),
  name                               text    not null,
  container_insights                 text,
  capacity_providers                 text[],
  default_capacity_provider_strategy jsonb,
  tags                               jsonb   not null default '{}',
  arn                                text,
  status                             text,
  primary key (region, name),
  -- https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html
  constraint a_cluster_name_has_1_to_255_letters_digits_hyphens_and_underscores
    check (name ~ '^[a-zA-Z0-9_-]{1,255}$'),
  constraint container_insights_is_enabled_enhanced_or_disabled
    check (container_insights in ('enabled', 'enhanced', 'disabled')),
  constraint a_strategy_gives_each_capacity_provider_a_base_and_a_weight
    check (ecs.is_strategy(default_capacity_provider_strategy)),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table ecs.cluster is 'A cluster: where services (ecs.service) run.';
comment on column ecs.cluster.region is 'The AWS region, as in us-east-1.';
comment on column ecs.cluster.name is '@immutable Its name.';
comment on column ecs.cluster.container_insights is 'Whether its containers are measured in CloudWatch: enabled, enhanced or disabled. NULL: as it is, at first as the account has it.';
comment on column ecs.cluster.capacity_providers is 'What its tasks can run on: FARGATE, FARGATE_SPOT, and capacity providers of your own by name. Kept sorted. NULL: as it is, at first none; {}: none.';
comment on column ecs.cluster.default_capacity_provider_strategy is 'How tasks spread over them, as in {"FARGATE": {"base": 1, "weight": 1}, "FARGATE_SPOT": {"base": 0, "weight": 3}}. NULL: as it is, at first not; {}: not.';
comment on column ecs.cluster.tags is 'Tags by key.';
comment on column ecs.cluster.arn is '@identity The name that AWS gave it: arn:aws:ecs:….';
comment on column ecs.cluster.status is '@cloud What it is doing: ACTIVE, PROVISIONING, DEPROVISIONING or FAILED.';

create trigger spell_cluster before insert or update on ecs.cluster for each row execute function ecs.spell_cluster();

select iasql.register('ecs.cluster');
