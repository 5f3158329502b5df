-- As version 1 has it: passwords are given, or made by RDS.

drop function rds.follow_password_secret();
