-- The owner of all that is ours in the database, and the login of whoever it is for. Doing it again changes only the password.
do $$
begin
  create role :"owner" nologin;
exception when duplicate_object or unique_violation then null;
end
$$;

do $$
begin
  create role :"tenant" login;
exception when duplicate_object or unique_violation then null;
end
$$;

-- the verifier, made by us: the password itself never reaches the server or its log
alter role :"tenant" with login noinherit nosuperuser nocreatedb nocreaterole noreplication connection limit 20 password :'verifier';
grant :"owner" to current_user;
