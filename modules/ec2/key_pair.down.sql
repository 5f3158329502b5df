-- Takes back key pairs, and what strips their keys.

select iasql.unregister('ec2.key_pair');
drop function ec2.strip_public_key();
