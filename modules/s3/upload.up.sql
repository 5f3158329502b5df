-- Writing an object from SQL, with a content type by its name.

create function s3.content_type_of(key text) returns text
language sql immutable parallel safe
return case lower(substring(key from '\.([^./]+)$'))
  when 'html' then 'text/html' when 'htm' then 'text/html' when 'css' then 'text/css' when 'txt' then 'text/plain'
  when 'md' then 'text/markdown' when 'csv' then 'text/csv' when 'xml' then 'application/xml' when 'js' then 'text/javascript'
  when 'mjs' then 'text/javascript' when 'json' then 'application/json' when 'pdf' then 'application/pdf' when 'wasm' then 'application/wasm'
  when 'zip' then 'application/zip' when 'gz' then 'application/gzip' when 'svg' then 'image/svg+xml' when 'png' then 'image/png'
  when 'jpg' then 'image/jpeg' when 'jpeg' then 'image/jpeg' when 'gif' then 'image/gif' when 'webp' then 'image/webp'
  when 'ico' then 'image/x-icon' when 'woff2' then 'font/woff2' when 'mp4' then 'video/mp4' when 'mp3' then 'audio/mpeg'
  when 'yaml' then 'application/yaml' when 'yml' then 'application/yaml' when 'sql' then 'application/sql'
  else 'binary/octet-stream' end;
comment on function s3.content_type_of is 'The content type that the ending of a key suggests.';

create function s3.upload(bucket text, key text, content text, content_type text default null) returns void
language sql as $$
  insert into s3.object as o (bucket, key, content, content_type)
  values (upload.bucket, upload.key, upload.content, coalesce(upload.content_type, s3.content_type_of(upload.key)))
  on conflict on constraint object_pkey do update set content = excluded.content, content_base64 = null, content_type = excluded.content_type
$$;
comment on function s3.upload is 'Writes a text as an object: inserts its row of s3.object, or changes it. The content type follows from the key''s ending where none is given.';

-- what a service's functions are granted is granted with its tables, and these come after them
select iasql.admit_to('s3');
