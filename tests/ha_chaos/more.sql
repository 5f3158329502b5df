create table if not exists public.more (text text);
insert into public.more select repeat('x', 2000) from generate_series(1, 30000);
truncate public.more
