select prelude.shop();
insert into observed.ec2_instance (region, instance_id, name, subnet, image_id, instance_type, tags) values ('us-east-1', 'i-stranger', 'stranger', 'subnet-front', 'ami-1', 't3.micro', '{}');
delete from ec2.instance;
delete from ec2.subnet;
