//! The way to AWS: one account, any region, clients made once.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use aws_sdk_sts::config::ProvideCredentials;
use aws_types::{SdkConfig, region::Region};

use crate::resource::Cloud;

/// One AWS account in one region.
#[derive(Clone)]
pub struct Aws {
    clients: Arc<Clients>,
    account: Arc<Account>,
}

struct Account {
    now: Mutex<Now>,
    /// Where other credentials come from.
    source: Option<Source>,
    /// When they were fetched last; locked while they are.
    fetched: tokio::sync::Mutex<Option<Instant>>,
    /// Locked while buckets are listed, so that those who wait need no list of their own.
    buckets: tokio::sync::Mutex<HashMap<String, String>>,
    /// Who we are, as an ARN, once somebody has asked.
    caller: tokio::sync::OnceCell<String>,
}

/// Fetches an account's configuration anew, with the credentials that are good by now; nothing where there are none.
pub type Source = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Option<SdkConfig>> + Send>> + Send + Sync>;

/// How soon credentials that were no others are fetched once more.
const SPARED: Duration = Duration::from_secs(5);

/// What an account is asked with, until its credentials are over.
struct Now {
    /// How often its credentials were renewed.
    age: u64,
    config: SdkConfig,
    regions: HashMap<String, Arc<Clients>>,
}

struct Clients {
    region: String,
    /// As in [`Now`].
    age: u64,
    acm: aws_sdk_acm::Client,
    cloudwatch: aws_sdk_cloudwatch::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
    dynamodb: aws_sdk_dynamodb::Client,
    ec2: aws_sdk_ec2::Client,
    ecr: aws_sdk_ecr::Client,
    ecrpublic: aws_sdk_ecrpublic::Client,
    ecs: aws_sdk_ecs::Client,
    elbv2: aws_sdk_elasticloadbalancingv2::Client,
    iam: aws_sdk_iam::Client,
    kms: aws_sdk_kms::Client,
    lambda: aws_sdk_lambda::Client,
    rds: aws_sdk_rds::Client,
    route53: aws_sdk_route53::Client,
    s3: aws_sdk_s3::Client,
    secretsmanager: aws_sdk_secretsmanager::Client,
    sns: aws_sdk_sns::Client,
    sqs: aws_sdk_sqs::Client,
    ssm: aws_sdk_ssm::Client,
    sts: aws_sdk_sts::Client,
}

impl Aws {
    /// The account that `config` has credentials for, in its region (`us-east-1` where it names none).
    pub fn new(config: SdkConfig) -> Self {
        Self::with(config, None)
    }

    /// The same, where credentials that are over can be fetched anew.
    pub fn renewing(config: SdkConfig, source: Source) -> Self {
        Self::with(config, Some(source))
    }

    fn with(config: SdkConfig, source: Option<Source>) -> Self {
        let region = config.region().map_or("us-east-1", Region::as_ref).to_owned();
        let clients = Arc::new(Clients::new(&config, &region, 0));
        let now = Mutex::new(Now { age: 0, config, regions: HashMap::from([(region, Arc::clone(&clients))]) });
        let (fetched, buckets, caller) = (tokio::sync::Mutex::default(), tokio::sync::Mutex::default(), tokio::sync::OnceCell::new());
        Self { clients, account: Arc::new(Account { now, source, fetched, buckets, caller }) }
    }

    /// The region, as AWS spells it: `eu-central-1`.
    pub fn region(&self) -> &str {
        &self.clients.region
    }

    /// Certificate Manager's client.
    pub fn acm(&self) -> &aws_sdk_acm::Client {
        &self.clients.acm
    }

    /// CloudWatch's client.
    pub fn cloudwatch(&self) -> &aws_sdk_cloudwatch::Client {
        &self.clients.cloudwatch
    }

    /// CloudWatch Logs' client.
    pub fn logs(&self) -> &aws_sdk_cloudwatchlogs::Client {
        &self.clients.logs
    }

    /// DynamoDB's client.
    pub fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        &self.clients.dynamodb
    }

    /// EC2's client.
    pub fn ec2(&self) -> &aws_sdk_ec2::Client {
        &self.clients.ec2
    }

    /// The Elastic Container Registry's client.
    pub fn ecr(&self) -> &aws_sdk_ecr::Client {
        &self.clients.ecr
    }

    /// The public container registry's client.
    pub fn ecrpublic(&self) -> &aws_sdk_ecrpublic::Client {
        &self.clients.ecrpublic
    }

    /// The Elastic Container Service's client.
    pub fn ecs(&self) -> &aws_sdk_ecs::Client {
        &self.clients.ecs
    }

    /// The load balancers' client.
    pub fn elbv2(&self) -> &aws_sdk_elasticloadbalancingv2::Client {
        &self.clients.elbv2
    }

    /// IAM's client.
    pub fn iam(&self) -> &aws_sdk_iam::Client {
        &self.clients.iam
    }

    /// The Key Management Service's client.
    pub fn kms(&self) -> &aws_sdk_kms::Client {
        &self.clients.kms
    }

    /// Lambda's client.
    pub fn lambda(&self) -> &aws_sdk_lambda::Client {
        &self.clients.lambda
    }

    /// RDS' client.
    pub fn rds(&self) -> &aws_sdk_rds::Client {
        &self.clients.rds
    }

    /// Route 53's client.
    pub fn route53(&self) -> &aws_sdk_route53::Client {
        &self.clients.route53
    }

    /// S3's client.
    pub fn s3(&self) -> &aws_sdk_s3::Client {
        &self.clients.s3
    }

    /// The Secrets Manager's client.
    pub fn secretsmanager(&self) -> &aws_sdk_secretsmanager::Client {
        &self.clients.secretsmanager
    }

    /// SNS' client.
    pub fn sns(&self) -> &aws_sdk_sns::Client {
        &self.clients.sns
    }

    /// SQS' client.
    pub fn sqs(&self) -> &aws_sdk_sqs::Client {
        &self.clients.sqs
    }

    /// Systems Manager's client.
    pub fn ssm(&self) -> &aws_sdk_ssm::Client {
        &self.clients.ssm
    }

    /// The Security Token Service's client.
    pub fn sts(&self) -> &aws_sdk_sts::Client {
        &self.clients.sts
    }

    /// In which region each bucket of the account was when it was last seen.
    pub(super) fn buckets(&self) -> &tokio::sync::Mutex<HashMap<String, String>> {
        &self.account.buckets
    }

    /// Who we are, as an ARN.
    pub(super) fn caller(&self) -> &tokio::sync::OnceCell<String> {
        &self.account.caller
    }
}

impl Cloud for Aws {
    fn at(&self, region: &str) -> Self {
        // a service without regions is asked where the account is
        let region = if region.is_empty() { self.region() } else { region };
        let mut now = self.account.now();
        let Now { age, config, regions } = &mut *now;
        let clients = regions.entry(region.to_owned()).or_insert_with(|| Arc::new(Clients::new(config, region, *age)));
        Self { clients: Arc::clone(clients), account: Arc::clone(&self.account) }
    }

    async fn renewed(&self) -> bool {
        let Some(source) = &self.account.source else { return false };
        let mut fetched = self.account.fetched.lock().await;
        let (age, was) = {
            let now = self.account.now();
            (now.age, now.config.clone())
        };
        // somebody else was here first
        if age != self.clients.age {
            return true;
        }
        if fetched.is_some_and(|at| at.elapsed() < SPARED) {
            return false;
        }
        *fetched = Some(Instant::now());
        let Some(config) = source().await else { return false };
        if key(&config).await == key(&was).await {
            return false;
        }
        *self.account.now() = Now { age: age + 1, config, regions: HashMap::new() };
        true
    }
}

impl Account {
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of the key that a configuration signs with; not its secret.
async fn key(config: &SdkConfig) -> Option<String> {
    let keys = config.credentials_provider()?.provide_credentials().await.ok()?;
    Some(keys.access_key_id().to_owned())
}

impl Clients {
    fn new(config: &SdkConfig, region: &str, age: u64) -> Self {
        let config = config.to_builder().region(Region::new(region.to_owned())).build();
        Self {
            region: region.to_owned(),
            age,
            acm: aws_sdk_acm::Client::new(&config),
            cloudwatch: aws_sdk_cloudwatch::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            ec2: aws_sdk_ec2::Client::new(&config),
            ecr: aws_sdk_ecr::Client::new(&config),
            ecrpublic: aws_sdk_ecrpublic::Client::new(&config),
            ecs: aws_sdk_ecs::Client::new(&config),
            elbv2: aws_sdk_elasticloadbalancingv2::Client::new(&config),
            iam: aws_sdk_iam::Client::new(&config),
            kms: aws_sdk_kms::Client::new(&config),
            lambda: aws_sdk_lambda::Client::new(&config),
            rds: aws_sdk_rds::Client::new(&config),
            route53: aws_sdk_route53::Client::new(&config),
            // an endpoint of one's own (an emulator) has no host name for every bucket
            s3: aws_sdk_s3::Client::from_conf(
                aws_sdk_s3::config::Builder::from(&config).force_path_style(config.endpoint_url().is_some()).build(),
            ),
            secretsmanager: aws_sdk_secretsmanager::Client::new(&config),
            sns: aws_sdk_sns::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            ssm: aws_sdk_ssm::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
        }
    }
}
