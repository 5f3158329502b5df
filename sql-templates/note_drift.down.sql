-- Nobody looks for drift.

drop function iasql.tell_drift(bigint);
drop function iasql.end_drift(jsonb);
drop function iasql.unexplained(jsonb);
