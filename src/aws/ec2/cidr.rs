//! Ranges of addresses in the spelling that Postgres gives them.

use std::net::IpAddr;

/// The same range with its address spelt as Postgres spells it (RFC 5952): `2001:DB8:0::/32` becomes `2001:db8::/32`.
///
/// What is no range stays as it is.
pub(super) fn canonical(range: &str) -> String {
    let Some((address, length)) = range.split_once('/') else { return range.to_owned() };
    address.parse::<IpAddr>().map_or_else(|_| range.to_owned(), |address| format!("{address}/{length}"))
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn a_range_is_spelt_as_postgres_spells_it() {
        for (aws, postgres) in [("10.0.0.0/8", "10.0.0.0/8"), ("2001:DB8:0:0::/32", "2001:db8::/32"), ("::/0", "::/0"), ("pl-1", "pl-1")] {
            assert_eq!(canonical(aws), postgres);
        }
    }
}
