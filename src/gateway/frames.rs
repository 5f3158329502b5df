//! Steps from message to message over whatever bytes come, however they are cut. No socket, no clock.

/// What two sides have said to each other, as far as it tells whether a session may be ended.
#[derive(Debug, Default)]
pub(super) struct Talk {
    theirs: Frames,
    ours: Frames,
    /// How many answers the client still waits for.
    asked: u32,
    /// The client began what only its next Sync ends.
    begun: bool,
    /// The last question was asked with Sync: before COPY FROM it is a part of one that is asked again.
    by_sync: bool,
    extra: u32,
    /// The server takes rows and nothing else.
    copies: bool,
    status: u8,
}

impl Talk {
    /// A session that has just said that it is ready.
    pub(super) fn ready() -> Self {
        Self { status: b'I', ..Self::default() }
    }

    /// The client said this.
    pub(super) fn client(&mut self, bytes: &[u8]) {
        let (asked, begun, by_sync, copies) = (&mut self.asked, &mut self.begun, &mut self.by_sync, &mut self.copies);
        self.theirs.follow(bytes, |kind, _| match kind {
            b'c' | b'f' => *copies = false,
            // ignored by the server, which says nothing to it
            b'S' if *copies => {}
            b'Q' | b'F' | b'S' => {
                *asked = asked.saturating_add(1);
                *by_sync = kind == b'S';
                *begun = false;
            }
            b'P' | b'B' | b'E' | b'D' | b'C' => *begun = true,
            // of COPY, a flush, or the end
            _ => {}
        });
    }

    /// The server said this.
    pub(super) fn server(&mut self, bytes: &[u8]) {
        let (asked, extra, status, by_sync, copies) = (&mut self.asked, &mut self.extra, &mut self.status, self.by_sync, &mut self.copies);
        self.ours.follow(bytes, |kind, first| match kind {
            b'Z' => {
                *asked = asked.saturating_sub(1 + *extra);
                *extra = 0;
                *copies = false;
                *status = first;
            }
            // a Sync that came before the server said so is ignored as well, and sent again afterwards
            b'G' => {
                *extra = u32::from(by_sync);
                *copies = true;
            }
            b'E' => *copies = false,
            _ => {}
        });
    }

    /// Whether nothing is going on: no transaction, no question without its answer.
    pub(super) fn is_idle(&self) -> bool {
        self.status == b'I' && self.asked == 0 && !self.begun && self.theirs.is_between() && self.ours.is_between()
    }

    /// Whether a message of our own may be sent to the client now.
    pub(super) fn may_be_told(&self) -> bool {
        self.ours.is_between()
    }
}

/// Where in the messages of one direction its bytes end.
#[derive(Debug, Default)]
struct Frames {
    head: [u8; 5],
    have: usize,
    /// What is left of the body.
    left: u32,
    /// The body's first byte is still to come.
    fresh: bool,
    /// What came is no message.
    lost: bool,
}

impl Frames {
    /// Calls `seen` for each message with its kind and the first byte of its body, zero where that is empty.
    fn follow(&mut self, mut bytes: &[u8], mut seen: impl FnMut(u8, u8)) {
        while !self.lost && !bytes.is_empty() {
            if self.left > 0 {
                if self.fresh {
                    self.fresh = false;
                    seen(self.head[0], bytes[0]);
                }
                let step = bytes.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
                self.left -= u32::try_from(step).unwrap_or(self.left);
                bytes = &bytes[step..];
                continue;
            }
            let step = bytes.len().min(self.head.len() - self.have);
            self.head[self.have..self.have + step].copy_from_slice(&bytes[..step]);
            self.have += step;
            bytes = &bytes[step..];
            if self.have == self.head.len() {
                self.begin(&mut seen);
            }
        }
    }

    fn begin(&mut self, seen: &mut impl FnMut(u8, u8)) {
        let [kind, length @ ..] = self.head;
        self.have = 0;
        let Some(left) = u32::from_be_bytes(length).checked_sub(4) else {
            self.lost = true;
            return;
        };
        (self.left, self.fresh) = (left, left > 0);
        if left == 0 {
            seen(kind, 0);
        }
    }

    fn is_between(&self) -> bool {
        !self.lost && self.have == 0 && self.left == 0
    }
}

#[cfg(test)]
mod tests {
    use super::{super::refusal::framed, *};

    const READY: [u8; 6] = [b'Z', 0, 0, 0, 5, b'I'];

    #[test]
    fn a_session_is_idle_when_every_question_has_its_answer() {
        let mut talk = Talk::ready();
        assert!(talk.is_idle());
        talk.client(&framed(b'Q', b"select 1\0"));
        assert!(!talk.is_idle());
        talk.server(&[framed(b'T', b"x"), framed(b'D', b"Z"), READY.to_vec()].concat());
        assert!(talk.is_idle());
        talk.client(&[framed(b'Q', b"a\0"), framed(b'Q', b"b\0")].concat());
        talk.server(&READY);
        assert!(!talk.is_idle());
        talk.server(&READY);
        assert!(talk.is_idle());
    }

    #[test]
    fn a_transaction_and_what_waits_for_its_sync_are_not_idle() {
        let mut talk = Talk::ready();
        talk.client(&framed(b'Q', b"begin\0"));
        talk.server(&framed(b'Z', b"T"));
        assert!(!talk.is_idle() && talk.may_be_told());
        talk.client(&framed(b'Q', b"commit\0"));
        talk.server(&READY);
        talk.client(&framed(b'P', b"\0\0\0\0"));
        talk.server(&framed(b'1', b""));
        assert!(!talk.is_idle());
        talk.client(&framed(b'S', b""));
        talk.server(&READY);
        assert!(talk.is_idle());
    }

    #[test]
    fn a_copy_with_its_sync_sent_twice_ends_idle() {
        let mut talk = Talk::ready();
        talk.client(&[framed(b'B', b""), framed(b'E', b""), framed(b'S', b"")].concat());
        talk.server(&framed(b'G', b"\0\0\0"));
        talk.client(&[framed(b'd', b"row"), framed(b'c', b""), framed(b'S', b"")].concat());
        assert!(!talk.is_idle());
        talk.server(&[framed(b'C', b"COPY 1\0"), READY.to_vec()].concat());
        assert!(talk.is_idle());
    }

    #[test]
    fn a_sync_among_the_rows_of_a_copy_is_no_question() {
        let mut talk = Talk::ready();
        talk.client(&framed(b'Q', b"copy t from stdin\0"));
        talk.server(&framed(b'G', b"\0\0\0"));
        talk.client(&[framed(b'd', b"row"), framed(b'S', b""), framed(b'c', b"")].concat());
        assert!(!talk.is_idle());
        talk.server(&[framed(b'C', b"COPY 1\0"), READY.to_vec()].concat());
        assert!(talk.is_idle());
        // one that failed is over as well
        talk.client(&framed(b'Q', b"copy t from stdin\0"));
        talk.server(&[framed(b'G', b"\0\0\0"), framed(b'E', b"\0"), READY.to_vec()].concat());
        talk.client(&framed(b'S', b""));
        assert!(!talk.is_idle());
        talk.server(&READY);
        assert!(talk.is_idle());
    }

    #[test]
    fn how_the_bytes_are_cut_changes_nothing() {
        let all = [framed(b'T', b"abcdef"), framed(b'n', b""), framed(b'D', &[b'Z'; 300]), framed(b'Z', b"E")].concat();
        for size in 1..all.len() {
            let mut seen = vec![];
            let mut frames = Frames::default();
            for piece in all.chunks(size) {
                frames.follow(piece, |kind, first| seen.push((kind, first)));
            }
            assert_eq!(seen, [(b'T', b'a'), (b'n', 0), (b'D', b'Z'), (b'Z', b'E')]);
            assert!(frames.is_between());
        }
    }

    #[test]
    fn what_is_no_message_is_never_idle_again() {
        let mut talk = Talk::ready();
        talk.client(&[b'Q', 0, 0, 0, 3, 1, 2, 3]);
        assert!(!talk.is_idle() && talk.may_be_told());
    }
}
