-- Availability zones are AWS' own: they can only be referred to.

-- never: create update replace rename delete adopt drift

-- ground:
insert into ec2.availability_zone (name) values ('us-east-1a');
