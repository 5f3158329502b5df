-- A place for a shop's images: each tag stays where it is, old images go by themselves, and another account may pull.

insert into ecr.repository (name, image_tag_mutability, scan_on_push, tags) values
  ('shop/web', 'IMMUTABLE', true, '{"team": "shop"}');

insert into ecr.lifecycle_policy (repository, lifecycle_policy) values
  ('shop/web', '{"rules": [{"rulePriority": 1, "description": "Keep the last 30", "action": {"type": "expire"},
    "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 30}}]}');

insert into ecr.repository_policy (repository, policy) values
  ('shop/web', '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"},
    "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}]}');
