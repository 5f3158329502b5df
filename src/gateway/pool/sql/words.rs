//! A statement cut into words as [Postgres' own scanner](https://www.postgresql.org/docs/current/sql-syntax-lexical.html) cuts it: comments are gone, what is
//! quoted is one word. No socket, no clock, no memory of its own.

/// A piece of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word<'a> {
    /// A keyword, or a name without quotes.
    Name(&'a [u8]),
    /// A name in quotes, without them.
    Quoted(&'a [u8]),
    /// A text of whatever form, without its quotes.
    Text(&'a [u8]),
    /// Digits, or a parameter.
    Number,
    /// Any other sign.
    Sign(u8),
}

impl Word<'_> {
    /// Whether it is this keyword, which is in lower case.
    pub(super) fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Name(name) if name.eq_ignore_ascii_case(keyword.as_bytes()))
    }

    /// Whether it is one of these keywords.
    pub(super) fn is_any(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }
}

/// All of them.
#[derive(Clone, Debug)]
pub(super) struct Words<'a> {
    text: &'a [u8],
    at: usize,
    /// Something did not end, or could be read in two ways: nobody should rely on what was found.
    pub(super) odd: bool,
    /// The word before was a text with backslashes, which may go on in another pair of quotes.
    escaped: bool,
}

impl<'a> Words<'a> {
    pub(super) fn of(text: &'a [u8]) -> Self {
        Self { text, at: 0, odd: false, escaped: false }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    /// Past blanks and comments.
    fn skip(&mut self) {
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c), _) => self.at += 1,
                (Some(b'-'), Some(b'-')) => {
                    let line = self.text[self.at..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                    self.at = line.map_or(self.text.len(), |length| self.at + length);
                }
                (Some(b'/'), Some(b'*')) => self.comment(),
                _ => return,
            }
        }
    }

    /// Comments stand in each other.
    fn comment(&mut self) {
        let mut depth = 0;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b'/'), Some(b'*')) => (depth, self.at) = (depth + 1, self.at + 2),
                (Some(b'*'), Some(b'/')) => {
                    (depth, self.at) = (depth - 1, self.at + 2);
                    if depth == 0 {
                        return;
                    }
                }
                (Some(_), _) => self.at += 1,
                (None, _) => {
                    self.odd = true;
                    return;
                }
            }
        }
    }

    /// What stands up to the next of these quotes; a quote twice is one in it.
    fn quoted(&mut self, quote: u8, backslashes: bool) -> &'a [u8] {
        self.at += 1;
        let from = self.at;
        loop {
            match self.peek(0) {
                Some(b'\\') if backslashes => self.at += 2,
                Some(byte) if byte == quote => {
                    if self.peek(1) != Some(quote) {
                        self.at += 1;
                        return &self.text[from..self.at - 1];
                    }
                    self.at += 2;
                }
                Some(_) => self.at += 1,
                None => {
                    self.odd = true;
                    self.at = self.text.len();
                    return &self.text[from.min(self.at)..];
                }
            }
        }
    }

    /// A parameter, a text between dollars, or a dollar.
    fn dollar(&mut self) -> Word<'a> {
        let rest = &self.text[self.at + 1..];
        if rest.first().is_some_and(u8::is_ascii_digit) {
            self.at += 1 + rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            return Word::Number;
        }
        let tag = if rest.first().is_some_and(|byte| begins(*byte)) {
            rest.iter().take_while(|byte| goes_on(**byte) && **byte != b'$').count()
        } else {
            0
        };
        if rest.get(tag) != Some(&b'$') {
            self.at += 1;
            return Word::Sign(b'$');
        }
        let mark = &self.text[self.at..self.at + tag + 2];
        let from = self.at + mark.len();
        let end = self.text[from..].windows(mark.len()).position(|found| found == mark);
        self.odd |= end.is_none();
        let end = end.map_or(self.text.len(), |length| from + length);
        self.at = (end + mark.len()).min(self.text.len());
        Word::Text(&self.text[from..end])
    }

    fn name(&mut self) -> Word<'a> {
        let from = self.at;
        self.at += self.text[from..].iter().take_while(|byte| goes_on(**byte)).count();
        let name = &self.text[from..self.at];
        match (name, self.peek(0), self.peek(1)) {
            (b"e" | b"E", Some(b'\''), _) => {
                self.escaped = true;
                Word::Text(self.quoted(b'\'', true))
            }
            // by numbers of signs: what it says is anybody's guess
            (b"u" | b"U", Some(b'&'), Some(quote @ (b'\'' | b'"'))) => {
                self.at += 1;
                self.odd |= quote == b'"';
                Word::Text(self.quoted(quote, false))
            }
            _ => Word::Name(name),
        }
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        self.skip();
        let escaped = std::mem::take(&mut self.escaped);
        Some(match self.peek(0)? {
            b'\'' => {
                self.odd |= escaped;
                Word::Text(self.quoted(b'\'', false))
            }
            b'"' => Word::Quoted(self.quoted(b'"', false)),
            b'$' => self.dollar(),
            byte if begins(byte) => self.name(),
            byte if byte.is_ascii_digit() => {
                self.at += self.text[self.at..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
                Word::Number
            }
            byte => {
                self.at += 1;
                Word::Sign(byte)
            }
        })
    }
}

/// Whether a name may begin so.
fn begins(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// Whether it may go on so.
fn goes_on(byte: u8) -> bool {
    begins(byte) || byte.is_ascii_digit() || byte == b'$'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> (Vec<Word<'_>>, bool) {
        let mut words = Words::of(text.as_bytes());
        let all = words.by_ref().collect();
        (all, words.odd)
    }

    fn names(text: &str) -> Vec<String> {
        let name = |word: Word<'_>| match word {
            Word::Name(name) => String::from_utf8_lossy(name).into_owned(),
            Word::Quoted(name) => format!("\"{}\"", String::from_utf8_lossy(name)),
            Word::Text(text) => format!("'{}'", String::from_utf8_lossy(text)),
            Word::Number => "#".to_owned(),
            Word::Sign(sign) => char::from(sign).to_string(),
        };
        words(text).0.into_iter().map(name).collect()
    }

    #[test]
    fn what_is_quoted_is_one_word() {
        assert_eq!(names("a'b''c'\"d\"\"e\"$$f;$$ $x$ $y$ $x$ $1"), ["a", "'b''c'", "\"d\"\"e\"", "'f;'", "' $y$ '", "#"]);
        assert_eq!(names(r"e'a\'b' 'c\'"), [r"'a\'b'", r"'c\'"]);
        assert_eq!(names("1for 1.5e2 a$b$ b'1'"), ["#", "for", "#", "e2", "a$b$", "b", "'1'"]);
    }

    #[test]
    fn comments_are_gone_however_they_stand_in_each_other() {
        assert_eq!(names("a/*b/*c*/d*/e--f\n g -- '"), ["a", "e", "g"]);
        assert_eq!(names("a - b /c * d"), ["a", "-", "b", "/", "c", "*", "d"]);
    }

    #[test]
    fn what_does_not_end_or_reads_in_two_ways_is_odd() {
        for odd in ["'a", "\"a", "$$a", "$x$ $$", "/* /* */", r"e'a\'", "U&\"a\"", "e'a'\n'b'"] {
            assert!(words(odd).1, "{odd}");
        }
        for clear in ["'a'\n'b'", "$$a$$", "/* /* */ */", "u&'a'", "select 1 -- '"] {
            assert!(!words(clear).1, "{clear}");
        }
    }
}
