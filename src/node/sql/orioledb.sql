-- What an OrioleDB has to run with whose commits are to be found in its bucket again, as far as it runs with something else; NULL where all is as it has to be.
select string_agg(w.name || ' is ' || coalesce(s.setting, 'unknown') || ' and has to be ' || w.setting, ', ' order by w.name)
from (values ('archive_mode', 'on'), ('archive_library', 'orioledb'), ('orioledb.s3_mode', 'on'), ('fsync', 'on')) as w (name, setting)
left join pg_catalog.pg_settings as s on s.name = w.name
where s.setting is distinct from w.setting
