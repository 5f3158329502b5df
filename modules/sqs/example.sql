-- A queue whose messages go to another one after five attempts, where they stay for two weeks.

insert into sqs.queue (name, message_retention_period) values ('orders-failed', 1209600);
insert into sqs.queue (name, visibility_timeout, receive_message_wait_time_seconds, dead_letter_queue, max_receive_count, tags) values
  ('orders', 60, 20, 'orders-failed', 5, '{"team": "shop"}');
