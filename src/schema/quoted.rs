//! Words in SQL where no parameter may stand.

/// An identifier.
pub(super) fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text.
pub(super) fn literal(text: &str) -> String {
    let text = text.replace('\'', "''");
    if text.contains('\\') { format!("e'{}'", text.replace('\\', "\\\\")) } else { format!("'{text}'") }
}

/// Puts words where psql would: `:"word"` as an identifier, `:'word'` as a text.
pub(super) fn fill(sql: &str, words: &[(&str, &str)]) -> String {
    words.iter().fold(sql.to_owned(), |sql, (key, word)| {
        sql.replace(&format!(":\"{key}\""), &ident(word)).replace(&format!(":'{key}'"), &literal(word))
    })
}

#[cfg(test)]
mod tests {
    use super::{fill, literal};

    #[test]
    fn a_quote_in_a_word_ends_nothing() {
        let filled = fill(r#"comment on role :"who" is :'what'"#, &[("who", r#"a"b"#), ("what", "it's")]);
        assert_eq!(filled, r#"comment on role "a""b" is 'it''s'"#);
        assert_eq!(literal(r"a\'b"), r"e'a\\''b'");
    }
}
