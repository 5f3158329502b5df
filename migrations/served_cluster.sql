-- The clusters that engines lead, what they are to be like, and what was last seen of them.

create table control.served_cluster (
  database text not null references control.database (name) on delete cascade on update cascade,
  name text not null,
  owner text not null,
  place text not null,
  wanted jsonb not null,
  change bigint not null default 1,
  sealed text not null,
  sealed_with text not null,
  changed_at timestamptz not null default clock_timestamp(),
  seen jsonb,
  seen_at timestamptz,
  primary key (database, name),
  constraint a_place_is_one_clusters unique (place)
);
comment on table control.served_cluster is 'A cluster that engines lead: rows of postgres.cluster, as the engine has carried them out.';
comment on column control.served_cluster.database is 'The user''s database whose row it is.';
comment on column control.served_cluster.name is 'Its name there.';
comment on column control.served_cluster.owner is 'That row, as an ownership tag.';
comment on column control.served_cluster.place is 'Where it is written down who leads: the endpoint and the bucket.';
comment on column control.served_cluster.wanted is 'What it is to be like, without secrets.';
comment on column control.served_cluster.change is 'Counts what was changed in that.';
comment on column control.served_cluster.sealed is 'Its key and the key to its bucket, sealed by the engine for itself.';
comment on column control.served_cluster.sealed_with is 'What the key is told by that it is sealed with. It tells nothing of the key.';
comment on column control.served_cluster.changed_at is 'When it was last to be otherwise.';
comment on column control.served_cluster.seen is 'What an engine saw of it last. NULL: none has.';
comment on column control.served_cluster.seen_at is 'When.';
