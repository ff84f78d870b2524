//! Names and texts of documents within source text: nothing of them may read, or run, as anything else.

/// Whether a character must not stand in source text as it is: it ends lines, cannot be seen, or changes the order in which the text
/// around it is shown, so that a reader takes it for something else.
pub fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(character, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// A file's name as a part of a URL (RFC 3986): all but unreserved characters as their bytes.
pub fn url_part(name: &str) -> String {
    let mut part = String::new();
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => part.push(char::from(byte)),
            other => part.push_str(&format!("%{other:02X}")),
        }
    }
    part
}
