-- An image is looked up: there is nothing to do about it, and no instance changes when a newer one comes out.

-- never: create drift update replace rename delete adopt

-- ground:
insert into ec2.image (name, image_owner) values ('amzn2-ami-hvm-*', 'amazon'), ('*ubuntu*', 'amazon');
