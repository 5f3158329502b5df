select m.minute::text
from (select min(t.minute) as first, max(t.minute) as last from public.ticks as t) as s,
  generate_series(s.first, s.last, interval '1 minute') as m (minute)
where not exists (select from public.ticks as t where t.minute = m.minute)
order by m.minute
