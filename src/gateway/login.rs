//! SCRAM as messages: what is asked of a client before anything else is given to it.

use aws_smithy_types::base64;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{
    line::{self, Stop},
    refusal::{Refusal, framed},
    scram::{self, Denied, Exchange, Keys},
};

/// The most that a message may have around SCRAM's own, in bytes: the mechanism's name and a length.
const AROUND: usize = 64;
/// Random bytes of our nonce, as in Postgres.
const NONCE: usize = 18;

/// Has the client prove that it knows the password, and tells it so. What the proof has shown can prove it elsewhere. `may` says at the last moment
/// whether a proof is looked at: others may have come meanwhile.
pub(super) async fn login(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    exchange: Exchange,
    user: &str,
    may: impl Fn() -> Result<(), Refusal>,
) -> Result<Keys, Stop> {
    let offered: Vec<u8> = exchange.mechanisms().iter().flat_map(|name| [name.as_bytes(), &[0]].concat()).chain([0]).collect();
    line::say(stream, &authentication(10, &offered)).await?;
    let message = line::message(stream, b'p', scram::LONGEST + AROUND).await?;
    let (mechanism, message) = initial(&message)?;
    let denied = |denied| match denied {
        Denied::Proof => Refusal::Password(user.to_owned()),
        other => other.into(),
    };
    let (challenged, answer) = exchange.first(mechanism, message, &nonce()?).map_err(denied)?;
    line::say(stream, &authentication(11, answer.as_bytes())).await?;
    let message = line::message(stream, b'p', scram::LONGEST).await?;
    may()?;
    let (proof, keys) = challenged.last(&message).map_err(denied)?;
    let done = [authentication(12, proof.as_bytes()), authentication(0, &[])].concat();
    line::say(stream, &done).await?;
    Ok(keys)
}

/// The mechanism and SCRAM's first message, in a SASLInitialResponse.
fn initial(body: &[u8]) -> Result<(&[u8], &[u8]), Refusal> {
    let wrong = Refusal::Protocol("a malformed first message of SASL");
    let parts = body.iter().position(|byte| *byte == 0).and_then(|end| {
        let (length, message) = body[end + 1..].split_first_chunk::<4>()?;
        let whole = usize::try_from(u32::from_be_bytes(*length)).ok()? == message.len();
        whole.then_some((&body[..end], message))
    });
    parts.ok_or(wrong)
}

fn authentication(code: u32, body: &[u8]) -> Vec<u8> {
    framed(b'R', &[&code.to_be_bytes()[..], body].concat())
}

/// Random, in signs that may stand in a message of SCRAM.
pub(super) fn nonce() -> std::io::Result<String> {
    let mut bytes = [0; NONCE];
    getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(base64::encode(bytes))
}
