-- A topic that sends what is large to a queue, and everything to somebody who reads mail.

insert into sqs.queue (name) values ('large-orders');
insert into sns.topic (name, display_name, tags) values ('orders', 'Orders', '{"team": "shop"}');
insert into sns.subscription (topic, protocol, queue, raw_message_delivery, filter_policy) values
  ('orders', 'sqs', 'large-orders', true, '{"amount": [{"numeric": [">=", 1000]}]}');
insert into sns.subscription (topic, protocol, endpoint) values ('orders', 'email', 'orders@example.com');
