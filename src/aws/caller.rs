//! Whose account it is, for what AWS names by it and does not say when it makes it.

use super::{
    Aws,
    error::{empty, refused},
};
use crate::resource::Error;

/// The ARN of a thing of this account in this region: `arn:aws:logs:us-east-1:123456789012:log-group:web`. AWS is asked once who we are.
pub(super) async fn arn(aws: &Aws, service: &str, thing: &str) -> Result<String, Error> {
    let asked = async || {
        let caller = aws.sts().get_caller_identity().send().await.map_err(refused("GetCallerIdentity"))?;
        caller.arn.ok_or_else(|| empty("GetCallerIdentity"))
    };
    Ok(beside(aws.caller().get_or_try_init(asked).await?, service, aws.region(), thing))
}

fn beside(caller: &str, service: &str, region: &str, thing: &str) -> String {
    let part = |at: usize| caller.split(':').nth(at).unwrap_or_default();
    format!("arn:{}:{service}:{region}:{}:{thing}", part(1), part(4))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_thing_stands_in_the_callers_account_and_in_its_part_of_the_world() {
        let made = super::beside("arn:aws-cn:sts::123456789012:assumed-role/shop/one", "logs", "cn-north-1", "log-group:web");
        assert_eq!(made, "arn:aws-cn:logs:cn-north-1:123456789012:log-group:web");
    }
}
