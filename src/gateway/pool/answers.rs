//! What a server answers, message by message: what the client hears of it, and when the batch has its answer. No socket, no clock.

use std::collections::VecDeque;

use crate::gateway::refusal::sqlstate;

/// What a server owes for a message that it was sent; or what the client is owed for one that it was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owed {
    /// ParseComplete, whether the client hears it or not; then the server has this statement.
    Parsed { id: u64, named: bool, heard: bool },
    /// CloseComplete of what nobody but us wanted closed.
    Closed,
    /// A message that comes from us.
    Ours(u8),
    /// The answer to another message, which ends with one of these.
    Other(&'static [u8]),
    /// ReadyForQuery.
    Ready,
}

/// The answers to a batch.
#[derive(Debug, Default)]
pub(super) struct Answers {
    head: [u8; 5],
    have: usize,
    left: usize,
    /// The message that is being read is not for the client.
    silent: bool,
    fresh: bool,
    /// How many times the server has still to say that it is ready.
    pub(super) asked: usize,
    /// What is owed, in order.
    owed: VecDeque<Owed>,
    special: usize,
    /// Statements that the server has from now on.
    pub(super) got: Vec<(u64, bool)>,
    /// It takes rows.
    pub(super) copies: bool,
    /// The last question was a Sync.
    pub(super) by_sync: bool,
    /// The client owes another Sync, for the first one was swallowed.
    pub(super) reopened: bool,
    /// What it said last of its transaction.
    pub(super) status: u8,
    /// It has complained.
    pub(super) failed: bool,
    /// It has completed something.
    pub(super) completed: bool,
    /// Where the first complaint begins in what was written out.
    complaint: Option<usize>,
}

impl Answers {
    /// To a new batch. Where the server's messages end stays.
    pub(super) fn begin(&mut self) {
        let mut owed = std::mem::take(&mut self.owed);
        owed.clear();
        let Self { head, have, left, silent, fresh, .. } = *self;
        *self = Self { owed, head, have, left, silent, fresh, ..Self::default() };
    }

    /// From another server, which has not begun to say anything.
    pub(super) fn of_another(&mut self) {
        (self.have, self.left, self.silent) = (0, 0, false);
    }

    pub(super) fn owes(&mut self, owed: Owed) {
        if owed == Owed::Ready {
            self.asked += 1;
        }
        self.special += usize::from(is_special(owed));
        self.owed.push_back(owed);
    }

    /// Whether the server will have a statement when it has answered so far; `None` where nothing of it is owed. The last one without a name counts.
    pub(super) fn will_have(&self, statement: u64, is_named: bool) -> Option<bool> {
        let parsed = |owed: &Owed| match *owed {
            Owed::Parsed { id, named, .. } if named == is_named => Some(id),
            _ => None,
        };
        let mut parsed = self.owed.iter().rev().filter_map(parsed);
        if is_named { parsed.any(|id| id == statement).then_some(true) } else { parsed.next().map(|id| id == statement) }
    }

    /// Whether all bytes are for the client as they are.
    pub(super) fn is_plain(&self) -> bool {
        self.special == 0 && !self.silent
    }

    pub(super) fn is_between(&self) -> bool {
        self.have == 0 && self.left == 0
    }

    /// Goes over what is all for the client.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = self.step(bytes, None);
        }
    }

    /// Goes over it, and writes out what the client is to hear.
    pub(super) fn follow(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        while !bytes.is_empty() {
            bytes = self.step(bytes, Some(out));
        }
    }

    fn step<'a>(&mut self, bytes: &'a [u8], mut out: Option<&mut Vec<u8>>) -> &'a [u8] {
        if self.left > 0 {
            if std::mem::take(&mut self.fresh) && self.head[0] == b'Z' {
                self.status = bytes[0];
            }
            let (now, later) = bytes.split_at(bytes.len().min(self.left));
            self.left -= now.len();
            if let Some(out) = out.filter(|_| !self.silent) {
                out.extend(now);
            }
            return later;
        }
        let (now, later) = bytes.split_at(bytes.len().min(self.head.len() - self.have));
        self.head[self.have..self.have + now.len()].copy_from_slice(now);
        self.have += now.len();
        if self.have == self.head.len() {
            let [kind, length @ ..] = self.head;
            self.have = 0;
            self.left = usize::try_from(u32::from_be_bytes(length)).unwrap_or_default().saturating_sub(4);
            self.fresh = true;
            self.say_ours(out.as_deref_mut());
            self.complaint = self.complaint.or(out.as_ref().filter(|_| kind == b'E').map(|out| out.len()));
            self.silent = !self.hear(kind);
            if let Some(out) = out.filter(|_| !self.silent) {
                out.extend(self.head);
            }
        }
        later
    }

    /// What comes from us before the next message of the server.
    fn say_ours(&mut self, mut out: Option<&mut Vec<u8>>) {
        while let Some(Owed::Ours(kind)) = self.owed.front().copied() {
            self.owed.pop_front();
            self.special -= 1;
            if let Some(out) = out.as_deref_mut() {
                out.extend([kind, 0, 0, 0, 4]);
            }
        }
    }

    /// A message begins. Whether it is for the client.
    fn hear(&mut self, kind: u8) -> bool {
        match kind {
            b'Z' => {
                self.asked = self.asked.saturating_sub(1);
                self.copies = false;
            }
            b'E' => (self.copies, self.failed) = (false, true),
            b'C' => self.completed = true,
            // a Sync that came before the server said so is swallowed, and sent again afterwards
            b'G' => {
                self.copies = true;
                if self.by_sync {
                    (self.by_sync, self.reopened) = (false, true);
                    self.asked = self.asked.saturating_sub(1);
                    self.owed.retain(|owed| *owed != Owed::Ready);
                }
            }
            _ => {}
        }
        self.pay(kind)
    }

    /// Takes from what is owed what this message pays. Whether it is for the client.
    fn pay(&mut self, kind: u8) -> bool {
        // after a complaint nothing is answered before the next Sync
        while let Some(owed) = self.owed.front().copied().filter(|owed| matches!(kind, b'E' | b'Z') && *owed != Owed::Ready) {
            self.owed.pop_front();
            self.special -= usize::from(is_special(owed));
        }
        let Some(owed) = self.owed.front().copied() else { return true };
        let (pays, heard) = match owed {
            Owed::Parsed { heard, .. } => (kind == b'1', heard),
            Owed::Closed => (kind == b'3', false),
            Owed::Ours(_) => (false, true),
            Owed::Other(ends) => (ends.contains(&kind), true),
            Owed::Ready => (kind == b'Z', true),
        };
        if !pays {
            return true;
        }
        self.owed.pop_front();
        self.special -= usize::from(is_special(owed));
        if let Owed::Parsed { id, named, .. } = owed {
            self.got.push((id, named));
        }
        heard
    }

    /// The SQLSTATE of the first complaint in what was written out, where it is whole, and whether it ends the session.
    pub(super) fn complaint<'a>(&self, out: &'a [u8]) -> Option<(&'a [u8], bool)> {
        let message = out.get(self.complaint?..)?;
        let length = usize::try_from(u32::from_be_bytes(message.get(1..5)?.try_into().ok()?)).ok()? + 1;
        let message = message.get(..length)?;
        let fatal = message[5..].split(|byte| *byte == 0).any(|field| field == b"VFATAL" || field == b"VPANIC");
        Some((sqlstate(message)?, fatal))
    }
}

fn is_special(owed: Owed) -> bool {
    matches!(owed, Owed::Parsed { .. } | Owed::Closed | Owed::Ours(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::refusal::framed;

    fn ready() -> Vec<u8> {
        framed(b'Z', b"I")
    }

    #[test]
    fn what_was_sent_on_our_own_is_not_heard_and_what_was_not_sent_is() {
        for size in 1..20 {
            let mut answers = Answers::default();
            for owed in [
                Owed::Closed,
                Owed::Parsed { id: 7, named: true, heard: false },
                Owed::Ours(b'1'),
                Owed::Other(b"2"),
                Owed::Other(b"CIs"),
                Owed::Ours(b'3'),
                Owed::Ready,
            ] {
                answers.owes(owed);
            }
            let said =
                [framed(b'3', b""), framed(b'1', b""), framed(b'2', b""), framed(b'D', b"row"), framed(b'C', b"x\0"), ready()].concat();
            let mut out = vec![];
            said.chunks(size).for_each(|piece| answers.follow(piece, &mut out));
            let heard =
                [framed(b'1', b""), framed(b'2', b""), framed(b'D', b"row"), framed(b'C', b"x\0"), framed(b'3', b""), ready()].concat();
            assert_eq!(out, heard);
            assert_eq!((&answers.got[..], answers.asked, answers.status), (&[(7, true)][..], 0, b'I'));
            assert!(answers.is_between() && answers.is_plain() && answers.completed);
        }
    }

    #[test]
    fn after_a_complaint_nothing_is_owed_before_the_sync() {
        let mut answers = Answers::default();
        for owed in [Owed::Parsed { id: 7, named: true, heard: false }, Owed::Other(b"2"), Owed::Ours(b'3'), Owed::Ready] {
            answers.owes(owed);
        }
        let mut out = vec![];
        let complaint = framed(b'E', b"SERROR\0VERROR\0C25006\0M\0\0");
        answers.follow(&[complaint.clone(), ready()].concat(), &mut out);
        assert_eq!(out, [complaint, ready()].concat());
        assert_eq!(answers.complaint(&out), Some((&b"25006"[..], false)));
        assert!(answers.got.is_empty() && answers.asked == 0 && answers.is_plain() && answers.failed);
    }

    #[test]
    fn a_copy_swallows_the_sync_before_it() {
        let mut answers = Answers { by_sync: true, ..Answers::default() };
        answers.owes(Owed::Other(b"CIs"));
        answers.owes(Owed::Ready);
        answers.pass(&framed(b'G', b"\0\0\0"));
        assert!(answers.copies && answers.reopened && answers.asked == 0);
    }
}
