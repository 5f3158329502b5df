-- Only before the tenant's first login: later nothing privileged touches what is theirs. Doing it again changes nothing.
begin;
reassign owned by iasql_template_owner to :"owner";
revoke all on schema public from public;
alter schema public owner to :"tenant";
set local role :"owner";
-- as the templates say it of their own owner
alter default privileges revoke execute on functions from public;
update iasql.setting set value = :'database' where name = 'database';
update iasql.setting set value = :'region' where name = 'default_region';
select iasql.admit(:'tenant');
select iasql.make_grants(r.name) from iasql.resource r;
commit;
