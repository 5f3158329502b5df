-- What a person looks at, as one text each.
select string_agg(p::text, ' ') from iasql.plan p
union all select string_agg(p::text, ' ') from iasql.step p
union all select string_agg(h::text, ' ') from iasql.history h
union all select string_agg(c::text, ' ') from iasql.change c
union all select string_agg(r::text, ' ') from iasql.run r
union all select string_agg(d, ' ') from iasql.diff() d
union all select string_agg(d, ' ') from iasql.review() d
union all select string_agg(d::text, ' ') from iasql.drift d
union all select string_agg(r::text, ' ') from iasql.request r
union all select string_agg(a.row::text, ' ') from iasql.resource r, iasql.as_of(r.name, clock_timestamp()) a (row)
union all select string_agg(d::text, ' ') from iasql.revert_diff((select min(h.at) from iasql.history h)) d
union all select string_agg(s, ' ') from iasql.sql_since('-infinity') s
