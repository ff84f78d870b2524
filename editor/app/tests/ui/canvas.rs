//! The canvas.

use crate::window::{DOCUMENT, Window};

#[test]
fn a_document_is_opened_and_checked() {
    let mut window = Window::new("opened", DOCUMENT);
    let (document, _) = window.editor().active().unwrap();
    assert_eq!(document.checked.findings.count(), (0, 0), "{:?}", document.checked.findings);
    assert_eq!(window.text(), window.file("game.json"));
}
