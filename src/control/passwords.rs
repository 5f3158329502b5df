//! The passwords of further servers: libpq's password file has them, for the registry may hold none.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use url::Url;

/// A file of lines `host:port:database:user:password`, as psql reads it.
#[derive(Clone, Debug, Default)]
pub(super) struct Passwords(Option<Arc<PathBuf>>);

impl Passwords {
    pub(super) fn of(file: Option<PathBuf>) -> Self {
        Self(file.map(Arc::new))
    }

    /// The address with the password of its user; as it is where the file has none, or the address has one.
    pub(super) fn with(&self, address: &str) -> String {
        let found = Url::parse(address).ok().filter(|url| url.password().is_none());
        let filled = found.and_then(|mut url| {
            let password = find(&self.text()?, &url)?;
            url.set_password(Some(&password)).ok()?;
            Some(url.to_string())
        });
        filled.unwrap_or_else(|| address.to_owned())
    }

    /// Read anew each time: a password may have been changed meanwhile. What others may read is no place for one.
    fn text(&self) -> Option<String> {
        let file: &Path = self.0.as_deref()?;
        let open = fs::metadata(file).ok()?.permissions().mode() & 0o077 != 0;
        if open {
            tracing::warn!(file = %file.display(), "the password file is left aside: others than its owner may read it");
        }
        (!open).then(|| fs::read_to_string(file).ok()).flatten()
    }
}

/// The password in the first line that fits.
fn find(text: &str, url: &Url) -> Option<String> {
    let asked = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let host = asked("host").or_else(|| url.host_str().map(ToOwned::to_owned)).filter(|host| !host.is_empty() && !host.starts_with('/'));
    let wanted = [
        host.unwrap_or_else(|| "localhost".to_owned()),
        asked("port").unwrap_or_else(|| url.port().unwrap_or(5432).to_string()),
        url.path().trim_start_matches('/').to_owned(),
        url.username().to_owned(),
    ];
    let lines = text.lines().filter(|line| !line.starts_with('#')).map(fields);
    let fits =
        |fields: &Vec<String>| fields.len() == 5 && fields.iter().zip(&wanted).all(|(field, wanted)| field == "*" || field == wanted);
    lines.filter(fits).find_map(|mut fields| fields.pop())
}

/// A backslash takes the next sign as it is.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut signs) = (vec![String::new()], line.chars());
    while let Some(sign) = signs.next() {
        match sign {
            ':' => fields.push(String::new()),
            sign => {
                let sign = if sign == '\\' { signs.next().unwrap_or(sign) } else { sign };
                fields.last_mut().into_iter().for_each(|field| field.push(sign));
            }
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_has_the_password() {
        let text = "# ours\nelsewhere:*:*:*:no\nb.internal:5432:*:root:a\\:b\\\\c\n*:*:*:*:any\n";
        let url = |text| Url::parse(text).unwrap();
        assert_eq!(find(text, &url("postgres://root@b.internal/postgres")).as_deref(), Some("a:b\\c"));
        assert_eq!(find(text, &url("postgres://root@b.internal:6000/postgres")).as_deref(), Some("any"));
        assert_eq!(find("b:1:x:y", &url("postgres://y@b:1/x")), None);
    }

    #[test]
    fn an_address_that_has_a_password_keeps_it() {
        let address = "postgres://root:own@b.internal/postgres";
        assert_eq!(Passwords::default().with(address), address);
    }
}
