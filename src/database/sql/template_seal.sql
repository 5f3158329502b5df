alter database :"raw" with allow_connections false is_template true;
alter database :"raw" rename to :"name";
