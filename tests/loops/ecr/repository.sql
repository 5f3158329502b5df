-- A repository, through the whole loop.
-- never: rename

-- create: CreateRepository
insert into ecr.repository (name, image_tag_mutability) values ('shop/web', 'MUTABLE');

-- update: PutImageScanningConfiguration PutImageTagMutability TagResource
update ecr.repository set scan_on_push = true, image_tag_mutability = 'IMMUTABLE_WITH_EXCLUSION',
  image_tag_mutability_exclusion_filters = '{latest,dev-*}', tags = '{"team": "a"}', force_delete = true;

-- drift: TagResource
{"tags": {"team": "b"}}

-- lost: CreateRepository

-- replace: DeleteRepository CreateRepository
update ecr.repository set encryption_type = 'KMS';
select iasql.allow_replace('ecr.repository', 'shop/web');

-- delete: DeleteRepository
delete from ecr.repository;

-- adopt: TagResource
insert into ecr.repository (name, tags) values ('shop/web', '{"team": "a"}');
