-- a copy takes over no grants on the database itself
grant connect on database :"database" to iasql_reconciler, iasql_scheduler, iasql_http, iasql_gateway, iasql_visitor
