-- As version 1 has it.

alter function s3.spell_bucket_policy() reset search_path;
