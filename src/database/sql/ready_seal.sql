begin;
alter role :"raw" nologin;
alter database :"raw" with allow_connections false;
alter database :"raw" rename to :"name";
alter role :"raw" rename to :"name";
alter role :"raw_owner" rename to :"owner";
commit;
