create table if not exists public.ticks (minute timestamptz primary key, server text not null)
