-- That a bucket is a website.

create table s3.bucket_website (
  bucket             text  not null primary key references s3.bucket (name) on update cascade,
  index_document     text,
  error_document     text,
  redirect_host_name text,
  redirect_protocol  text,
  routing_rules      jsonb not null default '[]',
  -- https://docs.aws.amazon.com/AmazonS3/latest/API/API_WebsiteConfiguration.html
  constraint a_website_has_an_index_or_redirects_everything
    check (num_nonnulls(index_document, redirect_host_name) = 1),
  constraint an_index_document_is_a_name_without_slashes
    check (index_document <> '' and index_document !~ '/'),
  constraint what_redirects_everything_has_nothing_else
    check (redirect_host_name is null or error_document is null and routing_rules = '[]'),
  constraint a_protocol_of_http_or_https_comes_with_a_host_name
    check (redirect_protocol is null or redirect_protocol in ('http', 'https') and redirect_host_name is not null),
  constraint routing_rules_are_a_list_of_objects_with_a_redirect
    check (jsonb_typeof(routing_rules) = 'array' and not jsonb_path_exists(routing_rules, 'strict $[*] ? (@.type() != "object" || !exists(@.redirect))')
      and routing_rules = jsonb_strip_nulls(routing_rules))
);

comment on table s3.bucket_website is 'That a bucket is a website: http://<bucket>.s3-website-<region>.amazonaws.com. Whoever should see it must be let in by s3.bucket_policy and s3.public_access_block.';
comment on column s3.bucket_website.bucket is '@immutable @cascade The bucket.';
comment on column s3.bucket_website.index_document is '@exact What is shown for a folder, as in index.html. NULL: everything is redirected.';
comment on column s3.bucket_website.error_document is '@exact What is shown where there is nothing, by its key. NULL: AWS'' own page.';
comment on column s3.bucket_website.redirect_host_name is '@exact The host that everything is redirected to. NULL: nothing is.';
comment on column s3.bucket_website.redirect_protocol is '@exact http or https, for that. NULL: as it was asked.';
comment on column s3.bucket_website.routing_rules is 'Redirections, the first that fits: [{"condition": {"key_prefix_equals": "docs/"}, "redirect": {"replace_key_prefix_with": "documents/"}}]. A condition has key_prefix_equals or http_error_code_returned_equals; a redirect host_name, protocol, http_redirect_code, and replace_key_with or replace_key_prefix_with.';

select iasql.register('s3.bucket_website');
