//! What a client says, up to the point where it waits for an answer: a batch. No socket, no clock.

use std::{collections::HashMap, ops::Range, sync::Arc};

use super::{
    refusal::LetDown,
    sql::{Meaning, meaning},
    statements::{Registry, Statement},
};
use crate::gateway::refusal::Refusal;

/// From so many bytes on a message is passed on before all of it is there.
const LARGE: usize = 64 * 1024;
/// The largest statement that is kept, in bytes.
const LARGEST: usize = 16 << 20;
/// How far the names in a message may reach, in bytes.
const NAMES: usize = 4096;

/// What a client has said and nobody has taken yet.
#[derive(Default)]
pub(super) struct Intake {
    pub(super) bytes: Vec<u8>,
    pub(super) batch: Batch,
    names: HashMap<Vec<u8>, Arc<Statement>>,
    unnamed: Option<Arc<Statement>>,
    /// What is left of a message that nobody waits for.
    skip: usize,
}

/// Messages that belong together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) messages: Vec<Message>,
    /// How many bytes of the intake they are.
    pub(super) scanned: usize,
    /// What of the last message is still to come.
    pub(super) more: usize,
    /// Nothing more comes before there is an answer.
    pub(super) ended: bool,
    pub(super) meaning: Option<Meaning>,
    /// The text of the statement that begins a transaction which only reads.
    pub(super) begin: Vec<u8>,
    bound: usize,
}

/// A message, or what has come of it.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) kind: u8,
    pub(super) bytes: Range<usize>,
    /// How long it is as a whole.
    pub(super) whole: usize,
    pub(super) statement: Option<Arc<Statement>>,
    /// Where the statement's name stands in it.
    pub(super) name: Range<usize>,
}

/// How far a scan came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The batch goes on, and more has to come before it can be told what it is.
    More,
    /// It is whole.
    Whole,
    /// It can't be waited for: it is too large, or its beginning wants an answer.
    Open,
    /// The client leaves.
    Left,
}

impl Intake {
    /// Takes the messages that there are into the batch.
    pub(super) fn scan(&mut self, registry: &Registry) -> Result<Step, Refusal> {
        loop {
            self.pass_over();
            let from = self.batch.scanned;
            let Some((head, _)) = self.bytes[from..].split_first_chunk::<5>() else { return Ok(Step::More) };
            let (kind, whole) = message(*head)?;
            let have = self.bytes.len() - from;
            match kind {
                b'X' => return Ok(Step::Left),
                // of a COPY that has failed meanwhile
                b'd' | b'c' | b'f' if self.batch.messages.is_empty() => {
                    self.skip = whole;
                    continue;
                }
                b'B' if have < whole && whole > LARGE && have < NAMES => return Ok(Step::More),
                b'Q' | b'F' | b'B' if have < whole && whole > LARGE => {}
                _ if whole > LARGEST => return Err(LetDown::Large.into()),
                _ if have < whole => return Ok(Step::More),
                _ => {}
            }
            let range = from..from + have.min(whole);
            self.take(kind, range, whole, registry)?;
            if self.batch.ended && self.batch.more == 0 {
                return Ok(Step::Whole);
            }
            if self.batch.more > 0 || kind == b'H' || self.batch.scanned > LARGE {
                return Ok(Step::Open);
            }
        }
    }

    fn pass_over(&mut self) {
        if self.skip > 0 && self.batch.scanned == 0 {
            let gone = self.skip.min(self.bytes.len());
            self.bytes.drain(..gone);
            self.skip -= gone;
        }
    }

    fn take(&mut self, kind: u8, bytes: Range<usize>, whole: usize, registry: &Registry) -> Result<(), Refusal> {
        let mut message = Message { kind, bytes: bytes.clone(), whole, statement: None, name: 0..0 };
        let body = &self.bytes[bytes.start + 5..bytes.end];
        let is_whole = bytes.len() == whole;
        let malformed = || Refusal::Protocol("a message that is not as it must be");
        let mut seen = Meaning::default();
        match kind {
            b'Q' if is_whole => {
                let text = cstring(body).ok_or_else(malformed)?;
                seen = meaning(text);
                if seen.begins_reading {
                    self.batch.begin = text.to_vec();
                }
                self.batch.ended = true;
            }
            // what nobody has read may be anything
            b'Q' => (seen.pins, self.batch.ended) = (true, true),
            b'F' => self.batch.ended = true,
            b'P' => {
                let name = cstring(body).ok_or_else(malformed)?.to_vec();
                let statement = registry.statement(&body[name.len() + 1..], !name.is_empty());
                seen = Meaning { begins_reading: false, ends: false, ..statement.meaning };
                if name.is_empty() {
                    self.unnamed = Some(Arc::clone(&statement));
                } else {
                    self.names.insert(name, Arc::clone(&statement));
                }
                message.statement = Some(statement);
            }
            b'B' => {
                message.name = bound(body, bytes.start + 5).ok_or_else(malformed)?;
                seen = self.bind(&mut message, body.first() == Some(&0));
            }
            b'D' | b'C' if body.first() == Some(&b'S') => {
                let name = cstring(&body[1..]).ok_or_else(malformed)?;
                message.name = bytes.start + 6..bytes.start + 6 + name.len();
                message.statement = self.known(name);
                if kind == b'C' {
                    self.close(message.name.clone());
                }
                seen = READS;
            }
            // with a limit there is more to be fetched from the same place
            b'E' if !body.ends_with(&[0; 4]) => {}
            b'E' | b'D' | b'C' if self.batch.bound > 0 => seen = READS,
            b'S' => (seen, self.batch.ended) = (READS, true),
            b'E' | b'D' | b'C' | b'H' => {}
            b'd' | b'c' | b'f' => seen = READS,
            _ => return Err(Refusal::Protocol("a message of another kind than expected")),
        }
        self.batch.adds(seen);
        self.batch.scanned = bytes.end;
        self.batch.more = whole - bytes.len();
        self.batch.messages.push(message);
        Ok(())
    }

    /// A Bind: what its statement may do. One of a portal with a name is there later on, where it was made.
    fn bind(&mut self, message: &mut Message, unnamed: bool) -> Meaning {
        message.statement = self.known(&self.bytes[message.name.clone()]);
        let mut seen = message.statement.as_ref().map(|statement| statement.meaning).unwrap_or_default();
        seen.read &= unnamed;
        self.batch.bound += 1;
        if let Some(statement) = message.statement.as_ref().filter(|_| seen.begins_reading) {
            self.batch.begin = cstring(&statement.rest).unwrap_or_default().to_vec();
        }
        seen
    }

    fn known(&self, name: &[u8]) -> Option<Arc<Statement>> {
        if name.is_empty() { self.unnamed.clone() } else { self.names.get(name).cloned() }
    }

    fn close(&mut self, name: Range<usize>) {
        if name.is_empty() {
            self.unnamed = None;
        } else {
            self.names.remove(&self.bytes[name]);
        }
    }

    /// All prepared statements are gone.
    pub(super) fn forget(&mut self) {
        self.names.clear();
        self.unnamed = None;
    }

    /// The batch is answered, or nobody asks for it again: its bytes are not needed any more.
    pub(super) fn done(&mut self) {
        self.trim();
        self.batch.more = 0;
        self.batch.ended = false;
        self.batch.meaning = None;
        self.batch.begin.clear();
        self.batch.bound = 0;
        if self.bytes.is_empty() && self.bytes.capacity() > NAMES {
            self.bytes = Vec::new();
        }
    }

    /// What was passed on is not needed any more, but the batch goes on.
    pub(super) fn trim(&mut self) {
        if self.batch.scanned == self.bytes.len() {
            self.bytes.clear();
        } else {
            self.bytes.drain(..self.batch.scanned);
        }
        self.batch.scanned = 0;
        self.batch.messages.clear();
    }
}

/// What adds nothing to a batch.
const READS: Meaning =
    Meaning { read: true, harmless: true, pins: false, frees: false, forgets: false, begins_reading: false, ends: false };

impl Batch {
    fn adds(&mut self, seen: Meaning) {
        self.meaning = Some(match self.meaning {
            None => seen,
            Some(so_far) => Meaning {
                read: so_far.read && seen.read,
                harmless: so_far.harmless && seen.harmless,
                pins: so_far.pins || seen.pins,
                frees: (so_far.frees || seen.frees) && self.bound < 2,
                forgets: so_far.forgets || seen.forgets,
                begins_reading: (so_far.begins_reading || seen.begins_reading) && self.bound < 2,
                ends: (so_far.ends || seen.ends) && self.bound < 2,
            },
        });
    }

    /// What it may do.
    pub(super) fn meaning(&self) -> Meaning {
        self.meaning.unwrap_or_default()
    }
}

/// A message's kind, and its length with its head.
pub(super) fn message(head: [u8; 5]) -> Result<(u8, usize), Refusal> {
    let [kind, length @ ..] = head;
    let length = usize::try_from(u32::from_be_bytes(length)).ok().filter(|length| (4..1 << 30).contains(length));
    Ok((kind, length.ok_or(Refusal::Protocol("a message of an impossible length"))? + 1))
}

/// Where the statement's name stands in the body of a Bind, which itself stands there.
fn bound(body: &[u8], from: usize) -> Option<Range<usize>> {
    let portal = cstring(body)?.len();
    let name = cstring(&body[portal + 1..])?.len();
    Some(from + portal + 1..from + portal + 1 + name)
}

fn cstring(bytes: &[u8]) -> Option<&[u8]> {
    Some(&bytes[..bytes.iter().position(|byte| *byte == 0)?])
}

#[cfg(test)]
#[path = "intake_tests.rs"]
mod tests;
