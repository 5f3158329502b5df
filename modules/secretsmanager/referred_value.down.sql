-- As version 1 has it.

alter table secretsmanager.secret drop constraint a_write_is_of_one_secret;
