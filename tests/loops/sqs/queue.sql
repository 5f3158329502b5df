-- A queue, through the whole loop. moto forgets a queue's policy whenever something else of it is set, so the policy is set along each time.

-- modules: kms sqs

-- never: rename

-- ground
insert into sqs.queue (name, message_retention_period) values ('failed', 1209600);

-- create: CreateQueue
insert into sqs.queue (name, visibility_timeout, dead_letter_queue, max_receive_count, policy, tags) values
  ('orders', 60, 'failed', 5, '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}}', '{"team": "a", "Name": "Orders"}');

-- update: SetQueueAttributes TagQueue UntagQueue
update sqs.queue set delay_seconds = 5, dead_letter_queue = null, max_receive_count = null, policy = '{}', tags = '{"team": "b"}' where name = 'orders';

-- drift: SetQueueAttributes
{"message_retention_period": 60}

-- lost: CreateQueue

-- replace: CreateQueue DeleteQueue
update sqs.queue set name = 'orders.fifo', fifo_queue = true, content_based_deduplication = true where name = 'orders';
select iasql.allow_replace('sqs.queue', 'orders.fifo');

-- delete: DeleteQueue
delete from sqs.queue where name = 'orders.fifo';

-- adopt: TagQueue
insert into sqs.queue (name, delay_seconds) values ('parcels', 5);
