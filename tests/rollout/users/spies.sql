-- A user who would like to know, and to use, who reads what they made.

create table public.seen (who text);
create function public.spy(x anyelement) returns anyelement language plpgsql as $$
begin
  insert into public.seen (who) values (current_user), (session_user);
  begin
    reset role;
    insert into public.seen (who) values (current_user);
  exception when others then
    insert into public.seen (who) values (current_user);
  end;
  return x;
end
$$;
create view public.spying as select public.spy(n.weight) as weight from small.note n;
-- a materialized view is filled when it is put back: that runs the spy
insert into small.note (name, weight) values ('bait', 1);
create materialized view public.filled as select public.spy(n.weight) as weight from small.note n;
truncate public.seen;
