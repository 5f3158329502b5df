create database :"name" template template0 allow_connections false;
revoke all on database :"name" from public;
alter database :"name" allow_connections true
