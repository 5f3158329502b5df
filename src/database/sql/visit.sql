-- for the time of a visit: whatever runs then has the tenant's rights and none besides
grant :"tenant" to iasql_visitor;
grant connect on database :"database" to iasql_visitor;
