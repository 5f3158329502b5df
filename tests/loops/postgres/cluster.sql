-- never: rename replace
-- elsewhere: create update delete
ha::rows::what_a_row_asks_for_is_in_the_plan_and_in_the_book_and_goes_with_the_row
