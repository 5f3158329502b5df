-- Which image a row of ec2.image has found: for whoever writes an instance.

create function ec2.latest_image(pattern text, image_owner text default null, region text default iasql.default_region()) returns text
language plpgsql stable as $$
begin
  if not exists (select from ec2.image i
                 where i.name = latest_image.pattern and i.region = latest_image.region and i.image_owner = coalesce(latest_image.image_owner, i.image_owner)) then
    raise exception 'no row of ec2.image asks for % in %', pattern, region
      using errcode = 'no_data_found', hint = format('insert into ec2.image (name, image_owner) values (%L, %L); call iasql.refresh();', pattern, coalesce(image_owner, 'amazon'));
  end if;
  return (
    select o.image_id from observed.ec2_image o
    where  o.name = latest_image.pattern and o.region = latest_image.region and o.image_owner = coalesce(latest_image.image_owner, o.image_owner)
    order  by o.creation_date desc nulls last, o.image_id desc limit 1
  );
end
$$;
comment on function ec2.latest_image is 'The id of the newest image of a name or pattern, as it was last seen; NULL where none was found. A row of ec2.image must ask for it first: insert into ec2.image (name, image_owner) values (''al2023-ami-2023.*-x86_64'', ''amazon''); call iasql.refresh(); select ec2.latest_image(''al2023-ami-2023.*-x86_64'');';

-- iasql.register grants what was there before
do $$
begin
  if iasql.setting('tenant') is not null then
    execute format('grant execute on function ec2.latest_image(text, text, text) to %I', iasql.setting('tenant'));
  end if;
end
$$;

-- what a service's functions are granted is granted with its tables, and these come after them
select iasql.admit_to('ec2');
