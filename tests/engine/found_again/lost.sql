-- As an engine leaves it that was killed between the call and its record.
insert into iasql.run (id, kind, asked_by, counter) values ('00000000-0000-0000-0000-000000000001', 'check', 'a test', 0);
insert into iasql.change (run, resource, region, name, row_id, action)
select '00000000-0000-0000-0000-000000000001', 'ec2.vpc', v.region, v.name, v.row_id, 'create' from ec2.vpc v;
