"""Makes the bucket $1 where AWS_ENDPOINT_URL says, if it is not there yet."""

import sys

import boto3

store = boto3.client("s3", region_name="us-east-1")
try:
    store.create_bucket(Bucket=sys.argv[1])
except (store.exceptions.BucketAlreadyOwnedByYou, store.exceptions.BucketAlreadyExists):
    # outside us-east-1 S3 refuses what is there already; whose it is, head_bucket tells
    store.head_bucket(Bucket=sys.argv[1])
