-- No way back.

drop procedure iasql.revert_to(timestamptz, boolean);
drop function iasql.round_back(timestamptz, boolean);
drop function iasql.step_aside(iasql.strayed);
drop function iasql.try_back(iasql.strayed);
drop function iasql.write_back(iasql.strayed, text[]);
