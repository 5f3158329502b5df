-- Takes back the disks of instances. The list goes first: the views of whoever refers to instances look at it.

select iasql.begin_change('ec2.instance');
delete from iasql.part where part = 'ec2.instance_block_device';
alter table observed.ec2_instance drop column block_devices;
select iasql.end_change('ec2.instance');
select iasql.unregister('ec2.instance_block_device');
