-- A domain below which the gateway serves databases: the database 12345 of db.example.com is 12345.db.example.com.

create table gateway.domain (
  name   text    not null primary key,
  shared boolean not null default false,
  constraint a_domain_is_a_host_name_in_small_letters
    check (length(name) <= 189 and name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$'),
  constraint a_domain_of_this_machine_is_shared
    check (shared or name <> 'localhost' and name not like '%.localhost')
);

comment on table gateway.domain is 'A domain below which the gateway serves databases. Its DNS has a wildcard that leads to the gateway: *.db.example.com.';
comment on column gateway.domain.name is '@immutable The domain: db.example.com.';
comment on column gateway.domain.shared is 'Whether other databases of this engine may have databases below it too, where they say so as well. False: nobody else may.';

select iasql.register('gateway.domain');
