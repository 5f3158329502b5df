do $$
begin
  for turn in 1..400 loop
    insert into t select repeat(md5(n::text), 250) || n from generate_series(1, 10) n;
    insert into t select string_agg(md5(turn::text || n::text || m::text), '') from generate_series(1, 100) n, generate_series(1, 320) m group by n;
    commit;
    perform pg_sleep(0.1);
  end loop;
end
$$
