-- Forgets where the credentials are.
drop table control.credential;
