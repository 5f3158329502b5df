-- Takes back the view and what stands behind it; the rows that it made stay.

drop view serverless.replica;
drop function serverless.make_replica();
drop function serverless.change_replica();
drop function serverless.drop_replica();
