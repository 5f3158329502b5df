-- What was applied may carry a remark: the least that a version can do.

alter table small.applied add column remark text;
comment on column small.applied.remark is 'A remark.';
insert into small.applied (version) values (2);
