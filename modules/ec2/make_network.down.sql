-- Takes back the function; the rows that it inserted stay.

drop function ec2.make_network(text, cidr, text[], boolean, text);
