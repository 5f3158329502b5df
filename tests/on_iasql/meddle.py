"""Breaks three things of the engine's own infrastructure with boto3, which knows nothing of iasql."""

import boto3

ec2, logs, ecr = (boto3.client(service) for service in ("ec2", "logs", "ecr"))

group = ec2.describe_security_groups(Filters=[{"Name": "tag:Name", "Values": ["iasql-database"]}])["SecurityGroups"][0]
ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
logs.put_retention_policy(logGroupName="/iasql/engine", retentionInDays=1)
ecr.delete_lifecycle_policy(repositoryName="iasql")
