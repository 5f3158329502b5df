-- Instances with a key pair and an instance profile of this database, their metadata service, what protects them, and the state they should be in.

select iasql.begin_change('ec2.instance');
alter table ec2.instance
  add column key_pair                             text,
  add column instance_profile                     text,
  add column http_tokens                          text,
  add column http_put_response_hop_limit          integer,
  add column http_endpoint                        text,
  add column disable_api_termination              boolean,
  add column instance_initiated_shutdown_behavior text,
  add column desired_state                        text,
  add constraint instance_key_pair_fkey
    foreign key (region, key_pair) references ec2.key_pair (region, name) on update cascade,
  add constraint instance_instance_profile_fkey
    foreign key (instance_profile) references iam.instance_profile (name) on update cascade,
  add constraint an_instance_has_a_key_pair_or_a_key_name
    check (num_nonnulls(key_pair, key_name) <= 1),
  add constraint an_instance_has_an_instance_profile_or_names_one
    check (num_nonnulls(instance_profile, iam_instance_profile) <= 1),
  add constraint http_tokens_are_required_or_optional
    check (http_tokens in ('required', 'optional')),
  add constraint http_put_response_hop_limit_goes_from_1_to_64
    check (http_put_response_hop_limit between 1 and 64),
  add constraint http_endpoint_is_enabled_or_disabled
    check (http_endpoint in ('enabled', 'disabled')),
  add constraint instance_initiated_shutdown_behavior_is_stop_or_terminate
    check (instance_initiated_shutdown_behavior in ('stop', 'terminate')),
  add constraint desired_state_is_running_or_stopped
    check (desired_state in ('running', 'stopped'));

comment on column ec2.instance.key_pair is 'The key pair for its first login, where it is a row of ec2.key_pair; key_name names one that is not. It can''t change: that takes another instance. NULL: whichever it has.';
comment on column ec2.instance.instance_profile is 'The instance profile whose role it has, where it is a row of iam.instance_profile; iam_instance_profile names one that is not. NULL: as it is; none is an empty text there.';
comment on column ec2.instance.http_tokens is 'Whether its metadata service asks for a token (IMDSv2): required or optional. NULL: as it is, at first what the image and the account say.';
comment on column ec2.instance.http_put_response_hop_limit is 'How many hops a token may go, from 1 to 64; containers need 2. NULL: as it is.';
comment on column ec2.instance.http_endpoint is 'Whether it has a metadata service: enabled or disabled. NULL: as it is, at first enabled.';
comment on column ec2.instance.disable_api_termination is 'Whether it is protected from being terminated; then deleting its row is refused until this is false. NULL: as it is, at first not.';
comment on column ec2.instance.instance_initiated_shutdown_behavior is 'What a shutdown from inside means: stop or terminate. NULL: as it is, at first stop.';
comment on column ec2.instance.desired_state is 'running or stopped: it is started or stopped so. What it does now stands in state. NULL: as it is.';
select iasql.end_change('ec2.instance');
