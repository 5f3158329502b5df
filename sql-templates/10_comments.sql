-- Columns of the same name mean the same everywhere: what they mean is said once, and put on every view and table of ours.

create function iasql.comment_columns() returns void
language plpgsql as $$
declare
  column_found record;
begin
  for column_found in
    select c.oid::regclass as relation, a.attname as name, m.meaning
    from   pg_class c
    join   pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join   (values
             ('id', 'Names the step within the plan, or the observed thing.'), ('row_id', 'The desired row.'), ('observed_id', 'The observed thing.'),
             ('resource', 'The resource type, or the table of a list.'), ('region', 'The region, where there is one.'), ('key', 'The row''s key.'), ('name', 'The row''s key as text.'),
             ('action', 'What is to happen, as in iasql.plan.'), ('changed', 'What differs: {column: [is, should be]}.'), ('reason', 'Why.'), ('blocked', 'Whether it can''t be done as things stand.'),
             ('wants', 'The desired rows that must be there first.'), ('holds', 'The observed things that it refers to in the cloud.'), ('goes_with', 'Those of them with which the cloud removes it.'),
             ('creates_first', 'Whether a replacement is made before the old one goes.'), ('desired', 'The row with the cloud''s ids in the place of names.'), ('lacks', 'The parents that are not there yet.'),
             ('field', 'The column: one of the resource, or the one that refers to something.'), ('position', 'The column''s number.'), ('type', 'The column''s type.'), ('is_required', 'Whether it may not be NULL.'),
             ('is_region', 'Whether it is the region.'), ('is_key', 'Whether it belongs to the key.'), ('is_cloud', 'Whether the cloud fills it.'), ('is_identity', 'Whether it is the cloud''s own id.'),
             ('is_immutable', 'Whether a change of it means a replacement.'), ('is_secret', 'Whether it is a secret.'), ('is_version', 'Whether it is the version of a secret.'),
             ('is_cascade', 'Whether the cloud removes the row together with what it refers to.'), ('is_exact', 'Whether NULL means none, and is compared.'), ('is_optional', 'Whether NULL leaves it to the cloud.'),
             ('is_regional', 'Whether the cloud keeps these by region.'), ('part_list', 'The list of the owner that the rows fold to.'), ('parent', 'The table that is referred to.'),
             ('child_fields', 'The foreign key''s columns.'), ('parent_fields', 'The columns that they refer to.'), ('n', 'The reference''s number within its table.'),
             ('parent_identity', 'The parent''s own id.'), ('parent_name', 'The parent''s column that the reference holds.'), ('parent_is_regional', 'Whether the parent is kept by region.'),
             ('part', 'The table of the list.'), ('list', 'The column that it folds to.'), ('own_fields', 'The list''s columns that name its owner.'), ('owner_fields', 'The owner''s columns that they name.'),
             ('ref_field', 'The list''s column that refers to something else.'), ('ref_parent', 'What that refers to.'), ('ref_child_fields', 'That reference''s columns.'),
             ('ref_parent_fields', 'The columns that they refer to.'), ('other_fields', 'The list''s other columns.'), ('is_ids', 'Whether it folds to a list of ids.')
           ) m (name, meaning) on m.name = a.attname
    where  c.relnamespace = 'iasql'::regnamespace and c.relkind in ('r', 'v') and col_description(c.oid, a.attnum) is null
  loop
    execute format('comment on column %s.%I is %L', column_found.relation, column_found.name, column_found.meaning);
  end loop;
end
$$;
comment on function iasql.comment_columns is 'Comments the columns of ours that have no comment of their own.';

select iasql.comment_columns();
