-- Takes back the view and what stands behind it; the rows that it made stay.

drop view serverless.database;
drop function serverless.make_database();
drop function serverless.change_database();
drop function serverless.drop_database();
