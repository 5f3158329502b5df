select prelude.shop();
delete from observed.ec2_vpc;
