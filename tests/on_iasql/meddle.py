"""Changes three things of the engine's own infrastructure with boto3, which knows nothing of iasql."""

import boto3

elbv2, logs, ecr = (boto3.client(service) for service in ("elbv2", "logs", "ecr"))

group = elbv2.describe_target_groups()["TargetGroups"][0]
elbv2.modify_target_group(TargetGroupArn=group["TargetGroupArn"], HealthCheckPath="/broken")
logs.put_retention_policy(logGroupName="/iasql/engine", retentionInDays=1)
ecr.delete_lifecycle_policy(repositoryName="iasql")
