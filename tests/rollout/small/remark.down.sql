-- No more remarks.

alter table small.applied drop column remark;
delete from small.applied where version = 2;
