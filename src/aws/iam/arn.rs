//! What an ARN of IAM says: whose it is, where it stands, and its name, which is what the calls want.

/// The name: what stands behind the last slash.
pub(super) fn name_of(arn: Option<&str>) -> &str {
    arn.and_then(|arn| arn.rsplit('/').next()).unwrap_or_default()
}

/// Whether it is AWS' own, and so in every account: `arn:aws:iam::aws:policy/ReadOnlyAccess`.
pub(super) fn is_of_aws(arn: &str) -> bool {
    arn.split(':').nth(4) == Some("aws")
}

/// Whether AWS makes and removes what stands under this path: service-linked roles, and those of the Identity Center.
pub(super) fn is_reserved(path: &str) -> bool {
    ["/aws-service-role/", "/aws-reserved/"].iter().any(|reserved| path.starts_with(reserved))
}

#[cfg(test)]
mod tests {
    use super::{is_of_aws, is_reserved, name_of};

    #[test]
    fn an_arn_says_the_name_and_whose_it_is() {
        assert_eq!(name_of(Some("arn:aws:iam::123456789012:role/shop/web/server")), "server");
        assert_eq!(name_of(None), "");
        assert!(is_of_aws("arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"));
        assert!(!is_of_aws("arn:aws:iam::123456789012:policy/aws"));
        assert!(is_reserved("/aws-service-role/ecs.amazonaws.com/") && !is_reserved("/service-role/"));
    }
}
