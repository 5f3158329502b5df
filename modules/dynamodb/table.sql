-- A table: items that are found by a key, and by those of its indexes.

create function dynamodb.canonical_indexes(indexes jsonb) returns jsonb
language sql immutable parallel safe
return case when jsonb_typeof(indexes) <> 'object' then indexes else (
  select coalesce(jsonb_object_agg(index.key, case when jsonb_typeof(index.value) <> 'object' then index.value
           else '{"projection_type": "ALL"}' || jsonb_strip_nulls(index.value) - 'non_key_attributes'
             || case when coalesce(index.value -> 'non_key_attributes', 'null') in ('null', '[]') then '{}'
                     else jsonb_build_object('non_key_attributes', iasql.canonical_list(index.value -> 'non_key_attributes')) end end), '{}')
  from   jsonb_each(indexes) index)
end;
comment on function dynamodb.canonical_indexes is 'Indexes in the one spelling in which the engine reads them: without what is NULL, all of an item where nothing is said, lists sorted.';

create function dynamodb.are_indexes(indexes jsonb) returns boolean
language sql immutable parallel safe
return case when jsonb_typeof(indexes) <> 'object' then false else not exists (
  select from jsonb_each(indexes) index
  where  index.key !~ '^[A-Za-z0-9_.-]{3,255}$'
  or     case when jsonb_typeof(index.value) <> 'object' then true
              else index.value - array['hash_key', 'range_key', 'projection_type', 'non_key_attributes', 'read_capacity_units', 'write_capacity_units'] <> '{}'
                or jsonb_typeof(index.value -> 'hash_key') is distinct from 'string'
                or jsonb_typeof(index.value -> 'range_key') <> 'string'
                or index.value ->> 'projection_type' not in ('ALL', 'KEYS_ONLY', 'INCLUDE')
                or (index.value ->> 'projection_type' = 'INCLUDE') <> (index.value ? 'non_key_attributes')
                or jsonb_typeof(index.value -> 'read_capacity_units') <> 'number'
                or jsonb_typeof(index.value -> 'write_capacity_units') <> 'number' end)
end;
comment on function dynamodb.are_indexes is 'Whether a value holds indexes by name, each with the fields that an index has.';

create function dynamodb.key_attributes(hash_key text, range_key text, local_indexes jsonb, global_indexes jsonb) returns jsonb
language sql immutable parallel safe
return iasql.canonical_list(jsonb_strip_nulls(jsonb_build_array(hash_key))
  || case when range_key is null then '[]' else jsonb_build_array(range_key) end
  || jsonb_path_query_array(local_indexes, '$.*.hash_key') || jsonb_path_query_array(local_indexes, '$.*.range_key')
  || jsonb_path_query_array(global_indexes, '$.*.hash_key') || jsonb_path_query_array(global_indexes, '$.*.range_key'));
comment on function dynamodb.key_attributes is 'The attributes that are keys of a table or of one of its indexes, sorted.';

create function dynamodb.spell_indexes() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  new.local_secondary_indexes := dynamodb.canonical_indexes(new.local_secondary_indexes);
  new.global_secondary_indexes := dynamodb.canonical_indexes(new.global_secondary_indexes);
  return new;
end
$$;
comment on function dynamodb.spell_indexes is 'Keeps the indexes of a table in their one spelling.';

create table dynamodb.table (
  region                         text    not null default iasql.default_region(),
  name                           text    not null,
  attribute_definitions          jsonb   not null,
  hash_key                       text    not null,
  range_key                      text,
  local_secondary_indexes        jsonb   not null default '{}',
  global_secondary_indexes       jsonb   not null default '{}',
  billing_mode                   text    not null default 'PAY_PER_REQUEST',
  read_capacity_units            bigint,
  write_capacity_units           bigint,
  max_read_request_units         bigint,
  max_write_request_units        bigint,
  table_class                    text,
  stream_view_type               text,
  sse_enabled                    boolean,
  kms_key                        text,
  deletion_protection_enabled    boolean not null default false,
  time_to_live_attribute_name    text,
  point_in_time_recovery_enabled boolean,
  recovery_period_in_days        integer,
  tags                           jsonb   not null default '{}',
  stream_arn                     text,
  arn                            text,
  primary key (region, name),
  foreign key (region, kms_key) references kms.key (region, name) on update cascade,
  -- https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
  constraint a_table_name_has_3_to_255_letters_digits_and_some_signs
    check (name ~ '^[A-Za-z0-9_.-]{3,255}$'),
  constraint attributes_are_defined_as_s_n_or_b_by_name
    check (jsonb_typeof(attribute_definitions) = 'object' and not jsonb_path_exists(attribute_definitions, '$.* ? (@ != "S" && @ != "N" && @ != "B")')),
  constraint indexes_have_a_hash_key_a_projection_and_no_unknown_fields
    check (dynamodb.are_indexes(local_secondary_indexes) and dynamodb.are_indexes(global_secondary_indexes)),
  constraint a_local_index_has_a_range_key_and_no_capacity
    check (not jsonb_path_exists(local_secondary_indexes, '$.* ? (!exists(@.range_key) || exists(@.read_capacity_units) || exists(@.write_capacity_units))')),
  constraint just_the_attributes_that_are_keys_are_defined
    check (dynamodb.key_attributes(hash_key, range_key, local_secondary_indexes, global_secondary_indexes)
      = iasql.canonical_list(jsonb_path_query_array(attribute_definitions, '$.keyvalue().key'))),
  constraint billing_mode_is_pay_per_request_or_provisioned
    check (billing_mode in ('PAY_PER_REQUEST', 'PROVISIONED')),
  constraint what_is_provisioned_has_capacity_units_and_nothing_else_has
    check (case billing_mode when 'PROVISIONED'
      then num_nulls(read_capacity_units, write_capacity_units) = 0
        and not jsonb_path_exists(global_secondary_indexes, '$.* ? (!exists(@.read_capacity_units) || !exists(@.write_capacity_units))')
      else num_nonnulls(read_capacity_units, write_capacity_units) = 0
        and not jsonb_path_exists(global_secondary_indexes, '$.* ? (exists(@.read_capacity_units) || exists(@.write_capacity_units))') end),
  constraint capacity_units_are_at_least_1
    check (read_capacity_units >= 1 and write_capacity_units >= 1),
  constraint only_what_is_paid_per_request_has_a_most_of_request_units
    check (billing_mode = 'PAY_PER_REQUEST' or num_nonnulls(max_read_request_units, max_write_request_units) = 0),
  constraint a_most_of_request_units_is_minus_1_for_none_or_at_least_1
    check (coalesce(max_read_request_units, 1) not in (0) and coalesce(max_write_request_units, 1) not in (0)
      and coalesce(max_read_request_units, 1) >= -1 and coalesce(max_write_request_units, 1) >= -1),
  constraint table_class_is_standard_or_infrequent_access
    check (table_class in ('STANDARD', 'STANDARD_INFREQUENT_ACCESS')),
  constraint stream_view_type_is_one_that_dynamodb_knows_or_empty
    check (stream_view_type in ('', 'KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES')),
  constraint a_key_of_kms_comes_with_sse_enabled
    check (kms_key is null or sse_enabled is true),
  constraint a_recovery_period_of_1_to_35_days_comes_with_recovery
    check (recovery_period_in_days is null or point_in_time_recovery_enabled is true and recovery_period_in_days between 1 and 35),
  constraint tags_are_texts_by_key
    check (iasql.are_tags(tags - 'Name'))
);

comment on table dynamodb.table is '@data A table: items that are found by a key, and by those of its indexes. Changes of its indexes are made one after the other, and a new one takes its time.';
comment on column dynamodb.table.region is 'The AWS region, as in us-east-1.';
comment on column dynamodb.table.name is '@immutable Its name.';
comment on column dynamodb.table.attribute_definitions is 'The attributes that are keys, of the table or of an index, each with its type: S (text), N (number) or B (bytes), as in {"id": "S"}. Other attributes need no definition.';
comment on column dynamodb.table.hash_key is '@immutable The partition key: an attribute.';
comment on column dynamodb.table.range_key is '@immutable @exact The sort key: an attribute. NULL: none.';
comment on column dynamodb.table.local_secondary_indexes is '@immutable Indexes with the same partition key, by name: {"by_date": {"hash_key": "id", "range_key": "date"}}. projection_type is ALL (where nothing is said), KEYS_ONLY, or INCLUDE with non_key_attributes, a list. {}: none.';
comment on column dynamodb.table.global_secondary_indexes is 'Indexes with keys of their own, by name: {"by_customer": {"hash_key": "customer"}}. Fields as those of local_secondary_indexes; with billing_mode PROVISIONED also read_capacity_units and write_capacity_units. {}: none.';
comment on column dynamodb.table.billing_mode is 'PAY_PER_REQUEST, or PROVISIONED: what read_capacity_units and write_capacity_units say is paid, used or not.';
comment on column dynamodb.table.read_capacity_units is 'Reads of 4 KB in a second, with billing_mode PROVISIONED. NULL otherwise.';
comment on column dynamodb.table.write_capacity_units is 'Writes of 1 KB in a second, with billing_mode PROVISIONED. NULL otherwise.';
comment on column dynamodb.table.max_read_request_units is 'The most reads in a second that are paid per request. NULL: as it is, at first no limit; -1: no limit.';
comment on column dynamodb.table.max_write_request_units is 'The most writes in a second that are paid per request. NULL: as it is, at first no limit; -1: no limit.';
comment on column dynamodb.table.table_class is 'STANDARD or STANDARD_INFREQUENT_ACCESS. NULL: as it is, at first STANDARD.';
comment on column dynamodb.table.stream_view_type is 'What its stream tells of a change: KEYS_ONLY, NEW_IMAGE, OLD_IMAGE or NEW_AND_OLD_IMAGES. NULL: as it is, at first there is no stream; an empty text: there is none. Another type is another stream.';
comment on column dynamodb.table.sse_enabled is 'Whether it is encrypted with a key of KMS, the account''s own for DynamoDB where kms_key names none; else with one that AWS owns. NULL: as it is, at first with one that AWS owns.';
comment on column dynamodb.table.kms_key is 'The KMS key, where sse_enabled is true. NULL: as it is; sse_enabled false takes it away.';
comment on column dynamodb.table.deletion_protection_enabled is 'Whether DynamoDB refuses to delete it.';
comment on column dynamodb.table.time_to_live_attribute_name is 'The attribute with the time, in seconds since 1970, after which an item is forgotten. NULL: as it is, at first none; an empty text: none. AWS takes a change an hour.';
comment on column dynamodb.table.point_in_time_recovery_enabled is 'Whether it can be set back to any second of its recovery period. NULL: as it is, at first not.';
comment on column dynamodb.table.recovery_period_in_days is 'How far it can be set back, 1 to 35 days. NULL: as it is, at first 35.';
comment on column dynamodb.table.tags is 'Tags by key.';
comment on column dynamodb.table.stream_arn is '@cloud Its stream: arn:aws:dynamodb:…/stream/…. Empty where it has none.';
comment on column dynamodb.table.arn is '@identity The name that AWS gave it: arn:aws:dynamodb:….';

create trigger spell_indexes before insert or update on dynamodb.table
  for each row execute function dynamodb.spell_indexes();

select iasql.register('dynamodb.table');
