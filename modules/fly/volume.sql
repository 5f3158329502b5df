-- A volume: a disk in one region, which a machine of its app has at its path.

create table fly.volume (
  name                text    not null primary key,
  app                 text    not null references fly.app (name) on update cascade,
  region              text    not null,
  size_gb             integer not null default 1,
  encrypted           boolean,
  snapshot_retention  integer,
  auto_backup_enabled boolean,
  attached_machine_id text,
  state               text,
  volume_id           text,
  constraint a_volume_name_has_1_to_30_small_letters_digits_and_underscores
    check (name ~ '^[a-z0-9_]{1,30}$'),
  constraint a_fly_region_has_three_letters
    check (region ~ '^[a-z]{3}$'),
  constraint a_volume_has_1_to_500_gb
    check (size_gb between 1 and 500),
  constraint snapshots_are_kept_for_1_to_60_days
    check (snapshot_retention between 1 and 60)
);

comment on table fly.volume is '@data A volume: a disk in one region, which one machine of its app has at its path.';
comment on column fly.volume.name is '@immutable Its name. Fly lets several volumes have one name; here each row has its own.';
comment on column fly.volume.app is '@immutable The app that it is of.';
comment on column fly.volume.region is '@immutable @place The Fly region that it is in: ams, fra, iad, …';
comment on column fly.volume.size_gb is 'In GB. It grows in place, and never shrinks.';
comment on column fly.volume.encrypted is '@immutable Whether it is encrypted. NULL: as it is, at first it is.';
comment on column fly.volume.snapshot_retention is 'For how many days its daily snapshots are kept. NULL: as it is, at first 5.';
comment on column fly.volume.auto_backup_enabled is 'Whether there are daily snapshots. NULL: as it is, at first there are.';
comment on column fly.volume.attached_machine_id is '@cloud The machine that has it.';
comment on column fly.volume.state is '@cloud What it is doing: creating, created, extending, …';
comment on column fly.volume.volume_id is '@identity The id that Fly gave it: vol_….';

select iasql.register('fly.volume');
