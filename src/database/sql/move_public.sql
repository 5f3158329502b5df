begin;
revoke all on schema public from public;
alter schema public owner to :"tenant";
commit;
