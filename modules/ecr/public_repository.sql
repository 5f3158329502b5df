-- A public repository: a place for container images that everybody may pull.

create table ecr.public_repository (
  name              text    not null primary key,
  description       text,
  about_text        text,
  usage_text        text,
  architectures     text[],
  operating_systems text[],
  force_delete      boolean not null default false,
  tags              jsonb   not null default '{}',
  repository_uri    text,
  arn               text,
  -- https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_CreateRepository.html
  constraint a_repository_name_has_2_to_205_small_letters_digits_and_separators
    check (length(name) between 2 and 205 and name ~ '^([a-z0-9]+([._-][a-z0-9]+)*/)*[a-z0-9]+([._-][a-z0-9]+)*$'),
  constraint a_description_has_at_most_1024_characters
    check (length(description) <= 1024),
  constraint about_and_usage_have_at_most_25600_characters
    check (length(about_text) <= 25600 and length(usage_text) <= 25600),
  constraint architectures_are_arm_arm_64_x86_or_x86_64
    check (architectures <@ array['ARM', 'ARM 64', 'x86', 'x86-64']),
  constraint operating_systems_are_linux_or_windows
    check (operating_systems <@ array['Linux', 'Windows']),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table ecr.public_repository is 'A public repository, shown in the ECR Public Gallery. The public registry is one for all regions; AWS serves it in us-east-1. Only those in this table are read, for each must be asked for.';
comment on column ecr.public_repository.name is '@immutable Its name, without the registry''s alias.';
comment on column ecr.public_repository.description is 'What the gallery says of it in one line. NULL: as it is; an empty text: nothing.';
comment on column ecr.public_repository.about_text is 'What the gallery says about it, in Markdown. NULL: as it is; an empty text: nothing.';
comment on column ecr.public_repository.usage_text is 'What the gallery says about its use, in Markdown. NULL: as it is; an empty text: nothing.';
comment on column ecr.public_repository.architectures is 'What its images run on: ARM, ARM 64, x86, x86-64. NULL: as it is; ''{}'': nothing is said. Kept sorted.';
comment on column ecr.public_repository.operating_systems is 'Linux, Windows, or both. NULL: as it is; ''{}'': nothing is said. Kept sorted.';
comment on column ecr.public_repository.force_delete is 'Whether its images are deleted with it. Otherwise it can only be deleted when it is empty. Kept in a tag.';
comment on column ecr.public_repository.tags is 'Tags by key.';
comment on column ecr.public_repository.repository_uri is '@cloud What docker push and docker pull take: public.ecr.aws/a0b1c2d3/web.';
comment on column ecr.public_repository.arn is '@identity The name that AWS gave it: arn:aws:ecr-public::….';

create function ecr.sort_catalog_data() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if new.architectures is not null then
    new.architectures := array(select distinct a collate "C" from unnest(new.architectures) a order by 1);
  end if;
  if new.operating_systems is not null then
    new.operating_systems := array(select distinct o collate "C" from unnest(new.operating_systems) o order by 1);
  end if;
  return new;
end
$$;
comment on function ecr.sort_catalog_data is 'Keeps what the gallery says in lists sorted, each once: a trigger.';

create trigger sort_catalog_data before insert or update on ecr.public_repository
  for each row execute function ecr.sort_catalog_data();

select iasql.register('ecr.public_repository');
