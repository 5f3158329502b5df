select prelude.shop();
delete from ec2.instance;
delete from ec2.security_group_rule;
delete from ec2.security_group;
delete from ec2.subnet;
delete from ec2.vpc;
