begin;
set local role :"owner";
insert into iasql.module (name) values (:'module') on conflict do nothing;
commit;
