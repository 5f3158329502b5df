-- never: rename
-- elsewhere: create update delete
served::domains::the_first_database_needs_no_other_row_and_a_domain_of_ones_own_needs_its_row
served::domains::a_domain_is_one_users_alone_unless_all_who_have_it_share_it
