-- Closed: a copy takes over no grants, so it comes open to everybody.
create database :"database" template :"template" allow_connections false
