//! ARNs: how they are put together. <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

/// The partition that a region is in: `aws`, or one of the two that are apart.
pub(super) fn partition(region: &str) -> &'static str {
    match region.split('-').take(2).collect::<Vec<_>>()[..] {
        ["cn", _] => "aws-cn",
        ["us", "gov"] => "aws-us-gov",
        _ => "aws",
    }
}

/// The ARN of a KMS key that may be told by its bare id; `beside` is the ARN of what it encrypts. An alias stays an alias.
pub(super) fn of_key(key: &str, beside: &str) -> String {
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
    use super::{of_key, partition};

    #[test]
    fn a_key_is_told_by_its_arn() {
        let queue = "arn:aws-cn:sqs:cn-north-1:123456789012:shop";
        let arn = "arn:aws-cn:kms:cn-north-1:123456789012:key/1234abcd";
        assert_eq!(of_key("1234abcd", queue), arn);
        assert_eq!(of_key(arn, queue), arn);
        assert_eq!(of_key("alias/aws/sqs", queue), "alias/aws/sqs");
    }

    #[test]
    fn a_region_is_in_a_partition() {
        assert_eq!(["us-east-1", "us-gov-west-1", "cn-north-1"].map(partition), ["aws", "aws-us-gov", "aws-cn"]);
    }
}
