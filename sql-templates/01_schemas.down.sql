-- Takes everything of ours back, and the plan with it.

drop schema observed cascade;
drop schema iasql cascade;
alter default privileges grant execute on functions to public;
