-- Views in the schema policy are views like any others.

drop function iasql.admit_to_what_complaints_added(text);
drop function iasql.complaints();
drop function iasql.complaints_of(text, integer);
