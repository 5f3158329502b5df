-- Closed, for it comes open to everybody.
create database :"database" template template0 encoding 'UTF8' lc_collate :'collate' lc_ctype :'ctype' allow_connections false
