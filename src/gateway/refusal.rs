//! What a client is told that is not let in: an ErrorResponse with its SQLSTATE and a hint, and nothing that is not for it to know.

use super::{Unbranched, Unread, pool::refusal::LetDown, scram::Denied, startup::Malformed};

/// What helps where there are too many.
const CROWDED: &str = "Close connections that are not needed, or use a pool.";

/// Why a session does not begin, or ends.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// Nobody said which database.
    #[error("the connection names no database")]
    NoDatabase,
    /// An unknown database, an unknown user and a wrong password: from outside all one.
    #[error("password authentication failed for user \"{0}\"")]
    Password(String),
    /// Too many wrong passwords came from there.
    #[error(
        "too many wrong passwords for this database came from this address, or too many in vain for any: none is looked at for {0} more seconds"
    )]
    Guesses(u64),
    /// The exchange of proofs itself went wrong.
    #[error("authentication failed: {0}")]
    Denied(#[from] Denied),
    /// In clear.
    #[error("this server takes connections over TLS only")]
    NoTls,
    /// Direct TLS by somebody who may believe to speak to another kind of server.
    #[error("a direct TLS connection must offer the protocol \"postgresql\" (ALPN)")]
    NoAlpn,
    /// The database does not run, for now.
    #[error("the database could not be woken")]
    Asleep,
    /// The same for another gateway, which may find it elsewhere, or here again.
    #[error("the database could not be woken here")]
    NotHere,
    /// There is no room here, for another gateway, which may find some elsewhere.
    #[error("as many databases are awake here as may be")]
    NoRoom,
    /// It is for nodes to run, and there is none; in which location, where it has to be in one.
    #[error("no node is running{} that could wake the database", .0.as_ref().map(|location| format!(" in {location}")).unwrap_or_default())]
    NoNode(Option<String>),
    /// Its machine ends as soon as it is started, with this exit code.
    #[error("the database could not be woken: its machine ends as soon as it is started, with exit code {0}")]
    Ends(i64),
    /// A client that comes to a node.
    #[error("this is a node, which takes only sessions that a gateway leads to it")]
    Node,
    /// No seat is left.
    #[error("too many connections {0}")]
    Crowded(&'static str),
    /// It has one session, and somebody has that.
    #[error("another session is open in the database, and it has one at a time")]
    Alone,
    /// What runs the database is not there.
    #[error("the database can't be run here: {0} is missing")]
    Missing(String),
    /// It is to begin as a branch, and does not.
    #[error("{0}")]
    Branch(Unbranched),
    /// It is a replica, and can't be read.
    #[error("{0}")]
    Replica(Unread),
    /// It is too large, and whoever was in it went on writing.
    #[error("the database is above its size limit and grew on: it is closed for {0} more seconds")]
    TooLarge(u64),
    /// Not what the protocol says.
    #[error("{0}")]
    Malformed(#[from] Malformed),
    /// The same, later on.
    #[error("protocol violation: {0}")]
    Protocol(&'static str),
    /// Too slow to prove who it is.
    #[error("canceling authentication due to timeout")]
    Late,
    /// The gateway stops, or the machine.
    #[error("this end is shutting down")]
    ShuttingDown,
    /// A pooler that could not keep what it promised.
    #[error("{0}")]
    LetDown(#[from] LetDown),
    /// Another gateway may have the database by now.
    #[error("the database could not be held on to here; somebody else may run it by now")]
    Lost,
}

impl Refusal {
    /// Its SQLSTATE, of the [error codes](https://www.postgresql.org/docs/current/errcodes-appendix.html).
    pub(super) fn sqlstate(&self) -> &'static str {
        match self {
            Self::NoDatabase => "3D000",
            Self::Password(_) => "28P01",
            Self::NoTls | Self::Denied(Denied::Downgrade | Denied::Binding) => "28000",
            Self::Malformed(Malformed::NoUser) => "28000",
            Self::Malformed(Malformed::Version(..)) => "0A000",
            Self::NoAlpn | Self::Denied(_) | Self::Malformed(_) | Self::Protocol(_) => "08P01",
            Self::Late => "57014",
            Self::Node => "08004",
            Self::NotHere => "55006",
            Self::NoRoom => "53000",
            Self::Asleep | Self::Ends(_) | Self::NoNode(_) | Self::Guesses(_) => "57P03",
            Self::Crowded(_) | Self::Alone => "53300",
            Self::Missing(_) => "58P01",
            Self::Branch(why) => why.sqlstate(),
            Self::Replica(why) => why.sqlstate(),
            Self::LetDown(why) => why.sqlstate(),
            Self::TooLarge(_) => "53100",
            Self::ShuttingDown | Self::Lost => "57P01",
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::NoDatabase => {
                "Connect to the host <database>.<domain> with a client that sends the server's name (SNI), or say options=endpoint=<database>, or user=<user>@<database>."
            }
            Self::Password(_) => "Look at the host's name, the user and the password: one of them is not right.",
            Self::Guesses(_) => "Look at who there has an old or another password; then try again.",
            Self::NoTls => "Connect with sslmode=require, or better verify-full.",
            Self::NoAlpn => "Use sslnegotiation=postgres, or a client that offers the protocol.",
            Self::Asleep | Self::NotHere | Self::NoRoom => "Try again in a moment.",
            Self::Lost => "Connect again, and look whether what was not answered is there.",
            Self::NoNode(_) => "Whoever runs the gateway starts one with iasql node, on the gateway's bucket; then try again.",
            Self::Ends(_) => "The machine's log says why; most often its key to the bucket is not right, or the bucket is gone.",
            Self::Node => "Connect to a gateway (iasql gateway): it leads you here where this node has the database.",
            Self::Crowded(_) => CROWDED,
            Self::Alone => "It is a PGlite (engine = 'pglite'): close the other session, or have the pool open one connection only.",
            Self::Missing(_) => {
                "Whoever runs the gateway installs Node.js, runs scripts/install.sh, and names the folder that this makes with --pglite; a database with engine orioledb has a machine with the image orioledb."
            }
            Self::Branch(why) => why.hint(),
            Self::Replica(why) => why.hint(),
            Self::LetDown(why) => why.hint(),
            Self::TooLarge(_) => "Then delete what is not needed and run VACUUM FULL, or have size_limit_bytes raised.",
            Self::ShuttingDown => "Connect again: another gateway takes over, or the database wakes anew.",
            Self::Late => "Look at the network between here and there, and try again.",
            Self::Denied(Denied::Downgrade | Denied::Binding) => "Somebody may stand between client and server: look at the certificate.",
            Self::Malformed(_) | Self::Protocol(_) | Self::Denied(_) => {
                "This port speaks the PostgreSQL protocol, version 3; look at what connects to it."
            }
        }
    }

    /// The message for the client.
    pub(super) fn response(&self) -> Vec<u8> {
        response(self.sqlstate(), &self.to_string(), self.hint())
    }
}

/// What a client is told at the beginning of a session in a database that is above its size limit.
pub(super) fn too_large() -> Vec<u8> {
    let hint = "Delete what is not needed (set default_transaction_read_only = off), and run VACUUM FULL; a database that grows on is closed for a while.";
    framed(b'N', &fields("WARNING", "53100", "the database is above its size limit: this session begins read-only", hint))
}

/// The SQLSTATE in an ErrorResponse.
pub(super) fn sqlstate(response: &[u8]) -> Option<&[u8]> {
    response.get(5..)?.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"C"))
}

/// A database's own ErrorResponse, with a hint where it has none.
pub(super) fn hinted(response: &[u8]) -> Vec<u8> {
    let Some(fields) = response.get(5..).and_then(|body| body.strip_suffix(&[0])) else { return response.to_vec() };
    if fields.split(|byte| *byte == 0).any(|field| field.first() == Some(&b'H')) {
        return response.to_vec();
    }
    let hint = match sqlstate(response) {
        Some(b"3D000") => {
            "The database that was made with the login has the login's name (dbname=<login>); create database makes others in it."
        }
        Some(b"53300") => CROWDED,
        Some(b"57P01" | b"57P02" | b"57P03") => "Try again in a moment.",
        _ => "The database itself says so: look at what the connection asks for (its database, options and other parameters).",
    };
    framed(response[0], &[fields, b"H", hint.as_bytes(), &[0, 0]].concat())
}

/// An [ErrorResponse](https://www.postgresql.org/docs/current/protocol-error-fields.html) that ends the session.
fn response(sqlstate: &str, message: &str, hint: &str) -> Vec<u8> {
    framed(b'E', &fields("FATAL", sqlstate, message, hint))
}

fn fields(severity: &str, sqlstate: &str, message: &str, hint: &str) -> Vec<u8> {
    let mut body = vec![];
    for (field, text) in [(b'S', severity), (b'V', severity), (b'C', sqlstate), (b'M', message), (b'H', hint)] {
        body.push(field);
        body.extend(text.bytes().filter(|byte| *byte != 0));
        body.push(0);
    }
    body.push(0);
    body
}

/// A message of this kind.
pub(super) fn framed(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [&[kind][..], &length.to_be_bytes(), body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_a_message_whole_in_itself() {
        let message = Refusal::Password("an\0n".into()).response();
        assert_eq!((message[0], usize::from(message[4]) + 1), (b'E', message.len()));
        let text = String::from_utf8_lossy(&message);
        assert!(text.contains("SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user \"ann\"\0H") && text.ends_with("\0\0"));
    }

    #[test]
    fn every_refusal_has_a_code_and_says_what_to_do() {
        let all = [
            Refusal::NoDatabase,
            Refusal::Password("ann".into()),
            Refusal::Guesses(3),
            Refusal::Denied(Denied::Downgrade),
            Refusal::Denied(Denied::Binding),
            Refusal::NoTls,
            Refusal::NoAlpn,
            Refusal::Asleep,
            Refusal::NotHere,
            Refusal::NoRoom,
            Refusal::NoNode(None),
            Refusal::Node,
            Refusal::Crowded("in all"),
            Refusal::Alone,
            Refusal::Missing("Node.js".into()),
            Refusal::Replica(Unread::Gone("shop".into())),
            Refusal::TooLarge(3),
            Refusal::LetDown(LetDown::Lost),
            Refusal::Malformed(Malformed::NoUser),
            Refusal::Malformed(Malformed::Version(2, 0)),
            Refusal::Protocol("garbage"),
            Refusal::Late,
            Refusal::ShuttingDown,
        ];
        for refusal in all {
            assert_eq!(sqlstate(&refusal.response()).map(<[u8]>::len), Some(5), "{refusal}");
            assert!(refusal.hint().ends_with('.') && refusal.hint().len() > 10, "{refusal}");
        }
    }

    #[test]
    fn what_the_database_says_itself_gets_a_hint_where_it_has_none() {
        let own = framed(b'E', b"SFATAL\0VFATAL\0C3D000\0Mdatabase \"x\" does not exist\0\0");
        let told = hinted(&own);
        assert_eq!((told[0], usize::from(told[4]) + 256 * usize::from(told[3]) + 1), (b'E', told.len()));
        assert_eq!(sqlstate(&told), Some(&b"3D000"[..]));
        let text = String::from_utf8_lossy(&told[5..]);
        assert!(
            text.starts_with("SFATAL\0VFATAL\0C3D000\0Mdatabase \"x\" does not exist\0HThe database that") && text.ends_with("it.\0\0"),
            "{text}"
        );
        assert_eq!(hinted(&told), told, "one is enough");
        assert_eq!(hinted(b"E"), b"E", "what is none stays as it is");
    }
}
