-- Who may do what with a bucket, through the whole loop.

-- never: rename

-- ground
insert into s3.bucket (name) values ('loop-of-policies'), ('other-loop-of-policies');

-- create: PutBucketPolicy
insert into s3.bucket_policy (bucket, policy) values ('loop-of-policies',
  '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::loop-of-policies/*"}}');

-- update: PutBucketPolicy
update s3.bucket_policy set policy = jsonb_set(policy, '{Statement,0,Action}', '["s3:PutObject", "s3:DeleteObject"]');

-- drift: PutBucketPolicy
{"policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::loop-of-policies/*"]}]}}

-- lost: PutBucketPolicy

-- replace: PutBucketPolicy DeleteBucketPolicy
update s3.bucket_policy set bucket = 'other-loop-of-policies';

-- delete: DeleteBucketPolicy
delete from s3.bucket_policy;

-- adopt:
insert into s3.bucket_policy (bucket, policy) values ('loop-of-policies',
  '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::loop-of-policies/*"}}');
