-- in every region of the type: a row may already ask for another one than that in which the cloud is busy
select l.resource, l.region
from   iasql.listings() l
where  l.resource in (select s.resource from iasql.step s where s.action = 'wait')
