select prelude.shop();
update observed.ec2_instance set pending = 'stopping';
update ec2.instance set tags = '{"a": "b"}';
