"""Looks at the demo's cloud with boto3, which knows nothing of iasql; with the word `meddle` it changes things there."""

import sys

import boto3

BUCKET = "shop-receipts-4711"
ec2, s3, rds, secrets = (boto3.client(service) for service in ("ec2", "s3", "rds", "secretsmanager"))


def named(name):
    return [{"Name": "tag:Name", "Values": [name]}]


def security_group(name):
    return ec2.describe_security_groups(Filters=named(name))["SecurityGroups"][0]


def ports(group):
    return sorted({rule["FromPort"] for rule in group["IpPermissions"]})


def look():
    for vpc in ec2.describe_vpcs(Filters=named("shop"))["Vpcs"]:
        print(f"  vpc              {vpc['VpcId']}  {vpc['CidrBlock']}")
    for subnet in ec2.describe_subnets(Filters=named("shop-*"))["Subnets"]:
        print(f"  subnet           {subnet['SubnetId']}  {subnet['CidrBlock']}  {subnet['AvailabilityZone']}")
    for name in ("shop-web", "shop-db"):
        group = security_group(name)
        print(f"  security group   {group['GroupId']}  {name}, open ports {ports(group)}")
    versioning = s3.get_bucket_versioning(Bucket=BUCKET).get("Status", "off")
    print(f"  bucket           {BUCKET}, versioning {versioning}")
    for secret in secrets.list_secrets()["SecretList"]:
        print(f"  secret           {secret['Name']}, {len(secrets.get_secret_value(SecretId=secret['ARN'])['SecretString'])} characters")
    for instance in rds.describe_db_instances()["DBInstances"]:
        print(f"  db instance      {instance['DBInstanceIdentifier']}  {instance['Engine']}, {instance['DBInstanceClass']}, {instance['DBInstanceStatus']}")


def meddle():
    web = security_group("shop-web")
    world = [{"CidrIp": "0.0.0.0/0"}]
    ec2.authorize_security_group_ingress(
        GroupId=web["GroupId"], IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": world}]
    )
    print("  opened port 22 of shop-web to the world")
    ec2.revoke_security_group_ingress(
        GroupId=web["GroupId"], IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": world}]
    )
    print("  closed port 443 of shop-web")
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    print(f"  suspended the versioning of {BUCKET}")
    rds.modify_db_instance(DBInstanceIdentifier="shop", DBInstanceClass="db.t3.large", ApplyImmediately=True)
    print("  made the database server larger")


meddle() if sys.argv[1:] == ["meddle"] else look()
