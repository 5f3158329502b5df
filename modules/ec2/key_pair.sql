-- A key pair: the public key that an instance lets in at its first login.

create table ec2.key_pair (
  region          text  not null default iasql.default_region(),
  name            text  not null,
  public_key      text,
  tags            jsonb not null default '{}',
  key_pair_id     text,
  key_fingerprint text,
  key_type        text,
  primary key (region, name),
  constraint a_key_pair_name_has_1_to_255_plain_characters
    check (name ~ '^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$'),
  constraint a_public_key_is_ssh_rsa_or_ssh_ed25519_and_its_base64
    check (public_key ~ '^(ssh-rsa|ssh-ed25519) [A-Za-z0-9+/]+={0,2}$'),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table ec2.key_pair is 'A key pair: the public key that an instance lets in at its first login. The private half never comes here. Instances that run keep the key that they were started with.';
comment on column ec2.key_pair.region is 'The AWS region, as in us-east-1.';
comment on column ec2.key_pair.name is '@immutable Its name (KeyName).';
comment on column ec2.key_pair.public_key is 'The public key as OpenSSH writes it: ssh-ed25519 AAAA…. A comment behind it is taken off. For another key the pair is deleted and imported again under its name. NULL: as it is, for one that is there already.';
comment on column ec2.key_pair.tags is 'Tags by key.';
comment on column ec2.key_pair.key_pair_id is '@cloud The id that AWS gave it: key-0a1b2c….';
comment on column ec2.key_pair.key_fingerprint is '@cloud Its fingerprint, as AWS reckons it.';
comment on column ec2.key_pair.key_type is '@cloud rsa or ed25519.';

-- AWS puts the key pair's name in the place of the comment, so there is one way to write each key
create function ec2.strip_public_key() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  new.public_key := regexp_replace(new.public_key, '^\s*(\S+)\s+(\S+)(\s.*)?$', '\1 \2');
  return new;
end
$$;
comment on function ec2.strip_public_key is 'Takes the comment off a public key: a trigger.';

create trigger strip_public_key before insert or update on ec2.key_pair for each row execute function ec2.strip_public_key();

select iasql.register('ec2.key_pair');
