-- never: rename
-- elsewhere: create drift update delete adopt
tigris::facets::pages_of_other_websites_may_use_a_bucket_by_rules
tigris::facets::what_stands_there_already_is_taken_over_and_only_what_has_rows_is_asked_for
