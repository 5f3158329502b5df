//! Where the secret half of an access key is kept: IAM tells it once, and it goes from there straight into an encrypted parameter.

use aws_sdk_iam::types::AccessKey;
use aws_sdk_ssm::types::{ParameterMetadata, ParameterStringFilter, ParameterType};
use serde_json::json;

use crate::{
    aws::{Aws, error::refused, ssm::details::described},
    resource::{Error, Kind, gone},
};

/// The folder of all these parameters: users cannot put theirs there.
const FOLDER: &str = "/iasql/access_key";

/// The parameter of one access key.
pub(super) fn place(access_key_id: &str) -> String {
    format!("{FOLDER}/{access_key_id}")
}

/// What one of these parameters says besides its value: which access key it is of, and which row.
pub(super) struct Kept {
    pub access_key_id: String,
    pub user_name: String,
    pub name: String,
}

/// All that are kept in a region: one paged list, which tells no values.
pub(super) async fn all(aws: &Aws) -> Result<Vec<Kept>, Error> {
    let folder = ParameterStringFilter::builder().key("Path").option("OneLevel").values(FOLDER).build();
    let folder = folder.map_err(|error| Error::new("DescribeParameters", Kind::Row, error.to_string()))?;
    Ok(described(aws, Some(folder)).await?.iter().filter_map(read).collect())
}

fn read(parameter: &ParameterMetadata) -> Option<Kept> {
    let access_key_id = parameter.name()?.strip_prefix(FOLDER)?.trim_start_matches('/').to_owned();
    let (user_name, name) = parameter.description()?.split_once('/')?;
    Some(Kept { access_key_id, user_name: user_name.to_owned(), name: name.to_owned() })
}

/// Keeps the key's secret half under the account's own key for parameters.
pub(super) async fn keep(aws: &Aws, key: &AccessKey, name: &str) -> Result<(), Error> {
    let value = json!({ "access_key_id": key.access_key_id, "secret_access_key": key.secret_access_key });
    let asked = aws.ssm().put_parameter().name(place(&key.access_key_id)).r#type(ParameterType::SecureString).value(value.to_string());
    let asked = asked.description(format!("{}/{name}", key.user_name));
    asked.send().await.map(drop).map_err(refused("PutParameter"))
}

/// Forgets it.
pub(super) async fn forget(aws: &Aws, access_key_id: &str) -> Result<(), Error> {
    gone(aws.ssm().delete_parameter().name(place(access_key_id)).send().await.map_err(refused("DeleteParameter")))
}
