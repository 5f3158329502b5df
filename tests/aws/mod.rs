//! Every resource type of AWS against the local cloud, through the registry.

mod acm;
mod ec2;
mod elbv2;
mod iam;
mod logs;
mod kms;
mod rds;
mod s3;
mod secretsmanager;
mod table;
