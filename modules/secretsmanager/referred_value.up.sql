-- Another table may refer to a secret together with the write of its value, and so hears of each new one.

alter table secretsmanager.secret add constraint a_write_is_of_one_secret unique (region, value_version, name);
