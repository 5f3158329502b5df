select distinct s.resource, case when i.is_regional then s.region else '' end as region
from   iasql.step s
join   iasql.identity i on i.resource = s.resource
where  s.action = 'wait'
