-- The rights go with what they are about.

drop function iasql.admit_to_history(text);
