-- one setup at a time: not "for update", which would hold up the runs that refer to this row
select ready, modules from control.database where name = $1 for no key update
