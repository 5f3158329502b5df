//! Questions of the pooler's own to a member, and what it answers.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::gateway::refusal::{framed, sqlstate};

const LOOK: &str = include_str!("look.sql");
/// The most that an answer to us has in one message, in bytes.
const LONGEST: usize = 1 << 20;

/// What a member says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// It follows another one, and takes no writes.
    pub(super) follows: bool,
    /// How far it is: what it has replayed, or written.
    pub(super) position: u64,
    /// The timeline that it writes; none where it follows.
    pub(super) timeline: u32,
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unanswered {
    /// In its own words.
    #[error("it refused with SQLSTATE {0}")]
    Refused(String),
    #[error("it answered something else")]
    Nonsense,
    #[error("the line broke")]
    Gone(#[from] io::Error),
}

/// Asks what it says of itself.
pub(super) async fn look(line: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Result<Look, Unanswered> {
    let row = ask(line, LOOK).await?;
    let field = |n: usize| row.get(n).and_then(Option::as_deref);
    let follows = field(0).ok_or(Unanswered::Nonsense)? == "t";
    // one that has replayed nothing yet has no position
    let position = field(1).map_or(Some(0), position).ok_or(Unanswered::Nonsense)?;
    let timeline = field(2).and_then(|file| u32::from_str_radix(file.get(..8)?, 16).ok()).unwrap_or_default();
    Ok(Look { follows, position, timeline })
}

/// `16/B374D848` as a number.
fn position(text: &str) -> Option<u64> {
    let (high, low) = text.split_once('/')?;
    Some(u64::from_str_radix(high, 16).ok()? << 32 | u64::from_str_radix(low, 16).ok()?)
}

/// Asks, and gives the last row of the answer as text.
pub(super) async fn ask(line: &mut (impl AsyncRead + AsyncWrite + Unpin), sql: &str) -> Result<Vec<Option<String>>, Unanswered> {
    line.write_all(&framed(b'Q', &[sql.as_bytes(), &[0]].concat())).await?;
    line.flush().await?;
    let (mut row, mut refused) = (vec![], None);
    loop {
        let mut head = [0; 5];
        line.read_exact(&mut head).await?;
        let [kind, length @ ..] = head;
        let length = usize::try_from(u32::from_be_bytes(length)).ok().and_then(|length| length.checked_sub(4));
        let mut body = vec![0; length.filter(|length| *length <= LONGEST).ok_or(Unanswered::Nonsense)?];
        line.read_exact(&mut body).await?;
        match kind {
            b'D' => row = columns(&body).ok_or(Unanswered::Nonsense)?,
            b'E' => {
                let code = sqlstate(&framed(b'E', &body)).map(|code| String::from_utf8_lossy(code).into_owned());
                refused = Some(Unanswered::Refused(code.unwrap_or_default()));
            }
            b'Z' => return refused.map_or(Ok(row), Err),
            _ => {}
        }
    }
}

/// What stands in a DataRow.
fn columns(body: &[u8]) -> Option<Vec<Option<String>>> {
    let (count, mut rest) = body.split_first_chunk::<2>()?;
    let mut found = vec![];
    for _ in 0..u16::from_be_bytes(*count) {
        let (length, more) = rest.split_first_chunk::<4>()?;
        rest = more;
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
            found.push(None);
            continue;
        };
        found.push(Some(String::from_utf8_lossy(rest.get(..length)?).into_owned()));
        rest = &rest[length..];
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_understood_or_is_none() {
        assert_eq!(columns(b"\0\x02\0\0\0\x01t\xff\xff\xff\xff"), Some(vec![Some("t".to_owned()), None]));
        assert_eq!(columns(b"\0\x01\0\0\0\x09t"), None);
        assert_eq!(position("16/B374D848"), Some(0x16_B374_D848));
        assert_eq!(position("nothing"), None);
    }
}
