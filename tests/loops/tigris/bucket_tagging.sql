-- never: rename
-- elsewhere: create drift update delete adopt
tigris::facets::a_bucket_has_tags_and_they_go_with_it
tigris::facets::what_stands_there_already_is_taken_over_and_only_what_has_rows_is_asked_for
