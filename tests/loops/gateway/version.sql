-- never: create update replace rename delete adopt drift
-- elsewhere:
served::versions::the_versions_that_a_gateway_tells_of_are_observed_and_none_of_them_is_to_be_made_or_removed
served::versions::a_version_can_only_be_referred_to
