-- a kind may be of any length here
select r.id, left(r.kind, 40) as kind, r.asked_by from iasql.request r where r.run is null and r.said is null order by r.id limit 100
