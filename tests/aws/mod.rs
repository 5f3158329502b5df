//! Every resource type of AWS against the local cloud, through the registry.

mod ec2;
mod iam;
mod kms;
mod rds;
mod s3;
mod secretsmanager;
mod table;
