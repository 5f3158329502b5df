-- never: rename
-- elsewhere: create update delete
ha::jobs::a_row_becomes_a_job_that_runs_where_the_primary_is
