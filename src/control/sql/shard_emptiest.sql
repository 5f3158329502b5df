-- the server with the fewest databases takes the next one
select s.name as shard, s.url as shard_url, s.public_host, s.public_port
from control.shard as s
left join control.database as d on d.shard = s.name
group by s.name
order by count(d.name), s.name
limit 1
