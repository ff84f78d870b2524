//! Changes that wait for viewers with filters, shared by all whom they are for, in memory that is used again.

use std::collections::VecDeque;
use std::sync::Arc;

/// So many bodies are kept for their memory, and each of at most so many bytes.
const KEPT: usize = 4096;
const ROOM: usize = 4096;
/// So many of the oldest are looked at for one that nobody holds any more.
const LOOKS: usize = 4;

/// The changes of a span, as everybody is sent them.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub bytes: Vec<u8>,
    /// The difference of the views that they make of each other, if that is known without them: whose view it is makes no difference.
    pub news: Vec<u8>,
    pub knows_news: bool,
}

/// Bodies that were given out, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    given: VecDeque<Arc<Body>>,
}

impl Bodies {
    /// A body that `fill` makes.
    pub fn give(&mut self, fill: impl FnOnce(&mut Body)) -> Arc<Body> {
        let mut body = self.unused().unwrap_or_default();
        if let Some(body) = Arc::get_mut(&mut body) {
            body.bytes.clear();
            body.news.clear();
            body.knows_news = false;
            fill(body);
        }
        if self.given.len() < KEPT && body.bytes.capacity().max(body.news.capacity()) <= ROOM {
            self.given.push_back(body.clone());
        }
        body
    }

    /// One that nobody holds any more.
    fn unused(&mut self) -> Option<Arc<Body>> {
        for _ in 0..LOOKS.min(self.given.len()) {
            let mut oldest = self.given.pop_front()?;
            if Arc::get_mut(&mut oldest).is_some() {
                return Some(oldest);
            }
            self.given.push_back(oldest);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_holds_is_used_again() {
        let mut bodies = Bodies::default();
        let mut give = |byte| bodies.give(|body| body.bytes.push(byte));
        let (one, two) = (give(1), give(2));
        let address = Arc::as_ptr(&one);
        assert_eq!((&*one.bytes, &*two.bytes), (&[1][..], &[2][..]));
        drop(one);
        let three = give(3);
        assert_eq!((Arc::as_ptr(&three), &*three.bytes, &*two.bytes), (address, &[3][..], &[2][..]));
        assert_ne!(Arc::as_ptr(&give(4)), address);
        drop((two, three));
        for byte in 0..100 {
            assert_eq!(give(byte).bytes, [byte]);
        }
        assert!(bodies.given.len() <= 4);
    }
}
