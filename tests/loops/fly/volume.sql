-- never: rename
-- elsewhere: create update delete
fly::rows_become_an_app_a_volume_and_a_machine_that_runs_and_go_again
fly::a_volume_grows_in_place_and_one_that_would_shrink_is_refused_in_words
