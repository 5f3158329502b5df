select 'group ' || g.row_id || ' ' || g.name || coalesce(' ' || g.retention_in_days, '') from logs.log_group g
union all select 'history ' || count(*) || ' ' || md5(string_agg(h.id::text || h.at, ' ' order by h.id)) from iasql.history h
union all select 'diary ' || count(*) || ' ' || md5(string_agg(d.id || d.mood::text || d.at || encode(d.raw, 'hex'), ' ' order by d.id)) from public.diary d
union all select 'mine ' || count(*) from public.mine
union all select 'comment ' || obj_description('public.diary'::regclass)
union all select 'path ' || current_setting('search_path') || ' own ' || current_setting('application_name')
union all select 'role ' || r.rolcanlogin || r.rolsuper || r.rolinherit || ' ' || r.rolconnlimit from pg_roles r where r.rolname = current_user
union all select 'setting ' || s.name || '=' || s.value from iasql.setting s
order by 1
