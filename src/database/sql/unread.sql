select l.resource, l.region
from   iasql.listings() l
where  not exists (
         select from iasql.listing r
         where  r.resource = l.resource and r.region = l.region and (r.listed_at is not null or r.blind is not null))
