-- A listener: a port of a load balancer, and what becomes of the requests there.

-- AWS fills in what a redirect does not say, so there is one way to write each.
create function elbv2.canonical_redirect(redirect jsonb) returns jsonb
language sql immutable as $$
  select jsonb_build_object('protocol', '#{protocol}', 'port', '#{port}', 'host', '#{host}', 'path', '/#{path}', 'query', '#{query}',
           'status_code', 'HTTP_301')
         || jsonb_strip_nulls(redirect)
         || jsonb_strip_nulls(jsonb_build_object('port', redirect->>'port'))
$$;
comment on function elbv2.canonical_redirect is 'A redirect in full: what it does not say stays as it was in the request.';

create function elbv2.canonical_fixed_response(response jsonb) returns jsonb
language sql immutable as $$
  select jsonb_strip_nulls(response)
         || jsonb_strip_nulls(jsonb_build_object('status_code', response->>'status_code'))
$$;
comment on function elbv2.canonical_fixed_response is 'A fixed response with its status code as a text.';

create function elbv2.is_redirect(redirect jsonb) returns boolean
language sql immutable as $$
  select jsonb_typeof(redirect) = 'object'
         and redirect - '{protocol,port,host,path,query,status_code}'::text[] = '{}'
         and redirect->>'status_code' in ('HTTP_301', 'HTTP_302')
         and not exists (select from jsonb_each(redirect) e (key, value) where jsonb_typeof(e.value) <> 'string')
$$;
comment on function elbv2.is_redirect is 'Whether it says where to: protocol, port, host, path and query as texts, and HTTP_301 or HTTP_302.';

create function elbv2.is_fixed_response(response jsonb) returns boolean
language sql immutable as $$
  select jsonb_typeof(response) = 'object'
         and response - '{status_code,content_type,message_body}'::text[] = '{}'
         and response ? 'status_code' and response->>'status_code' ~ '^[245][0-9][0-9]$'
         and not exists (select from jsonb_each(response) e (key, value) where jsonb_typeof(e.value) <> 'string')
$$;
comment on function elbv2.is_fixed_response is 'Whether it says what is answered: a status code of 2xx, 4xx or 5xx, and perhaps a content type and a body.';

create function elbv2.spell_action() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if jsonb_typeof(new.redirect) = 'object' then
    new.redirect := elbv2.canonical_redirect(new.redirect);
  end if;
  if jsonb_typeof(new.fixed_response) = 'object' then
    new.fixed_response := elbv2.canonical_fixed_response(new.fixed_response);
  end if;
  return new;
end
$$;
comment on function elbv2.spell_action is 'Spells the action of a listener or a rule as AWS answers it.';

create table elbv2.listener (
  region          text    not null default iasql.default_region(),
  name            text    not null,
  load_balancer   text    not null,
  port            integer not null,
  protocol        text    not null,
  ssl_policy      text,
  certificate     text,
  alpn_policy     text,
  target_group    text,
  redirect        jsonb,
  fixed_response  jsonb,
  tags            jsonb   not null default '{}',
  arn             text,
  primary key (region, name),
  foreign key (region, load_balancer) references elbv2.load_balancer (region, name) on update cascade,
  foreign key (region, certificate) references acm.certificate (region, name) on update cascade,
  foreign key (region, target_group) references elbv2.target_group (region, name) on update cascade,
  constraint a_load_balancer_listens_once_on_a_port
    unique (region, load_balancer, port),
  constraint a_port_is_one_of_65535
    check (port between 1 and 65535),
  constraint protocol_is_http_https_tcp_tls_udp_or_tcp_udp
    check (protocol in ('HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP')),
  constraint https_and_tls_take_a_certificate_and_others_none
    check ((protocol in ('HTTPS', 'TLS')) = (certificate is not null)),
  constraint only_https_and_tls_have_a_security_policy
    check (ssl_policy is null or protocol in ('HTTPS', 'TLS')),
  constraint only_tls_has_an_alpn_policy
    check (alpn_policy is null or protocol = 'TLS' and alpn_policy in ('HTTP1Only', 'HTTP2Only', 'HTTP2Optional', 'HTTP2Preferred', 'None')),
  constraint a_request_is_forwarded_redirected_or_answered
    check (num_nonnulls(target_group, redirect, fixed_response) = 1),
  constraint a_redirect_says_where_to_with_http_301_or_http_302
    check (elbv2.is_redirect(redirect)),
  constraint a_fixed_response_has_a_status_code_of_2xx_4xx_or_5xx
    check (elbv2.is_fixed_response(fixed_response)),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags))
);

comment on table elbv2.listener is 'A listener: a port of a load balancer, and what becomes of the requests that no rule (elbv2.listener_rule) takes.';
comment on column elbv2.listener.region is 'The AWS region, as in us-east-1.';
comment on column elbv2.listener.name is 'The Name tag. Renaming a row renames the thing.';
comment on column elbv2.listener.load_balancer is '@immutable @cascade The load balancer.';
comment on column elbv2.listener.port is 'The port, 1 to 65535.';
comment on column elbv2.listener.protocol is 'HTTP or HTTPS of an application load balancer; TCP, TLS, UDP or TCP_UDP of a network one.';
comment on column elbv2.listener.ssl_policy is 'Which ciphers and versions of TLS it takes, as in ELBSecurityPolicy-TLS13-1-2-2021-06. NULL: as it is, at first AWS'' own choice.';
comment on column elbv2.listener.certificate is 'The certificate that it shows, of HTTPS and TLS. It is waited for until it is issued.';
comment on column elbv2.listener.alpn_policy is 'Which protocols a network load balancer offers inside TLS: HTTP1Only, HTTP2Only, HTTP2Optional, HTTP2Preferred or None. NULL: as it is, at first none.';
comment on column elbv2.listener.target_group is 'Where requests are forwarded to.';
comment on column elbv2.listener.redirect is 'Where the client is sent instead: protocol, port, host, path, query, status_code (HTTP_301 or HTTP_302), as in {"protocol": "HTTPS", "port": "443"}. What it does not say stays as it was.';
comment on column elbv2.listener.fixed_response is 'What is answered instead: status_code, content_type, message_body, as in {"status_code": "404"}.';
comment on column elbv2.listener.tags is 'Tags by key, without Name (that is the column name).';
comment on column elbv2.listener.arn is '@identity The name that AWS gave it: arn:aws:elasticloadbalancing:….';

create trigger spell_action before insert or update on elbv2.listener for each row execute function elbv2.spell_action();

select iasql.register('elbv2.listener');
