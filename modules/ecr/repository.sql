-- A repository: a place for container images.

create table ecr.repository (
  region                                 text    not null default iasql.default_region(),
  name                                   text    not null,
  image_tag_mutability                   text,
  image_tag_mutability_exclusion_filters text[],
  scan_on_push                           boolean,
  encryption_type                        text,
  kms_key                                text,
  force_delete                           boolean not null default false,
  tags                                   jsonb   not null default '{}',
  repository_uri                         text,
  arn                                    text,
  primary key (region, name),
  foreign key (region, kms_key) references kms.key (region, name) on update cascade,
  -- https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
  constraint a_repository_name_has_2_to_256_small_letters_digits_and_separators
    check (length(name) between 2 and 256
      and name ~ '^([a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*/)*[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$'),
  constraint tags_can_be_moved_or_not_with_or_without_exclusions
    check (image_tag_mutability in ('MUTABLE', 'IMMUTABLE', 'MUTABLE_WITH_EXCLUSION', 'IMMUTABLE_WITH_EXCLUSION')),
  constraint there_are_1_to_5_filters_where_there_are_exclusions_and_none_elsewhere
    check (case when image_tag_mutability like '%EXCLUSION' then image_tag_mutability_exclusion_filters is not null
        and cardinality(image_tag_mutability_exclusion_filters) between 1 and 5
      else image_tag_mutability_exclusion_filters is null end),
  constraint encryption_is_aes256_kms_or_kms_dsse
    check (encryption_type in ('AES256', 'KMS', 'KMS_DSSE')),
  constraint a_key_is_for_kms
    check (kms_key is null or encryption_type is not null and encryption_type like 'KMS%'),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table ecr.repository is '@data A repository: a place for container images. Who may use it stands in ecr.repository_policy, what is thrown away in ecr.lifecycle_policy.';
comment on column ecr.repository.region is 'The AWS region, as in us-east-1.';
comment on column ecr.repository.name is '@immutable Its name, slashes and all: shop/web.';
comment on column ecr.repository.image_tag_mutability is 'Whether a tag can be moved to another image: MUTABLE, IMMUTABLE, or either of them with _WITH_EXCLUSION. NULL: as it is, at first MUTABLE.';
comment on column ecr.repository.image_tag_mutability_exclusion_filters is 'The tags for which it is the other way round, with * for anything: latest, dev-*. Kept sorted.';
comment on column ecr.repository.scan_on_push is 'Whether each image is scanned when it comes. NULL: as it is, at first not.';
comment on column ecr.repository.encryption_type is '@immutable How images are encrypted: AES256, KMS or KMS_DSSE. NULL: the cloud decides, which means AES256.';
comment on column ecr.repository.kms_key is '@immutable The key that encrypts them. NULL: with KMS the account''s own for ECR, alias/aws/ecr.';
comment on column ecr.repository.force_delete is 'Whether its images are deleted with it. Otherwise it can only be deleted when it is empty. AWS asks for this only at the end; until then it is kept in a tag.';
comment on column ecr.repository.tags is 'Tags by key.';
comment on column ecr.repository.repository_uri is '@cloud What docker push and docker pull take: 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web.';
comment on column ecr.repository.arn is '@identity The name that AWS gave it: arn:aws:ecr:….';

create function ecr.sort_filters() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  new.image_tag_mutability_exclusion_filters := array(select distinct f collate "C" from unnest(new.image_tag_mutability_exclusion_filters) f order by 1);
  return new;
end
$$;
comment on function ecr.sort_filters is 'Keeps the filters sorted, each once: a trigger.';

create trigger sort_filters before insert or update on ecr.repository
  for each row when (new.image_tag_mutability_exclusion_filters is not null) execute function ecr.sort_filters();

select iasql.register('ecr.repository');
