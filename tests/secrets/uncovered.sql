-- The columns that hold secrets in which nothing is planted; a query for each, to be run by psql's \gexec or one by one.
select format('select %L where not exists (select from %s t where t.%I is not null)', f.resource || '.' || f.field, f.resource, f.field)
from   iasql.field f where f.is_secret order by 1
