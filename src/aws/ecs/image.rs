//! Images of ECR: a repository and a tag, as the one text that docker takes.

/// What docker pull takes for an image of a repository; a digest (`sha256:…`) is a tag like any other.
pub(super) fn of(repository: &str, tag: Option<&str>) -> Option<String> {
    let mut parts = repository.splitn(6, ':');
    let (_, partition, _, region, account, name) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?.strip_prefix("repository/")?);
    let domain = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    let tag = tag.map(|tag| if tag.starts_with("sha256:") { format!("@{tag}") } else { format!(":{tag}") }).unwrap_or_default();
    Some(format!("{account}.dkr.ecr.{region}.{domain}/{name}{tag}"))
}

/// The same apart again: the repository's ARN and the tag. `None` for an image from elsewhere.
pub(super) fn apart(image: &str) -> Option<(String, Option<String>)> {
    let (host, name) = image.split_once('/')?;
    let (account, rest) = host.split_once(".dkr.ecr.")?;
    let (region, domain) = rest.split_once('.')?;
    let partition = match domain {
        "amazonaws.com.cn" => "aws-cn",
        "amazonaws.com" if region.starts_with("us-gov-") => "aws-us-gov",
        "amazonaws.com" => "aws",
        _ => return None,
    };
    let (name, tag) = name.split_once('@').or_else(|| name.split_once(':')).map_or((name, None), |(name, tag)| (name, Some(tag)));
    Some((format!("arn:{partition}:ecr:{region}:{account}:repository/{name}"), tag.map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_comes_apart_as_it_was_put_together() {
        for (arn, tag, image) in [
            (
                "arn:aws:ecr:us-east-1:123456789012:repository/shop/web",
                Some("1.2"),
                "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web:1.2",
            ),
            ("arn:aws:ecr:us-east-1:123456789012:repository/web", None, "123456789012.dkr.ecr.us-east-1.amazonaws.com/web"),
            (
                "arn:aws-cn:ecr:cn-north-1:123456789012:repository/web",
                Some("sha256:0a"),
                "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/web@sha256:0a",
            ),
        ] {
            assert_eq!(of(arn, tag).as_deref(), Some(image));
            assert_eq!(apart(image), Some((arn.to_owned(), tag.map(str::to_owned))));
        }
        assert_eq!(apart("nginx:1.27"), None);
        assert_eq!(apart("ghcr.io/a/b:1"), None);
    }
}
