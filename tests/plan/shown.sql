select said
from   (select 0 as part, row_number() over () as line, d.line as said from iasql.diff() d (line)
        union all
        select 1, row_number() over (order by p.resource, p.region, p.name), p.resource || ' ' || p.name || ' after ' || array_to_string(p.depends_on, ', ')
        from   iasql.plan p where p.depends_on <> '{}') shown
order  by part, line
