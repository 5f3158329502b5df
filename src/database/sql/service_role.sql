-- A login of one of our services: it may call what it was granted, and is nobody's owner. The password is its verifier only.
do $$
begin
  create role :"service" login;
exception when duplicate_object or unique_violation then null;
end
$$;

alter role :"service" with login noinherit nosuperuser nocreatedb nocreaterole noreplication password :'verifier';
