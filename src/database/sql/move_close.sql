begin;
alter role :"tenant" nologin;
revoke connect on database :"database" from iasql_reconciler, iasql_scheduler, iasql_http, iasql_gateway, iasql_visitor;
commit;
