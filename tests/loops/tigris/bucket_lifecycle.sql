-- never: rename
-- elsewhere: create drift update delete
tigris::facets::old_objects_are_moved_and_removed_by_rules_that_tigris_has
