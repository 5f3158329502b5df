-- A repository's policy, through the whole loop.
-- never: rename

-- ground
insert into ecr.repository (name) values ('shop/web'), ('shop/other');

-- create: SetRepositoryPolicy
insert into ecr.repository_policy (repository, policy) values ('shop/web',
  '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "ecr:BatchGetImage"}}');

-- update: SetRepositoryPolicy
update ecr.repository_policy set policy =
  '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": ["ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]}}';

-- drift: SetRepositoryPolicy
{"policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "ecr:*"}]}}

-- lost: SetRepositoryPolicy

-- replace: DeleteRepositoryPolicy SetRepositoryPolicy
update ecr.repository_policy set repository = 'shop/other';

-- delete: DeleteRepositoryPolicy
delete from ecr.repository_policy;

-- adopt:
insert into ecr.repository_policy (repository, policy) values ('shop/web',
  '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "ecr:BatchGetImage"}}');
