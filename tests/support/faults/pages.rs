//! Smaller pages than were asked for: as if a list were longer than it is.

use axum::body::Bytes;
use serde_json::{Value, json};
use url::form_urlencoded::{Serializer, parse};

/// The same question with another limit, in the form that it has on the wire.
pub(crate) fn of(limit: &str, size: usize, body: &Bytes) -> Bytes {
    if let Ok(Value::Object(mut asked)) = serde_json::from_slice(body) {
        asked.insert(limit.to_owned(), json!(size));
        return Value::Object(asked).to_string().into();
    }
    let mut smaller = Serializer::new(String::new());
    smaller.extend_pairs(parse(body).filter(|(name, _)| name != limit));
    smaller.append_pair(limit, &size.to_string()).finish().into()
}

#[test]
fn the_limit_is_another_one_in_each_form() {
    let smaller = |text: &str| String::from_utf8(of("MaxItems", 2, &Bytes::from(text.to_owned())).to_vec()).expect("text");
    assert_eq!(smaller("Action=ListRoles&MaxItems=1000&Version=1"), "Action=ListRoles&Version=1&MaxItems=2");
    assert_eq!(smaller("Action=ListRoles"), "Action=ListRoles&MaxItems=2");
    assert_eq!(smaller(r#"{"MaxItems":1000}"#), r#"{"MaxItems":2}"#);
}
