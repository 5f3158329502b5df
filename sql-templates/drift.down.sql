-- What differs is in the plan, and nobody knows since when.

drop function iasql.explained();
drop function iasql.steps_told(jsonb);
drop view iasql.drift;
drop table iasql.drifted;
drop table iasql.noted_listing;
drop table iasql.noted_step;
drop table iasql.noted;
