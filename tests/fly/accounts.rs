//! Whose Fly organization a database is about: its own, that of its secret, or that of the engine's environment; and no AWS where nothing is of AWS.

use iasql::{
    control::{Control, Credentials, FlyWish, KeySource, Setup},
    fly::{Account, Fly},
    resource::{Kind, Secret},
    seal::{Keyring, new_key},
};
use sqlx::AssertSqlSafe;

use crate::{
    control::{Own, own},
    machines::{Site, TOKEN},
    support::{self, database_name},
};

/// A registry whose engine's own environment names this token for Fly.
async fn engine(site: &Site, token: Option<&str>) -> Own {
    let Own { control, url } = own().await;
    let account = Account { address: site.http.clone(), organization: "nobody".into(), token: token.map(Secret::new) };
    Own { control: control.with_fly(Fly::new(account)), url }
}

async fn database(control: &Control, modules: &[&str], credentials: Option<Credentials>, fly: Option<FlyWish>) -> String {
    let (name, modules) = (database_name(), Some(modules.iter().map(ToString::to_string).collect()));
    let setup = Setup { modules, credentials, fly, ..Setup::default() };
    control.setup(&name, setup).await.unwrap_or_else(|error| panic!("{error:?}"));
    name
}

/// What a database's drivers see of Fly: how many apps, or what is said instead.
async fn apps(control: &Control, database: &str) -> Result<usize, Kind> {
    let registry = control.registry(database).await.unwrap_or_else(|error| panic!("{error}"));
    let driver = registry.driver("fly.app").expect("a driver");
    driver.list("", vec![]).await.map(|apps| apps.len()).map_err(|error| error.kind)
}

fn own_token() -> Option<FlyWish> {
    Some(FlyWish::Have { token: Secret::new(TOKEN), organization: None })
}

fn secret() -> Option<Credentials> {
    Some(Credentials::Secret { name: "theirs".into(), region: None })
}

async fn ask(own: &Own, sql: &str) -> String {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(own.control.pool()).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// An engine at home in an account of its own, where a secret says this.
async fn with_secret(site: &Site, text: &str) -> Own {
    let account = support::account().await;
    account.outside().await.secretsmanager().create_secret().name("theirs").secret_string(text).send().await.expect("a secret");
    let Own { control, url } = engine(site, None).await;
    Own { control: control.with_cloud(Some(account.config.clone())), url }
}

#[tokio::test]
async fn an_engine_for_fly_alone_looks_for_no_credentials_of_aws() {
    let site = Site::open(&[]);
    let own = engine(&site, Some(TOKEN)).await;
    let name = database(&own.control, &["fly"], None, None).await;
    assert_eq!(apps(&own.control, &name).await, Ok(0));
    let registry = own.control.registry(&name).await.expect("drivers");
    assert!(registry.driver("ec2.vpc").is_none() && registry.driver("gateway.database").is_some());
    // it has tables of AWS from now on
    own.control.setup(&name, Setup { modules: Some(vec!["sqs".into()]), ..Setup::default() }).await.expect("one more module");
    assert!(own.control.registry(&name).await.expect("drivers").driver("sqs.queue").is_some());
    // whose credentials are named is asked for them, whatever tables there are
    let nobody = Credentials::Profile { name: "nobody_has_this".into() };
    let name = database(&own.control, &["fly"], Some(nobody), None).await;
    let Err(error) = own.control.registry(&name).await else { panic!("nobody has this") };
    assert!(error.to_string().contains("the profile nobody_has_this has none"), "{error}");
}

#[tokio::test]
async fn the_secret_of_a_database_may_hold_a_token_for_fly_alone_or_beside_keys() {
    let site = Site::open(&[]);
    let text = format!(r#"{{"fly_api_token": "{TOKEN}", "fly_org": "shop"}}"#);
    let own = with_secret(&site, &text).await;
    let name = database(&own.control, &["fly"], secret(), None).await;
    assert_eq!(apps(&own.control, &name).await, Ok(0));
    assert!(own.control.registry(&name).await.expect("drivers").driver("ec2.vpc").is_none());
    // a database of AWS needs keys as well
    let name = database(&own.control, &["fly", "sqs"], secret(), None).await;
    let Err(error) = own.control.registry(&name).await else { panic!("it holds no keys") };
    assert!(error.to_string().contains("access_key_id") && !error.to_string().contains(TOKEN), "{error}");

    let text = format!(r#"{{"access_key_id": "AKIDTEST", "secret_access_key": "x", "fly_api_token": "{TOKEN}"}}"#);
    let own = with_secret(&site, &text).await;
    let name = database(&own.control, &["fly", "sqs"], secret(), None).await;
    assert_eq!(apps(&own.control, &name).await, Ok(0));
    assert!(own.control.registry(&name).await.expect("drivers").driver("sqs.queue").is_some());
}

#[tokio::test]
async fn a_secret_with_keys_alone_leaves_fly_to_the_environment() {
    let site = Site::open(&[]);
    let own = with_secret(&site, r#"{"access_key_id": "AKIDTEST", "secret_access_key": "x"}"#).await;
    let name = database(&own.control, &["fly"], secret(), None).await;
    assert_eq!(apps(&own.control, &name).await, Err(Kind::Anonymous));
}

#[tokio::test]
async fn a_database_has_a_token_of_its_own_that_is_kept_sealed_and_forgotten() {
    let site = Site::open(&[]);
    let own = engine(&site, None).await;
    let name = database(&own.control, &["fly"], None, own_token()).await;
    assert_eq!(apps(&own.control, &name).await, Ok(0));
    let kept = ask(&own, &format!("select f::text from control.fly_account f where database = '{name}'")).await;
    assert!(kept.contains("personal") && !kept.contains(TOKEN), "{kept}");
    // another database has none of it, also where somebody has copied the row
    let other = database(&own.control, &["fly"], None, None).await;
    assert_eq!(apps(&own.control, &other).await, Err(Kind::Anonymous));
    let copy = format!(
        "insert into control.fly_account select '{other}', organization, sealed from control.fly_account where database = '{name}' returning 'copied'"
    );
    ask(&own, &copy).await;
    let Err(error) = own.control.registry(&other).await else { panic!("it is another database's") };
    assert!(error.to_string().contains("give it again") && error.is_for_the_user(), "{error}");

    own.control.set_fly(&name, &FlyWish::Forget).await.expect("forgotten");
    assert_eq!(apps(&own.control, &name).await, Err(Kind::Anonymous));
}

#[tokio::test]
async fn a_token_that_another_key_has_sealed_is_asked_for_again_and_without_a_key_none_is_kept() {
    let site = Site::open(&[]);
    let own = engine(&site, None).await;
    let name = database(&own.control, &["fly"], None, own_token()).await;
    let new = new_key(chrono::Utc::now()).expect("a key");
    let other = Keyring::parse(new.expose()).expect("a key");
    let control = Control::connect(&own.url).await.expect("the registry").with_keys(KeySource::Given(other)).await.expect("the key");
    let Err(error) = control.registry(&name).await else { panic!("it was sealed with another key") };
    assert!(error.to_string().contains(&format!("iasql setup {name} --fly-token-file")), "{error}");
    let keyless = Control::connect(&own.url).await.expect("the registry");
    let refused = keyless.set_fly(&name, &own_token().expect("a wish")).await.expect_err("nothing to seal with");
    assert!(format!("{refused:?}").contains("no key") && !format!("{refused:?}").contains(TOKEN), "{refused:?}");
}
