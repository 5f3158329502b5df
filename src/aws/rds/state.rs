//! What RDS is doing, and what is asked of it.

/// What is asked for, where it differs.
pub(super) fn other<T: PartialEq>(now: Option<T>, was: Option<&T>) -> Option<T> {
    now.filter(|now| Some(now) != was)
}

/// Whether RDS has come to rest, for better or worse; every other status is on the way to one of these.
///
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html#Overview.DBInstance.Status>
pub(super) fn is_settled(status: &str) -> bool {
    let ends = [
        "available",
        "failed",
        "insufficient-capacity",
        "migration-failed",
        "restore-error",
        "stopped",
        "storage-full",
        "storage-optimization",
        "upgrade-failed",
    ];
    ends.contains(&status) || status.starts_with("incompatible-") || status.starts_with("inaccessible-encryption-credentials")
}

/// What a status means for what waits: `None` where it has come to rest.
pub(super) fn pending(status: &str) -> Option<String> {
    (!is_settled(status)).then(|| status.to_owned())
}
