//! Where credentials come from: each place, against the local cloud.

use iasql::control::{Control, Credentials, Setup};

use super::own;
use crate::support::{self, database_name};

/// A registry whose engine is at home in an account of its own, and the way there for the test.
async fn at_home() -> (Control, aws_sdk_secretsmanager::Client) {
    let account = support::account().await;
    let control = own().await.control.with_cloud(Some(account.config.clone()));
    (control, account.outside().await.secretsmanager().clone())
}

/// What comes of asking for the drivers of a database whose credentials are there.
async fn asked(control: &Control, credentials: Credentials) -> Result<usize, String> {
    let name = database_name();
    control.setup(&name, Setup { modules: Some(vec![]), credentials: Some(credentials), ..Setup::default() }).await.unwrap();
    let registry = control.registry(&name).await.map_err(|error| error.to_string().replace(&name, "it"))?;
    Ok(registry.tables().count())
}

fn secret(name: &str) -> Credentials {
    Credentials::Secret { name: name.into(), region: None }
}

#[tokio::test]
async fn a_secret_holds_keys_and_may_name_a_role() {
    let (control, secrets) = at_home().await;
    for (name, text) in [
        ("keys", r#"{"access_key_id": "AKIDTEST", "secret_access_key": "hunter2"}"#),
        ("session", r#"{"access_key_id": "AKIDTEST", "secret_access_key": "hunter2", "session_token": "t"}"#),
        ("role", r#"{"access_key_id": "AKIDTEST", "secret_access_key": "hunter2", "role_arn": "arn:aws:iam::123456789012:role/x"}"#),
    ] {
        secrets.create_secret().name(name).secret_string(text).send().await.unwrap();
        assert!(asked(&control, secret(name)).await.unwrap() > 0, "{name}");
    }
}

#[tokio::test]
async fn a_secret_that_holds_something_else_is_refused_without_showing_it() {
    let (control, secrets) = at_home().await;
    secrets.create_secret().name("odd").secret_string(r#"{"access_key_id": "AKIDTEST", "secret_access_key": 42}"#).send().await.unwrap();
    let said = asked(&control, secret("odd")).await.unwrap_err();
    assert_eq!(said, r#"there are no AWS credentials for database it: the secret odd is not {"access_key_id": …, "secret_access_key": …}"#);
    let said = asked(&control, secret("nowhere")).await.unwrap_err();
    assert!(
        said.starts_with("there are no AWS credentials for database it: the secret nowhere has none (ResourceNotFoundException"),
        "{said}"
    );
}

#[tokio::test]
async fn a_role_is_assumed_with_the_engines_own_credentials() {
    let (control, _) = at_home().await;
    let role = Credentials::Role { arn: "arn:aws:iam::210987654321:role/iasql".into(), external_id: Some("us".into()) };
    assert!(asked(&control, role).await.unwrap() > 0);
    assert!(asked(&control, Credentials::Default).await.unwrap() > 0);
}

#[tokio::test]
async fn drivers_are_made_once_and_again_when_the_reference_changes() {
    let (control, secrets) = at_home().await;
    let name = database_name();
    control.setup(&name, Setup { modules: Some(vec![]), ..Setup::default() }).await.unwrap();
    let first = control.registry(&name).await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &control.registry(&name).await.unwrap()));
    secrets.create_secret().name("k").secret_string(r#"{"access_key_id": "A", "secret_access_key": "B"}"#).send().await.unwrap();
    control.set_credentials(&name, &secret("k")).await.unwrap();
    assert!(!std::sync::Arc::ptr_eq(&first, &control.registry(&name).await.unwrap()));
}
