-- A subscription, through the whole loop.

-- modules: kms sqs sns

-- never: rename

-- ground
insert into sqs.queue (name) values ('orders'), ('failed');
insert into sns.topic (name) values ('orders'), ('parcels');

-- create: Subscribe
insert into sns.subscription (topic, protocol, queue, raw_message_delivery, filter_policy, dead_letter_queue) values
  ('orders', 'sqs', 'orders', true, '{"size": ["large"]}', 'failed');

-- update: SetSubscriptionAttributes SetSubscriptionAttributes SetSubscriptionAttributes
update sns.subscription set raw_message_delivery = false, filter_policy = '{}', dead_letter_queue = null;

-- drift: SetSubscriptionAttributes
{"raw_message_delivery": true}

-- lost: Subscribe

-- replace: Subscribe Unsubscribe
update sns.subscription set topic = 'parcels';

-- delete: Unsubscribe
delete from sns.subscription;

-- adopt:
insert into sns.subscription (topic, protocol, endpoint) values ('parcels', 'https', 'https://example.com/parcels');
