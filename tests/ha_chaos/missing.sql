select told.number
from unnest($1::bigint[]) as told (number)
where not exists (select from public.rows where rows.number = told.number)
