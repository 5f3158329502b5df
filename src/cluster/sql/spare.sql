-- What the template of a cluster has besides what initdb makes, told to a server that is alone: each statement ends with an empty line.
create role pooler login;

create database "iasql spare" owner pooler;

