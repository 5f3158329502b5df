-- A function that costs next to nothing and tells what it was shown.
create table public.seen (text text);
create function public.peek(shown text) returns boolean language plpgsql cost 0.0000001 as $$
begin
  insert into public.seen values (shown);
  return true;
end
$$;
