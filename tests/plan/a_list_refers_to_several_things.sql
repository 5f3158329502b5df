-- Tables of the test's own: a listener has two lists, and the rows of one refer to ports by two columns and to a certificate, each of which may be NULL.
create schema toy;

create table toy.port (
  region  text not null default iasql.default_region(),
  name    text not null,
  port_id text,
  primary key (region, name)
);
comment on column toy.port.port_id is '@identity The id.';
select iasql.register('toy.port');

create table toy.certificate (
  name text primary key,
  arn  text
);
comment on column toy.certificate.arn is '@identity The ARN.';
select iasql.register('toy.certificate');

create table toy.listener (
  region      text not null default iasql.default_region(),
  name        text not null,
  listener_id text,
  primary key (region, name)
);
comment on column toy.listener.listener_id is '@identity The id.';
select iasql.register('toy.listener');

create table toy.listener_action (
  region      text not null default iasql.default_region(),
  listener    text not null,
  position    integer not null,
  port        text,
  fallback    text,
  certificate text references toy.certificate (name) on update cascade,
  weight      integer,
  primary key (region, listener, position),
  foreign key (region, listener) references toy.listener (region, name) on update cascade on delete cascade,
  foreign key (region, port) references toy.port (region, name) on update cascade,
  foreign key (region, fallback) references toy.port (region, name) on update cascade
);
comment on column toy.listener_action.listener is '@part actions The listener.';
select iasql.register('toy.listener_action');

create table toy.listener_port (
  region   text not null default iasql.default_region(),
  listener text not null,
  port     text not null,
  primary key (region, listener, port),
  foreign key (region, listener) references toy.listener (region, name) on update cascade on delete cascade,
  foreign key (region, port) references toy.port (region, name) on update cascade
);
comment on column toy.listener_port.listener is '@part ports The listener.';
select iasql.register('toy.listener_port');

set constraints all immediate;

insert into toy.port (name) values ('a'), ('b');
insert into toy.certificate (name) values ('c');
insert into toy.listener (name) values ('same'), ('spelt'), ('changed'), ('new_parent'), ('renamed_parent');
insert into toy.listener_action (listener, position, port, fallback, certificate, weight)
select l.name, a.* from toy.listener l cross join (values (1, 'a', 'b', 'c', 5), (2, 'b', null, null, null), (10, null, null, null, null)) a;
insert into toy.listener_port (listener, port) values ('same', 'a'), ('same', 'b'), ('changed', 'a');
select prelude.see_all();

-- the cloud tells it in another order, and with what is null
select iasql.observe(0, 'toy.listener', 'us-east-1',
  (select jsonb_agg(case o.name when 'spelt' then to_jsonb(o) || '{"actions": [
     {"position": 10, "port": null, "weight": null}, {"position": 2, "port": "port-b", "fallback": null},
     {"position": 1, "port": "port-a", "fallback": "port-b", "certificate": "certificate-c", "weight": 5}]}' else to_jsonb(o) end)
   from observed.toy_listener o), now());

update toy.port set name = 'bee' where name = 'b';
update toy.listener_action set port = null, fallback = 'a' where listener = 'changed' and position = 2;
insert into toy.listener_port (listener, port) values ('changed', 'bee');
insert into toy.port (name) values ('later');
insert into toy.listener_action (listener, position, fallback) values ('new_parent', 3, 'later');
