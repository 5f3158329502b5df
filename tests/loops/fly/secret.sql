-- never: rename
-- elsewhere: create drift update delete adopt
fly::secrets::a_secret_is_set_changed_repaired_and_removed
fly::secrets::a_secret_that_is_there_already_is_taken_over_and_written_once
