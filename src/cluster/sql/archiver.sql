select
  pg_catalog.current_setting('archive_mode') = 'on' as archives,
  coalesce(a.last_failed_time > coalesce(a.last_archived_time, '-infinity'), false) as fails
from pg_catalog.pg_stat_archiver as a
