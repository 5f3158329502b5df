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

-- what a login can't set for itself, and only a superuser can set for it
do $$
begin
  -- sorts and hashes that don't fit into memory; for each of its connections
  alter role :"tenant" set temp_file_limit = '1GB';
  -- the server's log is no place for what it makes up (raise log), nor for the values in what fails
  alter role :"tenant" set log_min_messages = 'fatal';
exception when insufficient_privilege then
  raise notice 'the login :"tenant" has no limit for temporary files: %', sqlerrm;
end
$$;
