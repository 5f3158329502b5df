-- never: rename
-- elsewhere: create update delete
served::machines::a_key_is_sealed_for_the_gateway_and_changed_in_place_and_a_machine_is_one_users_alone
