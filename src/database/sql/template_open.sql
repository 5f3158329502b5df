revoke all on database :"raw" from public;
grant create on database :"raw" to iasql_template_owner;
alter database :"raw" with allow_connections true;
