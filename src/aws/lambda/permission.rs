//! A permission: somebody else who may call a function. Each is a statement of the function's policy.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    aws::{Aws, error::refused, one_by_one},
    resource::{Error, Kind, Observed, Owner, Reads, Resource, gone},
};

/// A row of `lambda.permission`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Permission {
    region: String,
    function: String,
    statement_id: String,
    action: String,
    principal: String,
    source_arn: Option<String>,
    source_account: Option<String>,
    principal_org_id: Option<String>,
    function_url_auth_type: Option<String>,
    permission_id: Option<String>,
}

impl Resource for Permission {
    const TABLE: &'static str = "lambda.permission";
    const READS: Reads = Reads::Named;
    type Cloud = Aws;

    async fn list(aws: &Aws, named: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let functions: BTreeSet<_> = named.iter().map(|row| row.function.clone()).collect();
        let all = one_by_one::each(functions, |function| async move {
            let asked = aws.lambda().get_policy().function_name(name_of(&function));
            let policy = asked.send().await.map_err(refused("GetPolicy"))?.policy;
            policy.map(|policy| Self::told(&policy, &function, aws.region())).transpose()
        });
        Ok(all.await?.into_iter().flatten().map(Observed::of).collect())
    }

    async fn create(self, _: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let asked = aws
            .lambda()
            .add_permission()
            .function_name(name_of(&self.function))
            .statement_id(&self.statement_id)
            .action(&self.action)
            .principal(&self.principal)
            .set_source_arn(self.source_arn.clone())
            .set_source_account(self.source_account.clone())
            .set_principal_org_id(self.principal_org_id.clone())
            .set_function_url_auth_type(self.function_url_auth_type.as_deref().map(Into::into));
        asked.send().await.map_err(refused("AddPermission"))?;
        let permission_id = Some(id_of(&self.function, &self.statement_id));
        Ok(Observed::of(Self { permission_id, ..self }))
    }

    async fn update(self, was: Observed<Self>, _: &Owner, _: &Aws) -> Result<Observed<Self>, Error> {
        Ok(was)
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        let asked = aws.lambda().remove_permission().function_name(name_of(&self.function)).statement_id(self.statement_id);
        gone(asked.send().await.map_err(refused("RemovePermission")))?;
        Ok(None)
    }
}

impl Permission {
    /// The statements of a policy that are permissions as this table knows them.
    fn told(policy: &str, function: &str, region: &str) -> Result<Vec<Self>, Error> {
        let policy: Value = serde_json::from_str(policy).map_err(|error| Error::new("GetPolicy", Kind::Broken, error.to_string()))?;
        let statements = policy["Statement"].as_array().into_iter().flatten();
        Ok(statements.filter_map(|statement| Self::of(statement, function, region)).collect())
    }

    fn of(statement: &Value, function: &str, region: &str) -> Option<Self> {
        let statement_id = statement["Sid"].as_str()?.to_owned();
        let condition = |operator: &str, key: &str| statement["Condition"][operator][key].as_str().map(str::to_owned);
        Some(Self {
            region: region.to_owned(),
            function: function.to_owned(),
            action: statement["Action"].as_str()?.to_owned(),
            principal: principal(&statement["Principal"])?,
            source_arn: condition("ArnLike", "AWS:SourceArn"),
            source_account: condition("StringEquals", "AWS:SourceAccount"),
            principal_org_id: condition("StringEquals", "aws:PrincipalOrgID"),
            function_url_auth_type: condition("StringEquals", "lambda:FunctionUrlAuthType"),
            permission_id: Some(id_of(function, &statement_id)),
            statement_id,
        })
    }
}

/// As the call takes it: an account is its number, which a policy spells as its root's ARN.
fn principal(principal: &Value) -> Option<String> {
    let name = principal.as_str().or_else(|| principal["Service"].as_str()).or_else(|| principal["AWS"].as_str())?;
    let account = name.strip_suffix(":root").and_then(|root| root.rsplit(':').next());
    Some(account.unwrap_or(name).to_owned())
}

/// `shop` of `arn:aws:lambda:us-east-1:123456789012:function:shop`.
fn name_of(function: &str) -> &str {
    function.rsplit(':').next().unwrap_or_default()
}

fn id_of(function: &str, statement: &str) -> String {
    format!("{function},{statement}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_read_as_the_call_that_made_it() {
        let policy = r#"{"Statement": [
            {"Sid": "sns", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "lambda:InvokeFunction", "Resource": "f",
             "Condition": {"StringEquals": {"AWS:SourceAccount": "123456789012"}, "ArnLike": {"AWS:SourceArn": "arn:aws:sns:::t"}}},
            {"Sid": "account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "lambda:GetFunction"},
            {"Sid": "all", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunctionUrl",
             "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}}]}"#;
        let told = Permission::told(policy, "arn:f", "us-east-1").unwrap();
        assert_eq!((told[0].source_arn.as_deref(), told[0].source_account.as_deref()), (Some("arn:aws:sns:::t"), Some("123456789012")));
        assert_eq!(told.iter().map(|row| row.principal.as_str()).collect::<Vec<_>>(), ["sns.amazonaws.com", "123456789012", "*"]);
        assert_eq!((told[2].function_url_auth_type.as_deref(), told[2].permission_id.as_deref()), (Some("NONE"), Some("arn:f,all")));
    }
}
