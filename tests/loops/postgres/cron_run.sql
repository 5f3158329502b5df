-- never: create update replace rename delete adopt drift
-- elsewhere:
ha::jobs::a_row_becomes_a_job_that_runs_where_the_primary_is
