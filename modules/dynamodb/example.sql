-- A table of orders that can be looked up by customer as well, forgets old ones and can be set back to any second of the last 35 days.

insert into dynamodb.table (name, attribute_definitions, hash_key, global_secondary_indexes, time_to_live_attribute_name, point_in_time_recovery_enabled) values
  ('orders', '{"id": "S", "customer": "S", "placed_at": "N"}', 'id',
   '{"by_customer": {"hash_key": "customer", "range_key": "placed_at"}}', 'forget_at', true);
