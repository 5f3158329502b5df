select prelude.shop();
select iasql.blind(0, 'ec2.instance', 'us-east-1', 'DescribeInstances: you are not authorized (UnauthorizedOperation)');
update ec2.instance set tags = '{"a": "b"}';
update ec2.vpc set tags = '{"a": "b"}';
