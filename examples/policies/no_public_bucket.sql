-- No bucket lets the public in. Needs the module s3.

create or replace view policy.no_public_bucket as
select b.bucket || ' does not refuse the public: ' || concat_ws(', ',
         case when not b.block_public_acls then 'block_public_acls' end, case when not b.ignore_public_acls then 'ignore_public_acls' end,
         case when not b.block_public_policy then 'block_public_policy' end, case when not b.restrict_public_buckets then 'restrict_public_buckets' end) || ' is off' as complaint
from   s3.public_access_block b
where  not (b.block_public_acls and b.ignore_public_acls and b.block_public_policy and b.restrict_public_buckets)
union  all
-- what somebody signs with an account is nobody's business here; * is everybody
select p.bucket || ' has a policy that lets everybody in' as complaint
from   s3.bucket_policy p
where  exists (
         select from jsonb_path_query(p.policy, '$.Statement[*] ? (@.Effect == "Allow")') s
         where  jsonb_path_exists(s, '$.Principal ? (@ == "*")') or jsonb_path_exists(s, '$.Principal.AWS[*] ? (@ == "*")'))
and    not exists (select from s3.public_access_block b where b.bucket = p.bucket and b.restrict_public_buckets);

comment on view policy.no_public_bucket is 'A bucket that lets the public in, or would.';
comment on column policy.no_public_bucket.complaint is 'Which bucket, and how.';
