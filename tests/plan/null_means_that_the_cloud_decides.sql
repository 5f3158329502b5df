select prelude.shop();
update observed.ec2_vpc set instance_tenancy = 'default';
update observed.ec2_instance set key_name = 'somebodys', monitoring = true;
