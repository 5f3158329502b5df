//! A KMS key as its ARN, however a service answers with it.

/// The ARN of a key that may be told by its bare id; `beside` is the ARN of what it encrypts. An alias stays an alias.
pub(super) fn key_arn(key: &str, beside: &str) -> String {
    let place: Vec<&str> = beside.splitn(6, ':').collect();
    match place[..] {
        [arn, partition, _, region, account, _] if !key.contains(':') && !key.starts_with("alias/") => {
            format!("{arn}:{partition}:kms:{region}:{account}:key/{key}")
        }
        _ => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::key_arn;

    #[test]
    fn a_key_is_told_by_its_arn() {
        let queue = "arn:aws-cn:sqs:cn-north-1:123456789012:shop";
        let arn = "arn:aws-cn:kms:cn-north-1:123456789012:key/1234abcd";
        assert_eq!(key_arn("1234abcd", queue), arn);
        assert_eq!(key_arn(arn, queue), arn);
        assert_eq!(key_arn("alias/aws/sqs", queue), "alias/aws/sqs");
    }
}
