-- A web service of two tasks behind a load balancer, in a network of its own: one call inserts all that it takes. Look at iasql.plan.

insert into ec2.vpc (name, cidr_block) values ('shop-service', '10.50.0.0/16');
insert into ec2.subnet (name, vpc, cidr_block, availability_zone) values
  ('shop-service-a', 'shop-service', '10.50.0.0/24', iasql.default_region() || 'a'),
  ('shop-service-b', 'shop-service', '10.50.1.0/24', iasql.default_region() || 'b');
insert into ec2.internet_gateway (name, vpc) values ('shop-service', 'shop-service');
insert into ec2.route_table (name, vpc) values ('shop-service', 'shop-service');
insert into ec2.route (route_table, destination, internet_gateway) values ('shop-service', '0.0.0.0/0', 'shop-service');
insert into ec2.route_table_association (subnet, route_table) values ('shop-service-a', 'shop-service'), ('shop-service-b', 'shop-service');

select * from ecs.make_web_service('shop', 'nginx:1.27', 80, 'shop-service', '{shop-service-a,shop-service-b}', desired_count => 2);
