-- An image in a repository. Images are pushed, not made: they can only be referred to.

create table ecr.image (
  region               text   not null default iasql.default_region(),
  repository           text   not null,
  image_digest         text   not null,
  image_tags           text[],
  image_size_in_bytes  bigint,
  image_pushed_at      timestamptz,
  artifact_media_type  text,
  image_uri            text,
  primary key (region, repository, image_digest),
  constraint an_image_digest_is_a_hash
    check (image_digest ~ '^[a-zA-Z0-9_+.-]+:[a-fA-F0-9]+$')
);

comment on table ecr.image is 'An image in a repository. Images are pushed, not made here: observed.ecr_image shows those that are there, and a row can only refer to one.';
comment on column ecr.image.region is 'The AWS region, as in us-east-1.';
comment on column ecr.image.repository is '@immutable The name of its repository. No foreign key: it may be somebody else''s.';
comment on column ecr.image.image_digest is '@immutable What it is, and is called: sha256:….';
comment on column ecr.image.image_tags is '@cloud The tags that lead to it, sorted.';
comment on column ecr.image.image_size_in_bytes is '@cloud How much of the repository it takes, compressed.';
comment on column ecr.image.image_pushed_at is '@cloud When it came.';
comment on column ecr.image.artifact_media_type is '@cloud What kind of thing it is.';
comment on column ecr.image.image_uri is '@identity What docker pull and other services take: 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web@sha256:….';

select iasql.register('ecr.image');

alter table ecr.image alter column reference_only set default true;
alter table ecr.image add constraint an_image_can_only_be_referred_to check (reference_only);
