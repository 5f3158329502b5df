-- A table, through the whole loop. moto changes neither the class nor the encryption of a table.

-- modules: kms dynamodb

-- never: rename

-- create: CreateTable UpdateTimeToLive UpdateContinuousBackups
insert into dynamodb.table (name, attribute_definitions, hash_key, range_key, local_secondary_indexes, global_secondary_indexes, time_to_live_attribute_name, point_in_time_recovery_enabled, tags) values
  ('orders', '{"id": "S", "placed_at": "N", "customer": "S"}', 'customer', 'id', '{"by_time": {"hash_key": "customer", "range_key": "placed_at", "projection_type": "KEYS_ONLY"}}',
   '{"by_id": {"hash_key": "id", "projection_type": "INCLUDE", "non_key_attributes": ["paid", "amount"]}}', 'forget_at', true, '{"team": "a"}');

-- update: TagResource UpdateTable UpdateTable UpdateTable UpdateTimeToLive UpdateContinuousBackups
update dynamodb.table set attribute_definitions = '{"id": "S", "placed_at": "N", "customer": "S", "country": "S"}', global_secondary_indexes = '{"by_country": {"hash_key": "country", "range_key": null}}',
  stream_view_type = 'NEW_IMAGE', time_to_live_attribute_name = '', point_in_time_recovery_enabled = false, tags = '{"team": "b"}';

-- drift: UpdateTable
{"deletion_protection_enabled": true}

-- lost: CreateTable

-- replace: CreateTable DeleteTable
update dynamodb.table set name = 'bills';
select iasql.allow_replace('dynamodb.table', 'bills');

-- delete: DeleteTable
delete from dynamodb.table;

-- adopt: TagResource
insert into dynamodb.table (name, attribute_definitions, hash_key, billing_mode, read_capacity_units, write_capacity_units) values ('parcels', '{"id": "S"}', 'id', 'PROVISIONED', 1, 1);
