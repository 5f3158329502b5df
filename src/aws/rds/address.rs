//! Where an instance answers, and with which password: how the engine finds its own database on AWS.

use url::Url;

use crate::{
    aws::{Aws, error::refused},
    resource::{Error, Kind, Secret},
};

/// The client token of the write that gives a secret its first value.
const FIRST_WRITE: &str = "00000000-0000-4000-8000-000000000001";

/// The Postgres URL of an RDS instance's first database, with the password that a secret holds as plain text.
///
/// # Errors
/// [`Kind::Held`] while the instance is being made; otherwise what AWS says, or that the secret is empty.
pub async fn database_url(aws: &Aws, instance: &str, secret: &str) -> Result<Secret, Error> {
    const OPERATION: &str = "DescribeDBInstances";
    let found = aws.rds().describe_db_instances().db_instance_identifier(instance).send().await.map_err(refused(OPERATION))?;
    let shown = found.db_instances().first().ok_or_else(|| Error::new(OPERATION, Kind::Absent, format!("there is no {instance}")))?;
    let endpoint = shown.endpoint().and_then(|endpoint| Some((endpoint.address()?, endpoint.port()?)));
    let (host, port) = endpoint.ok_or_else(|| Error::new(OPERATION, Kind::Held, format!("{instance} has no address yet")))?;
    let password = secret_text(aws, secret).await?;
    let user = shown.master_username().unwrap_or("postgres");
    url(host, port, user, password.expose(), shown.db_name().unwrap_or("postgres"))
        .map(|url| Secret::new(url.as_str()))
        .ok_or_else(|| Error::new(OPERATION, Kind::Broken, format!("{instance} has an address that makes no sense")))
}

/// What a secret holds as plain text.
///
/// # Errors
/// What AWS says, or that it holds no text.
pub async fn secret_text(aws: &Aws, secret: &str) -> Result<Secret, Error> {
    const OPERATION: &str = "GetSecretValue";
    let told =
        aws.secretsmanager().get_secret_value().secret_id(secret).version_stage("AWSCURRENT").send().await.map_err(refused(OPERATION))?;
    told.secret_string.map(Secret::new).ok_or_else(|| Error::new(OPERATION, Kind::Invalid, format!("{secret} holds no text")))
}

/// The same, where one that holds nothing yet is given `first`. Whoever comes at the same moment finds what the first one has given.
///
/// # Errors
/// As [`secret_text`]; what `first` says.
pub async fn secret_text_or(aws: &Aws, secret: &str, first: impl FnOnce() -> Result<Secret, Error>) -> Result<Secret, Error> {
    match secret_text(aws, secret).await {
        Err(error) if error.is_absent() => {}
        told => return told,
    }
    let put = aws.secretsmanager().put_secret_value().secret_id(secret).secret_string(first()?.expose());
    // of two writes with one token AWS refuses the second
    match put.client_request_token(FIRST_WRITE).send().await.map_err(refused("PutSecretValue")) {
        Err(error) if error.kind != Kind::Taken => Err(error),
        _ => secret_text(aws, secret).await,
    }
}

/// RDS has servers show certificates of Amazon's own: the way there is encrypted, and whose certificate it is is not asked.
fn url(host: &str, port: i32, user: &str, password: &str, database: &str) -> Option<Url> {
    let mut url = Url::parse("postgres://host/?sslmode=require").ok()?;
    url.set_host(Some(host)).ok()?;
    url.set_port(Some(u16::try_from(port).ok()?)).ok()?;
    url.set_username(user).ok()?;
    // the one character that is left as it is
    url.set_password(Some(&password.replace('%', "%25"))).ok()?;
    url.set_path(database);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::url;

    #[test]
    fn a_password_of_any_characters_stands_in_the_url() {
        let url = url("iasql.x.us-east-1.rds.amazonaws.com", 5432, "iasql", "p@ss/w:rd?%", "iasql").unwrap();
        assert_eq!(url.as_str(), "postgres://iasql:p%40ss%2Fw%3Ard%3F%25@iasql.x.us-east-1.rds.amazonaws.com:5432/iasql?sslmode=require");
    }
}
