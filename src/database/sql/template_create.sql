-- Text in the order of its bytes, so that a sorted list is the same list everywhere. Closed, for it comes open to everybody.
create database :"raw" template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8' allow_connections false
