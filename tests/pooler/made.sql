-- What the pooler's user finds in its database.

create role pooler login password 'sésame, ouvre-toi';
create database main owner pooler;
