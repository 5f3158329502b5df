-- A key, through the whole loop. The emulator keeps no rotation period.

-- create: CreateKey EnableKeyRotation DisableKey
insert into kms.key (name, description, enable_key_rotation, enabled, pending_window_in_days) values ('shop', 'for the shop', true, false, 7);

-- update: EnableKey DisableKeyRotation UpdateKeyDescription PutKeyPolicy TagResource
update kms.key set enabled = true, enable_key_rotation = false, description = '', tags = '{"team": "a"}', pending_window_in_days = 14,
  policy = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "kms:*", "Resource": "*"}}';

-- drift: UpdateKeyDescription DisableKeyRotation TagResource
{"description": "theirs", "enable_key_rotation": true, "tags": {"team": "b"}}

-- lost: CreateKey

-- rename: TagResource
update kms.key set name = 'store';

-- replace: CreateKey ScheduleKeyDeletion
update kms.key set key_usage = 'SIGN_VERIFY', key_spec = 'ECC_NIST_P256', enable_key_rotation = null;
select iasql.allow_replace('kms.key', 'store');

-- delete: ScheduleKeyDeletion
delete from kms.key;

-- adopt: TagResource
insert into kms.key (name, description) values ('shop', 'for the shop');
