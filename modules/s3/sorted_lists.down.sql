-- Takes back what keeps lists sorted.

drop function s3.sort_lists();
