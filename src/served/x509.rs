//! What an X.509 certificate says of itself (RFC 5280): for whom it is, and how long. Nothing here trusts it.

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::der::Der;

/// What is read of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// The DNS names in its subjectAltName, in small letters.
    pub(super) names: Vec<String>,
    pub(super) not_before: DateTime<Utc>,
    pub(super) not_after: DateTime<Utc>,
}

const SEQUENCE: u8 = 0x30;
const OCTETS: u8 = 0x04;
const BOOLEAN: u8 = 0x01;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// `[0]`, before the version; `[3]`, around the extensions; `[2]`, a DNS name.
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
const DNS_NAME: u8 = 0x82;
/// `subjectAltName`, 2.5.29.17.
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];

impl Facts {
    /// Reads them; `None` where that is no certificate.
    pub(super) fn read(certificate: &[u8]) -> Option<Self> {
        let mut body = Der(Der(Der(certificate).take(SEQUENCE)?).take(SEQUENCE)?);
        if body.next_is(VERSION) {
            body.any()?;
        }
        // the serial number, the signature's algorithm, the issuer
        body.skip(3)?;
        let mut validity = Der(body.take(SEQUENCE)?);
        let (not_before, not_after) = (time(validity.any()?)?, time(validity.any()?)?);
        // the subject, its key; its identifiers may be left out
        body.skip(2)?;
        let mut names = vec![];
        while !body.0.is_empty() {
            if let (EXTENSIONS, extensions) = body.any()? {
                names = alternative_names(extensions)?;
            }
        }
        Some(Self { names, not_before, not_after })
    }
}

fn alternative_names(extensions: &[u8]) -> Option<Vec<String>> {
    let mut all = Der(Der(extensions).take(SEQUENCE)?);
    let mut names = vec![];
    while !all.0.is_empty() {
        let mut extension = Der(all.take(SEQUENCE)?);
        let (_, id) = extension.any()?;
        if extension.next_is(BOOLEAN) {
            extension.any()?;
        }
        if id != ALTERNATIVE_NAMES {
            continue;
        }
        let mut found = Der(Der(extension.take(OCTETS)?).take(SEQUENCE)?);
        while !found.0.is_empty() {
            if let (DNS_NAME, name) = found.any()? {
                names.push(String::from_utf8(name.to_vec()).ok()?.to_ascii_lowercase());
            }
        }
    }
    Some(names)
}

/// `YYMMDDHHMMSSZ` until 2049, of the last century from 50 on; `YYYYMMDDHHMMSSZ` (RFC 5280, 4.1.2.5).
fn time((tag, text): (u8, &[u8])) -> Option<DateTime<Utc>> {
    let text = std::str::from_utf8(text).ok()?;
    let whole = match tag {
        UTC_TIME => format!("{}{text}", if text.get(..2)?.parse::<u8>().ok()? < 50 { "20" } else { "19" }),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    NaiveDateTime::parse_from_str(&whole, "%Y%m%d%H%M%SZ").ok().map(|time| time.and_utc())
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn a_certificate_says_for_whom_it_is_and_how_long() {
        let mut params = CertificateParams::new(vec!["*.DB.example.com".to_owned(), "db.example.com".to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 2), date_time_ymd(2055, 3, 4));
        let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let facts = Facts::read(made.der()).unwrap();
        assert_eq!(facts.names, ["*.db.example.com", "db.example.com"]);
        assert_eq!(facts.not_before.to_rfc3339(), "2026-01-02T00:00:00+00:00");
        assert_eq!(facts.not_after.to_rfc3339(), "2055-03-04T00:00:00+00:00");
    }

    #[test]
    fn what_is_no_certificate_says_nothing_wherever_it_is_cut() {
        let made = CertificateParams::new(vec!["a".to_owned()]).unwrap().self_signed(&KeyPair::generate().unwrap()).unwrap();
        let whole: &[u8] = made.der();
        // what comes behind the body is the signature, which is not looked at
        let body = whole.len() - 90;
        for end in 0..body {
            assert_eq!(Facts::read(&whole[..end]), None, "{end}");
        }
        for byte in 0..whole.len() {
            let mut other = whole.to_vec();
            other[byte] ^= 0x80;
            // none of them is a panic
            drop(Facts::read(&other));
        }
    }
}
