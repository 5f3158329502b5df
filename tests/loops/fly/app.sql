-- never: rename update
-- elsewhere: create delete
fly::rows_become_an_app_a_volume_and_a_machine_that_runs_and_go_again
fly::a_creation_whose_answer_was_lost_makes_no_second_machine
