select s.id, s.resource, s.region, s.key, s.name, s.action, s.changed, s.reason, s.blocked,
       s.row_id, s.observed_id, s.wants, s.holds, s.goes_with, s.creates_first
from   iasql.step s
order  by s.resource, s.region, s.name
