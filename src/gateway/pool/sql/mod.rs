//! What a statement may do, from its text alone and by caution: what is not surely a read is none. No socket, no clock.

mod known;
mod words;

use words::{Word, Words};

/// What a text of one statement or several may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// A standby may be asked: it reads, or it refuses.
    pub read: bool,
    /// It comes to no row: it only speaks of its transaction, or shows a setting.
    pub harmless: bool,
    /// It leaves something behind in the session, which another one would not have.
    pub pins: bool,
    /// It takes away all that was left behind (DISCARD ALL).
    pub frees: bool,
    /// It takes prepared statements away.
    pub forgets: bool,
    /// It begins a transaction that only reads, and in which each statement sees what is there by then.
    pub begins_reading: bool,
    /// It ends its transaction, and does nothing else.
    pub ends: bool,
}

/// How a statement begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Lead {
    #[default]
    Nothing,
    Read,
    Begin,
    End,
    Savepoint,
    Show,
    Set,
    Listen,
    Prepare,
    Deallocate,
    Discard,
    Declare,
    Create,
    Load,
    Do,
    Other,
}

/// Understands a whole text, as it stands in a message Query or Parse.
pub fn meaning(text: &[u8]) -> Meaning {
    let mut words = Words::of(text);
    let mut whole = Meaning { read: true, harmless: true, ..Meaning::default() };
    let mut statements = 0;
    loop {
        let mut one = One::default();
        let more = one.take(&mut words);
        if one.lead != Lead::Nothing {
            statements += 1;
            let found = one.meaning();
            whole = Meaning {
                read: whole.read && found.read,
                harmless: whole.harmless && found.harmless,
                pins: whole.pins || found.pins,
                frees: found.frees,
                forgets: whole.forgets || found.forgets,
                begins_reading: found.begins_reading,
                ends: found.ends,
            };
        }
        if !more {
            break;
        }
    }
    whole.begins_reading &= statements == 1;
    whole.frees &= statements == 1;
    whole.ends &= statements == 1;
    if words.odd {
        return Meaning { pins: true, ..Meaning::default() };
    }
    whole
}

/// What is seen of one statement.
#[derive(Default)]
struct One<'a> {
    lead: Lead,
    /// How many words there were, parentheses before the first one left out.
    count: usize,
    second: Option<Word<'a>>,
    /// A word that no read has, or a call of something that is not known.
    doubtful: bool,
    temporary: bool,
    into: bool,
    hold: bool,
    leaves: bool,
    only: bool,
    isolated: bool,
    all: bool,
    /// It goes back to a savepoint, or speaks of a prepared transaction.
    partly: bool,
    /// Where `set_config` was called: it leaves nothing where it says that it is for its transaction.
    setting: Option<usize>,
}

impl<'a> One<'a> {
    /// Takes the words up to a semicolon. Whether there may be another statement behind.
    fn take(&mut self, words: &mut Words<'a>) -> bool {
        let (mut depth, mut last, mut before, mut earlier) = (0_usize, None, None, None);
        for word in words.by_ref() {
            match word {
                Word::Sign(b';') if depth == 0 => return true,
                Word::Sign(b'(') => {
                    depth += 1;
                    self.opened([earlier, before, last], depth);
                }
                Word::Sign(b')') => {
                    if self.setting == Some(depth) {
                        self.setting = None;
                        self.leaves |= !last.is_some_and(|word: Word<'_>| word.is("true"));
                    }
                    depth = depth.saturating_sub(1);
                }
                word => self.see(word, last),
            }
            (earlier, before, last) = (before, last, Some(word));
        }
        false
    }

    fn see(&mut self, word: Word<'a>, last: Option<Word<'a>>) {
        self.count += 1;
        match self.count {
            1 => self.lead = lead(&word),
            2 => self.second = Some(word),
            _ => {}
        }
        match word {
            Word::Name(name) | Word::Quoted(name) if is_of_the_server(name) => {
                self.doubtful = true;
                self.temporary |= name.len() >= 7 && name[..7].eq_ignore_ascii_case(b"pg_temp");
            }
            Word::Name(_) => self.keyword(word, last),
            Word::Text(body) if self.lead == Lead::Do => self.leaves |= body_leaves_something(body),
            _ => {}
        }
    }

    fn keyword(&mut self, word: Word<'a>, last: Option<Word<'a>>) {
        self.doubtful |= word.is_any(&["insert", "update", "delete", "merge", "into", "for", "lock"]);
        let made = self.lead == Lead::Create && last.is_some_and(|last| last.is_any(&["create", "replace", "local", "global"]));
        self.temporary |= word.is_any(&["temp", "temporary"]) && (self.into || made);
        self.into |= word.is("into");
        self.hold |= word.is("hold");
        self.all |= word.is("all");
        self.partly |= word.is_any(&["to", "prepared"]);
        self.only |= word.is("only") && last.is_some_and(|last| last.is("read"));
        self.isolated |= word.is_any(&["serializable", "repeatable", "write", "deferrable"]);
    }

    /// A parenthesis: behind a word it may be a call.
    fn opened(&mut self, [earlier, before, last]: [Option<Word<'a>>; 3], depth: usize) {
        let Some(Word::Name(name) | Word::Quoted(name)) = last else { return };
        if known::leaves_something(name) {
            let is_setting = name.eq_ignore_ascii_case(b"set_config") && self.setting.is_none();
            if is_setting { self.setting = Some(depth) } else { self.leaves = true }
        }
        let quoted = matches!(last, Some(Word::Quoted(_)));
        let qualified = before == Some(Word::Sign(b'.'));
        // behind AS stands a name, and behind that names of columns
        let alias = before.is_some_and(|before| before.is("as"));
        let ours = !qualified || earlier.is_some_and(|schema| schema.is("pg_catalog"));
        let fine = !quoted && ours && known::is_the_same_everywhere(name) || !quoted && !qualified && known::is_language(name) || alias;
        self.doubtful |= !fine;
    }

    fn meaning(&self) -> Meaning {
        let second = |keywords: &[&str]| self.second.is_some_and(|word| word.is_any(keywords));
        let read = self.lead == Lead::Read && !self.doubtful && !self.leaves && self.setting.is_none();
        let kept = match self.lead {
            Lead::Set => !second(&["local", "transaction", "constraints"]),
            Lead::Listen | Lead::Load => true,
            Lead::Prepare => !second(&["transaction"]),
            Lead::Declare => self.hold,
            _ => false,
        };
        Meaning {
            read,
            harmless: matches!(self.lead, Lead::Begin | Lead::Savepoint | Lead::Show) || self.lead == Lead::End && !self.partly,
            pins: kept || self.temporary || self.leaves || self.setting.is_some(),
            frees: self.lead == Lead::Discard && second(&["all"]),
            forgets: matches!(self.lead, Lead::Discard | Lead::Deallocate) && self.all,
            begins_reading: self.lead == Lead::Begin && self.only && !self.isolated,
            ends: self.lead == Lead::End && !self.partly,
        }
    }
}

fn lead(word: &Word<'_>) -> Lead {
    const LEADS: [(Lead, &[&str]); 14] = [
        (Lead::Read, &["select", "table", "values", "with"]),
        (Lead::Begin, &["begin", "start"]),
        (Lead::End, &["commit", "end", "rollback", "abort"]),
        (Lead::Savepoint, &["savepoint", "release"]),
        (Lead::Show, &["show"]),
        (Lead::Set, &["set"]),
        (Lead::Listen, &["listen"]),
        (Lead::Prepare, &["prepare"]),
        (Lead::Deallocate, &["deallocate"]),
        (Lead::Discard, &["discard"]),
        (Lead::Declare, &["declare"]),
        (Lead::Create, &["create"]),
        (Lead::Load, &["load"]),
        (Lead::Do, &["do"]),
    ];
    LEADS.iter().find(|(_, words)| word.is_any(words)).map_or(Lead::Other, |(lead, _)| *lead)
}

/// Whether it is a name of the server's own, which may say something else of each: `pg_stat_activity`, `pg_current_wal_lsn`. The schema itself is not.
fn is_of_the_server(name: &[u8]) -> bool {
    name.len() >= 3 && name[..3].eq_ignore_ascii_case(b"pg_") && !name.eq_ignore_ascii_case(b"pg_catalog")
}

/// Whether a body of DO may leave something behind in the session.
fn body_leaves_something(body: &[u8]) -> bool {
    let mut updating = false;
    let mut words = Words::of(body);
    let found = words.by_ref().any(|word| match word {
        Word::Sign(b';') => {
            updating = false;
            false
        }
        Word::Name(name) | Word::Quoted(name) => {
            updating |= word.is("update");
            let sets = word.is("set") && !updating;
            sets || word.is_any(&["temp", "temporary", "listen", "load", "execute", "prepare", "hold"]) || known::leaves_something(name)
        }
        // a text that is carried out, or just a text
        Word::Text(_) | Word::Number | Word::Sign(_) => false,
    });
    found || words.odd
}

#[cfg(test)]
mod tests;
