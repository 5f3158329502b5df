-- A lifecycle policy, through the whole loop.
-- never: rename

-- ground
insert into ecr.repository (name) values ('shop/web'), ('shop/other');

-- create: PutLifecyclePolicy
insert into ecr.lifecycle_policy (repository, lifecycle_policy) values ('shop/web', '{"rules": [
  {"rulePriority": 2, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 30}, "action": {"type": "expire"}},
  {"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 3}, "action": {"type": "expire"}}]}');

-- update: PutLifecyclePolicy
update ecr.lifecycle_policy set lifecycle_policy = '{"rules": [
  {"rulePriority": 1, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10}, "action": {"type": "expire"}}]}';

-- drift: PutLifecyclePolicy
{"lifecycle_policy": {"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1}, "action": {"type": "expire"}}]}}

-- lost: PutLifecyclePolicy

-- replace: DeleteLifecyclePolicy PutLifecyclePolicy
update ecr.lifecycle_policy set repository = 'shop/other';

-- delete: DeleteLifecyclePolicy
delete from ecr.lifecycle_policy;

-- adopt:
insert into ecr.lifecycle_policy (repository, lifecycle_policy) values ('shop/web', '{"rules": [
  {"rulePriority": 1, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 30}, "action": {"type": "expire"}}]}');
