//! Which database a client means: by the server's name, by an option, or behind the user's name. No socket, no clock.

use super::startup::Startup;

/// The longest label that a name may have (RFC 1035), in bytes.
const LONGEST: usize = 63;
/// What `options` may say.
const OPTION: &[u8] = b"endpoint=";

/// What a client means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meant {
    /// A database with this id.
    Database(String),
    /// Something that can't be one, or several at once: to be refused as a database that is not there.
    Nonsense,
    /// It did not say.
    Nothing,
}

/// The id in front of a domain: one label, folded to lower case. `None` where the host is not of this domain, or in any way but this.
pub(super) fn label(host: &str, domain: &str) -> Option<String> {
    let (first, rest) = host.split_once('.')?;
    if rest.eq_ignore_ascii_case(domain) { folded(first.as_bytes()) } else { None }
}

/// What the client means. What is said in `options` or behind the user's name is taken out of the parameters.
///
/// `named` is what its TLS handshake named: nothing, or what [`label`] made of it.
pub(super) fn meant(named: Option<Option<String>>, startup: &mut Startup) -> Meant {
    let option = take_option(startup);
    let known = named.iter().flatten().chain(option.iter().flatten()).next().cloned();
    let user = take_user(startup, known.as_deref());
    let named_elsewhere = option.is_some() || user.is_some();
    // a name that is not of our domains is how somebody got here; it counts only where nothing else says more
    let named = named.filter(|label| label.is_some() || !named_elsewhere);
    let said: Vec<Option<String>> = [named, option, user].into_iter().flatten().collect();
    match &said[..] {
        [] => Meant::Nothing,
        [Some(first), rest @ ..] if rest.iter().all(|other| other.as_ref() == Some(first)) => Meant::Database(first.clone()),
        _ => Meant::Nonsense,
    }
}

/// A label as ids are: folded to lower case; `None` where it can't be one.
pub(super) fn folded(label: &[u8]) -> Option<String> {
    let fits = !label.is_empty() && label.len() <= LONGEST && label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    fits.then(|| label.iter().map(|byte| char::from(byte.to_ascii_lowercase())).collect())
}

/// Takes `endpoint=<id>` out of `options`, however an option is written; the outer `None` is that there is none.
fn take_option(startup: &mut Startup) -> Option<Option<String>> {
    let options = startup.parameter("options")?.to_vec();
    let (mut kept, mut found): (Vec<&[u8]>, Vec<Option<String>>) = (vec![], vec![]);
    let mut words = words(&options).into_iter().peekable();
    while let Some(word) = words.next() {
        let next = words.peek().and_then(|next| next.strip_prefix(OPTION));
        if let (b"-c" | b"--", Some(id)) = (word, next) {
            found.push(folded(id));
            words.next();
        } else if let Some(id) = [&b"-c"[..], b"--", b""].iter().find_map(|dash| word.strip_prefix(*dash)?.strip_prefix(OPTION)) {
            found.push(folded(id));
        } else {
            kept.push(word);
        }
    }
    let first = found.first()?.clone();
    let agree = found.iter().all(|other| *other == first);
    startup.set("options", Some(kept.join(&b' ')).filter(|kept| !kept.is_empty()));
    Some(first.filter(|_| agree))
}

/// Takes the `@id` from behind the user's name: where the database is known already, only if it says the same.
fn take_user(startup: &mut Startup, known: Option<&str>) -> Option<Option<String>> {
    let user = startup.parameter("user")?.to_vec();
    let at = user.iter().rposition(|byte| *byte == b'@').filter(|at| *at > 0)?;
    let id = folded(&user[at + 1..]);
    if known.is_some() && id.as_deref() != known {
        return None;
    }
    // who names no database is put into the one of his own name: libpq has said so itself, with all of it
    if startup.parameter("database") == Some(&user[..]) {
        startup.set("database", Some(user[..at].to_vec()));
    }
    startup.set("user", Some(user[..at].to_vec()));
    Some(id)
}

/// The words of a command line as Postgres takes them apart (`pg_split_opts`), a backslash still before what it guards.
fn words(line: &[u8]) -> Vec<&[u8]> {
    let (mut found, mut begin, mut guarded) = (vec![], None, false);
    for (at, byte) in line.iter().enumerate() {
        let space = byte.is_ascii_whitespace() && !guarded;
        match (space, begin) {
            (true, Some(from)) => {
                found.push(&line[from..at]);
                begin = None;
            }
            (false, None) => begin = Some(at),
            _ => {}
        }
        guarded = *byte == b'\\' && !guarded;
    }
    found.extend(begin.map(|from| &line[from..]));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn startup(user: &str, options: Option<&str>) -> Startup {
        let mut parameters = vec![(b"user".to_vec(), user.into())];
        parameters.extend(options.map(|options| (b"options".to_vec(), options.into())));
        Startup { minor: 0, parameters }
    }

    fn database(id: &str) -> Meant {
        Meant::Database(id.to_owned())
    }

    #[test]
    fn only_one_label_right_before_the_domain_is_an_id() {
        assert_eq!(label("12345.db.example.com", "db.example.com").as_deref(), Some("12345"));
        assert_eq!(label("My-Shop.DB.Example.COM", "db.example.com").as_deref(), Some("my-shop"));
        let long = format!("{}.db.example.com", "a".repeat(64));
        let tricks = [
            "evildb.example.com",
            "db.example.com",
            ".db.example.com",
            "a.b.db.example.com",
            "a/b.db.example.com",
            "a_b.db.example.com",
            "a.db.example.com.",
            "a.db.example.com.evil.org",
            "a..db.example.com",
            "ä.db.example.com",
            "",
            &long,
        ];
        for trick in tricks {
            assert_eq!(label(trick, "db.example.com"), None, "{trick}");
        }
    }

    #[test]
    fn an_option_names_the_database_however_it_is_written_and_is_taken_out() {
        for (options, left) in [
            ("endpoint=12345", None),
            ("-c endpoint=12345", None),
            ("-cendpoint=12345", None),
            ("--endpoint=12345", None),
            ("  -c geqo=off endpoint=12345  -c work_mem=1MB", Some("-c geqo=off -c work_mem=1MB")),
            (r"-c search_path=a\ endpoint=x endpoint=12345", Some(r"-c search_path=a\ endpoint=x")),
        ] {
            let mut startup = startup("ann", Some(options));
            assert_eq!(meant(None, &mut startup), database("12345"), "{options}");
            assert_eq!(startup.parameter("options"), left.map(str::as_bytes), "{options}");
        }
    }

    #[test]
    fn other_options_stay_as_they_are() {
        let mut startup = startup("ann", Some("  -c  geqo=off "));
        assert_eq!(meant(Some(Some("12345".into())), &mut startup), database("12345"));
        assert_eq!(startup.parameter("options"), Some(&b"  -c  geqo=off "[..]));
    }

    #[test]
    fn a_user_may_name_the_database_and_loses_its_name() {
        let mut one = startup("ann@corp.org@12345", None);
        assert_eq!((meant(None, &mut one), one.parameter("user")), (database("12345"), Some(&b"ann@corp.org"[..])));
        let mut two = startup("ann@corp", None);
        assert_eq!((meant(Some(Some("12345".into())), &mut two), two.parameter("user")), (database("12345"), Some(&b"ann@corp"[..])));
        let mut three = startup("ann@12345", None);
        assert_eq!((meant(Some(Some("12345".into())), &mut three), three.parameter("user")), (database("12345"), Some(&b"ann"[..])));
    }

    #[test]
    fn the_database_of_the_users_own_name_loses_it_as_well() {
        let mut startup = startup("ann@12345", None);
        startup.parameters.push((b"database".to_vec(), b"ann@12345".to_vec()));
        assert_eq!((meant(None, &mut startup), startup.parameter("database")), (database("12345"), Some(&b"ann"[..])));
    }

    #[test]
    fn who_names_two_databases_means_none_and_who_names_none_is_told_so() {
        assert_eq!(meant(Some(Some("1".into())), &mut startup("ann", Some("endpoint=2"))), Meant::Nonsense);
        assert_eq!(meant(None, &mut startup("ann", Some("endpoint=1 endpoint=2"))), Meant::Nonsense);
        assert_eq!(meant(None, &mut startup("ann", Some("endpoint=../etc"))), Meant::Nonsense);
        assert_eq!(meant(Some(None), &mut startup("ann", None)), Meant::Nonsense);
        assert_eq!(meant(Some(None), &mut startup("ann", Some("endpoint=1"))), database("1"));
        assert_eq!(meant(None, &mut startup("ann", None)), Meant::Nothing);
    }
}
