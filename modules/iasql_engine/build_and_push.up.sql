-- The script that builds the engine's image and pushes it to the repository that the rows name.

create function iasql_engine.build_and_push() returns text
language plpgsql stable as $$
declare
  repository ecr.repository;
  service    ecs.service;
begin
  select r.* into repository
  from   ecr.repository r
  where  exists (select from ecs.container_definition c where c.region = r.region and c.repository = r.name)
  order  by r.name = 'iasql' desc, r.region, r.name limit 1;
  if repository.name is null then
    raise exception 'no container of this database has its image in a repository of this database'
      using errcode = 'invalid_parameter_value', hint = 'Let the blueprint expand first: select iasql_engine.blueprint(''{}'');';
  end if;
  if repository.repository_uri is null then
    raise exception 'the repository % is not there yet', repository.name
      using errcode = 'invalid_parameter_value', hint = 'Carry the rows out first: call iasql.check();';
  end if;
  select s.* into service
  from   ecs.service s
  join   ecs.container_definition c on c.region = s.region and c.task_definition = s.task_definition
  where  c.region = repository.region and c.repository = repository.name
  order  by s.name limit 1;
  return replace(replace(replace(replace(iasql_engine.build_and_push_template(),
    '@repository@', quote_literal(repository.repository_uri)), '@region@', quote_literal(repository.region)),
    '@cluster@', quote_literal(coalesce(service.cluster, ''))), '@service@', quote_literal(coalesce(service.name, '')));
end
$$;
comment on function iasql_engine.build_and_push is 'The shell script that builds the engine''s image, pushes it to the repository of the rows, and has the service start it.';

create function iasql_engine.build_and_push_template() returns text
language sql immutable as $template$
select $script$#!/usr/bin/env bash
# Builds iasql's image, pushes it to the repository that the rows name, and has the service start it.
# Made by POST /genBuildAndPush. Run it in the project's folder; it logs in with the AWS credentials of this shell.
# IASQL_LOCAL=1: the repository is that of a local cloud, which takes no images.
set -euo pipefail

repository=@repository@
region=@region@
cluster=@cluster@
service=@service@
tag=${IASQL_IMAGE_TAG:-latest}
python=${IASQL_VENV:-.iasql/venv}/bin/python

skipped() { printf 'push skipped: %s\n' "$*"; }

if ! docker info >/dev/null 2>&1; then
  printf 'there is no Docker here, so only the content of the image is built\n'
  scripts/image_content.sh "${IASQL_IMAGE_DIR:-target/image}"
  skipped "no Docker engine answers on this machine, so there is no image to push to $repository:$tag"
  exit
fi

docker build --tag "$repository:$tag" .
if [[ -n ${IASQL_LOCAL:-} ]]; then
  skipped "the repository $repository is that of a local cloud, which takes no images"
  exit
fi

# the password goes from one program to the other, and never onto a command line
password() {
  if command -v aws >/dev/null; then
    aws ecr get-login-password --region "$region"
  else
    "$python" -c 'import base64, boto3, sys
token = boto3.client("ecr", region_name=sys.argv[1]).get_authorization_token()["authorizationData"][0]["authorizationToken"]
print(base64.b64decode(token).decode().split(":", 1)[1])' "$region"
  fi
}
password | docker login --username AWS --password-stdin "${repository%%/*}"
docker push "$repository:$tag"

if [[ -n $service ]]; then
  if command -v aws >/dev/null; then
    aws ecs update-service --region "$region" --cluster "$cluster" --service "$service" --force-new-deployment >/dev/null
  else
    "$python" -c 'import boto3, sys
boto3.client("ecs", region_name=sys.argv[1]).update_service(cluster=sys.argv[2], service=sys.argv[3], forceNewDeployment=True)' "$region" "$cluster" "$service"
  fi
  printf 'the service %s starts the new image\n' "$service"
fi
$script$
$template$;
comment on function iasql_engine.build_and_push_template is 'The script with names between @ in the place of what the rows say.';

-- a module without tables lets nobody in by itself
select iasql.admit_to('iasql_engine');
