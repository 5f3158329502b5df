-- All or nothing: with a name that is taken, or a ready database that is, it is as if nobody had tried.
begin;
alter database :"ready" rename to :"database";
alter role :"ready" rename to :"database";
alter role :"ready_owner" rename to :"owner";
alter database :"database" with allow_connections true;
commit;
