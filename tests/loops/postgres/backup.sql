-- never: create update replace rename delete adopt drift
-- elsewhere:
ha::backups::a_cluster_begins_with_what_another_one_was_before_a_mistake_and_backups_go_on_after_a_promotion
