//! A repository's name as its ARN has it: the calls want the name, references hold the ARN.

/// `shop/web` of `arn:aws:ecr:us-east-1:123456789012:repository/shop/web`.
pub(super) fn of(arn: &str) -> &str {
    arn.split_once(":repository/").map_or(arn, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_may_have_slashes() {
        assert_eq!(super::of("arn:aws:ecr:us-east-1:123456789012:repository/shop/web"), "shop/web");
    }
}
