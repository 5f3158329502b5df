//! How names are written: here in small letters, without a dot at the end; by Route 53 with one, and odd characters as octal numbers.
//!
//! <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html>

/// As a table has it: `\052.Shop.example.` is `*.shop.example`.
pub(super) fn read(name: &str) -> String {
    let bytes = name.strip_suffix('.').unwrap_or(name).as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let octal = (bytes[at] == b'\\').then(|| bytes.get(at + 1..at + 4)).flatten().and_then(octal);
        plain.push(octal.unwrap_or(bytes[at]));
        at += if octal.is_some() { 4 } else { 1 };
    }
    String::from_utf8_lossy(&plain).to_lowercase()
}

/// As Route 53 takes it.
pub(super) fn written(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte);
    name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("\\{byte:03o}") }).collect()
}

fn octal(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_would_be_written() {
        assert_eq!(read("\\052.Shop.example."), "*.shop.example");
        assert_eq!(read("a\\057b.shop.example."), "a/b.shop.example");
        assert_eq!(read("_x\\9.shop.example"), "_x\\9.shop.example", "what is no number stays");
        assert_eq!(written("*.a/b.shop.example"), "*.a\\057b.shop.example");
        assert_eq!(read(&written("a b!.shop.example")), "a b!.shop.example");
    }
}
