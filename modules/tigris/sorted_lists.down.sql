-- Lists are kept as they were written.

drop function tigris.sort_lists();
