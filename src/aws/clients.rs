//! The way to AWS: one account, any region, clients made once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_types::{SdkConfig, region::Region};

use crate::resource::Cloud;

/// One AWS account in one region.
#[derive(Clone)]
pub struct Aws {
    clients: Arc<Clients>,
    account: Arc<Account>,
}

struct Account {
    config: SdkConfig,
    regions: Mutex<HashMap<String, Arc<Clients>>>,
    /// Locked while buckets are listed, so that those who wait need no list of their own.
    buckets: tokio::sync::Mutex<HashMap<String, String>>,
}

struct Clients {
    region: String,
    ec2: aws_sdk_ec2::Client,
    rds: aws_sdk_rds::Client,
    s3: aws_sdk_s3::Client,
    secretsmanager: aws_sdk_secretsmanager::Client,
}

impl Aws {
    /// The account that `config` has credentials for, in its region (`us-east-1` where it names none).
    pub fn new(config: SdkConfig) -> Self {
        let region = config.region().map_or("us-east-1", Region::as_ref).to_owned();
        let clients = Arc::new(Clients::new(&config, &region));
        let regions = Mutex::new(HashMap::from([(region, Arc::clone(&clients))]));
        Self { clients, account: Arc::new(Account { config, regions, buckets: tokio::sync::Mutex::default() }) }
    }

    /// The region, as AWS spells it: `eu-central-1`.
    pub fn region(&self) -> &str {
        &self.clients.region
    }

    /// EC2's client.
    pub fn ec2(&self) -> &aws_sdk_ec2::Client {
        &self.clients.ec2
    }

    /// RDS' client.
    pub fn rds(&self) -> &aws_sdk_rds::Client {
        &self.clients.rds
    }

    /// S3's client.
    pub fn s3(&self) -> &aws_sdk_s3::Client {
        &self.clients.s3
    }

    /// In which region each bucket of the account was when it was last seen.
    pub(super) fn buckets(&self) -> &tokio::sync::Mutex<HashMap<String, String>> {
        &self.account.buckets
    }

    /// The Secrets Manager's client.
    pub fn secretsmanager(&self) -> &aws_sdk_secretsmanager::Client {
        &self.clients.secretsmanager
    }
}

impl Cloud for Aws {
    fn at(&self, region: &str) -> Self {
        // a service without regions is asked where the account is
        if region.is_empty() {
            return self.clone();
        }
        let mut regions = self.account.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let clients = regions.entry(region.to_owned()).or_insert_with(|| Arc::new(Clients::new(&self.account.config, region)));
        Self { clients: Arc::clone(clients), account: Arc::clone(&self.account) }
    }
}

impl Clients {
    fn new(config: &SdkConfig, region: &str) -> Self {
        let config = config.to_builder().region(Region::new(region.to_owned())).build();
        Self {
            region: region.to_owned(),
            ec2: aws_sdk_ec2::Client::new(&config),
            rds: aws_sdk_rds::Client::new(&config),
            // an endpoint of one's own (an emulator) has no host name for every bucket
            s3: aws_sdk_s3::Client::from_conf(
                aws_sdk_s3::config::Builder::from(&config).force_path_style(config.endpoint_url().is_some()).build(),
            ),
            secretsmanager: aws_sdk_secretsmanager::Client::new(&config),
        }
    }
}
