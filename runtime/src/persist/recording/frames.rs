//! Frames: a kind, a length, content, and a checksum of it and of all frames before.

use sha2::{Digest, Sha256};

use crate::wire::reader::{Malformed, Reader};
use crate::wire::varint;

/// Bytes of a checksum.
const CHECKSUM: usize = 8;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// The session that the recording begins with.
    Head = 1,
    /// Texts of a version of the document, by its hash.
    Version = 2,
    /// An entry of the log.
    Entry = 3,
    /// What the state was after the entry before.
    Checkpoint = 4,
    /// Nothing follows: the recording was ended.
    End = 5,
}

impl Kind {
    fn of(byte: u8) -> Option<Kind> {
        [Kind::Head, Kind::Version, Kind::Entry, Kind::Checkpoint, Kind::End]
            .into_iter()
            .find(|kind| *kind as u8 == byte)
    }
}

/// The checksums of all frames so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain([u8; CHECKSUM]);

impl Chain {
    /// Appends a frame.
    pub fn put(&mut self, kind: Kind, content: &[u8], out: &mut Vec<u8>) {
        out.push(kind as u8);
        varint::put_bytes(out, content);
        out.extend(self.next(kind as u8, content));
    }

    fn next(&mut self, kind: u8, content: &[u8]) -> [u8; CHECKSUM] {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update([kind]);
        hash.update(content);
        let hash: [u8; 32] = hash.finalize().into();
        for (to, from) in self.0.iter_mut().zip(hash) {
            *to = from;
        }
        self.0
    }
}

/// What comes next in a recording.
pub(super) enum Next<'a> {
    /// A frame.
    Frame(Kind, &'a [u8]),
    /// The end, after a whole frame.
    Done,
    /// An end in the middle of a frame, as a crash leaves it: so many bytes are of no use.
    Torn(usize),
    /// A frame that is not what was written, with more after it; or one of a kind that is not known.
    Damaged,
}

/// Takes the next frame.
pub(super) fn next<'a>(reader: &mut Reader<'a>, chain: &mut Chain) -> Next<'a> {
    let left = reader.left();
    // A file system may have made the file longer and not have written to it.
    if reader.clone().rest().iter().all(|byte| *byte == 0) {
        return if left == 0 { Next::Done } else { Next::Torn(left) };
    }
    let frame = || {
        let mut ahead = reader.clone();
        let (kind, content) = (ahead.byte()?, ahead.sized()?);
        let checksum = ahead.array::<CHECKSUM>()?;
        Ok((kind, content, checksum, ahead))
    };
    let read: Result<_, Malformed> = frame();
    let Ok((kind, content, checksum, ahead)) = read else { return Next::Torn(left) };
    if chain.next(kind, content) != checksum {
        return if ahead.is_empty() { Next::Torn(left) } else { Next::Damaged };
    }
    *reader = ahead;
    Kind::of(kind).map_or(Next::Damaged, |kind| Next::Frame(kind, content))
}
