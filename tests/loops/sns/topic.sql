-- A topic, through the whole loop.

-- modules: kms sqs sns

-- never: rename

-- create: CreateTopic
insert into sns.topic (name, display_name, policy, tags) values
  ('orders', 'Orders', '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}}', '{"team": "a", "Name": "Orders"}');

-- update: SetTopicAttributes SetTopicAttributes TagResource UntagResource
update sns.topic set display_name = '', policy = '{}', tags = '{"team": "b"}';

-- drift: SetTopicAttributes
{"display_name": "theirs"}

-- lost: CreateTopic

-- replace: CreateTopic DeleteTopic
update sns.topic set name = 'orders.fifo', fifo_topic = true, content_based_deduplication = true;

-- delete: DeleteTopic
delete from sns.topic;

-- adopt: TagResource
insert into sns.topic (name, display_name) values ('parcels', 'Parcels');
