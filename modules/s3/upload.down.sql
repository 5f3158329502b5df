-- Takes back s3.upload().

drop function s3.upload(text, text, text, text);
drop function s3.content_type_of(text);
