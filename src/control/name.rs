//! What a database may be called: its name is also that of a role, and part of another's.

/// Why a name can't be that of a database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// It is no identifier.
    #[error("{0:?} can't be the name of a database: it takes a small letter first, then small letters, digits and _, 40 at most")]
    Shape(String),
    /// It is somebody else's.
    #[error(
        "{0:?} can't be the name of a database: names that begin with pg_ or iasql, end in _owner, or belong to Postgres itself are reserved"
    )]
    Reserved(String),
    /// Not a database's name, but its region's, is none.
    #[error("{0:?} is no region: one looks like eu-central-1")]
    Region(String),
}

/// Refuses what can't be a name.
pub(super) fn check(name: &str) -> Result<(), BadName> {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.len() > 40 || !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(letters) {
        return Err(BadName::Shape(name.chars().take(60).collect()));
    }
    // `public` is a role to GRANT, and `none` to SET ROLE
    let taken = ["postgres", "template0", "template1", "public", "none", "current_user", "session_user", "current_role", "replication"];
    if name.starts_with("pg_") || name.starts_with("iasql") || name.ends_with("_owner") || taken.contains(&name) {
        return Err(BadName::Reserved(name.to_owned()));
    }
    Ok(())
}

/// Refuses what can't be a region. Which ones there are is the cloud's business, and grows.
pub(super) fn check_region(region: &str) -> Result<(), BadName> {
    let parts: Vec<&str> = region.split('-').collect();
    let words = |parts: &[&str]| parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()));
    match &parts[..] {
        [words_before @ .., number] if words_before.len() >= 2 && words(words_before) && number.parse::<u8>().is_ok() => Ok(()),
        _ => Err(BadName::Region(region.chars().take(60).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_names() {
        for name in ["a", "my_app", "db2", "a".repeat(40).as_str()] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_is_no_identifier_is_refused() {
        for name in ["", "2db", "_a", "A", "a-b", "a b", "a\"b", "a;b", "ä", "a".repeat(41).as_str(), "a\n"] {
            assert!(matches!(check(name), Err(BadName::Shape(_))), "{name}");
        }
    }

    #[test]
    fn what_belongs_to_somebody_is_refused() {
        for name in ["postgres", "template1", "pg_x", "iasql", "iasql_meta", "shop_owner", "public", "none"] {
            assert_eq!(check(name), Err(BadName::Reserved(name.to_owned())));
        }
    }

    #[test]
    fn a_region_looks_like_one() {
        for region in ["us-east-1", "us-gov-west-1", "ap-southeast-5"] {
            assert_eq!(check_region(region), Ok(()));
        }
        for region in ["", "mars", "us-east", "us--1", "US-EAST-1", "us-east-1a", "-a-1"] {
            assert_eq!(check_region(region), Err(BadName::Region(region.to_owned())));
        }
    }
}
