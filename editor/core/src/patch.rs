//! Changes of a text, as data: applied, taken back, put one after the other, made on a text that changed meanwhile.

use statewright_types::Span;

/// A part of a text that becomes another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// Where, bytes of the text before the change.
    pub at: usize,
    /// What stands there.
    pub old: String,
    /// What is to stand there.
    pub new: String,
}

impl Patch {
    /// One past what goes, in the text before.
    pub fn end(&self) -> usize {
        self.at + self.old.len()
    }
}

/// A change of a text: patches in ascending order that do not overlap, all of the text before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    patches: Vec<Patch>,
}

impl Change {
    /// The change that puts texts in the place of parts of `source`, in any order; `None` if parts overlap or are none of it.
    pub fn of(source: &str, mut replacements: Vec<(Span, String)>) -> Option<Change> {
        replacements.sort_by_key(|(span, _)| *span);
        let mut patches: Vec<Patch> = Vec::with_capacity(replacements.len());
        for (span, new) in replacements {
            let old = source.get(span.range())?.to_owned();
            if patches.last().is_some_and(|last| last.end() > span.start as usize) {
                return None;
            }
            match patches.last_mut() {
                // What touches is one patch, so that order never matters.
                Some(last) if last.end() == span.start as usize => {
                    last.old.push_str(&old);
                    last.new.push_str(&new);
                }
                _ => patches.push(Patch { at: span.start as usize, old, new }),
            }
        }
        patches.retain(|patch| patch.old != patch.new);
        Some(Change { patches })
    }

    /// The smallest single patch that makes `after` of `before`.
    pub fn between(before: &str, after: &str) -> Change {
        if before == after {
            return Change::default();
        }
        let same = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
        let start =
            (0..=same).rev().find(|at| before.is_char_boundary(*at) && after.is_char_boundary(*at)).unwrap_or(0);
        let (rest, new_rest) = (&before.as_bytes()[start..], &after.as_bytes()[start..]);
        let same = rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
        let is_boundary = |text: &str, back: usize| text.is_char_boundary(text.len() - back);
        let back = (0..=same).rev().find(|back| is_boundary(before, *back) && is_boundary(after, *back)).unwrap_or(0);
        let part = |text: &str| text.get(start..text.len() - back).unwrap_or("").to_owned();
        Change { patches: vec![Patch { at: start, old: part(before), new: part(after) }] }
    }

    /// Its patches, ascending.
    pub fn patches(&self) -> &[Patch] {
        &self.patches
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.patches.is_empty()
    }

    /// Patches read from somewhere; `None` if they are no change.
    pub fn from_patches(patches: Vec<Patch>) -> Option<Change> {
        let ascending = patches.windows(2).all(|pair| matches!(pair, [a, b] if a.end() <= b.at));
        ascending.then_some(Change { patches })
    }

    /// `text` with the change made; `None` if the text does not say what the change expects.
    pub fn apply(&self, text: &str) -> Option<String> {
        let grown: usize = self.patches.iter().map(|patch| patch.new.len()).sum();
        let mut out = String::with_capacity(text.len() + grown);
        let mut done = 0;
        for patch in &self.patches {
            out.push_str(text.get(done..patch.at)?);
            if text.get(patch.at..patch.end())? != patch.old {
                return None;
            }
            out.push_str(&patch.new);
            done = patch.end();
        }
        out.push_str(text.get(done..)?);
        Some(out)
    }

    /// The change that takes this one back.
    #[must_use]
    pub fn inverse(&self) -> Change {
        let mut moved = Moved::default();
        let back = |patch: &Patch| {
            let at = moved.by(patch.at);
            moved.add(patch);
            Patch { at, old: patch.new.clone(), new: patch.old.clone() }
        };
        Change { patches: self.patches.iter().map(back).collect() }
    }

    /// Both changes as one: `next` is of the text that this one makes. Linear in the number of patches.
    #[must_use]
    pub fn then(&self, next: &Change) -> Change {
        let ours = self.inverse().patches;
        let mut out = Vec::new();
        let (mut first, mut second) = (0, 0);
        let mut moved = Moved::default();
        while first < ours.len() || second < next.patches.len() {
            let cluster = Cluster::collect(&ours, &next.patches, &mut first, &mut second);
            let at = moved.by(cluster.start);
            let patch = cluster.joined(at);
            for back in cluster.ours {
                moved.add(back);
            }
            if patch.old != patch.new {
                out.push(patch);
            }
        }
        Change { patches: out }
    }

    /// Where a place of the text before is afterwards; what stood in a replaced part is at its beginning.
    pub fn moved(&self, at: usize) -> usize {
        let mut moved = Moved::default();
        for patch in self.patches.iter().take_while(|patch| patch.at <= at) {
            if at < patch.end() {
                return moved.by(patch.at);
            }
            moved.add(patch);
        }
        moved.by(at)
    }

    /// This change for the text that `other` made of the same text; `None` where the two touch.
    pub fn beside(&self, other: &Change) -> Option<Change> {
        let mut moved = Moved::default();
        let mut rest = other.patches.iter().peekable();
        let mut patches = Vec::with_capacity(self.patches.len());
        for patch in &self.patches {
            while let Some(before) = rest.next_if(|before| before.end() < patch.at) {
                moved.add(before);
            }
            if rest.peek().is_some_and(|next| next.at <= patch.end()) {
                return None;
            }
            patches.push(Patch { at: moved.by(patch.at), ..patch.clone() });
        }
        Some(Change { patches })
    }
}

/// How far what follows a number of patches has moved.
#[derive(Default)]
struct Moved {
    more: usize,
    less: usize,
}

impl Moved {
    fn add(&mut self, patch: &Patch) {
        self.more += patch.new.len();
        self.less += patch.old.len();
    }

    fn by(&self, at: usize) -> usize {
        (at + self.more).saturating_sub(self.less)
    }
}

/// Patches of two changes that touch each other, in the text between the two.
struct Cluster<'a> {
    start: usize,
    /// From the text between back to the first.
    ours: &'a [Patch],
    next: &'a [Patch],
}

impl<'a> Cluster<'a> {
    fn collect(ours: &'a [Patch], next: &'a [Patch], first: &mut usize, second: &mut usize) -> Cluster<'a> {
        let (from_first, from_second) = (*first, *second);
        let start = match (ours.get(from_first), next.get(from_second)) {
            (Some(a), Some(b)) => a.at.min(b.at),
            (Some(a), None) => a.at,
            (None, Some(b)) => b.at,
            (None, None) => 0,
        };
        let mut end = start;
        loop {
            let before = (*first, *second);
            while let Some(patch) = ours.get(*first).filter(|patch| patch.at <= end) {
                end = end.max(patch.end());
                *first += 1;
            }
            while let Some(patch) = next.get(*second).filter(|patch| patch.at <= end) {
                end = end.max(patch.end());
                *second += 1;
            }
            if before == (*first, *second) {
                break;
            }
        }
        Cluster {
            start,
            ours: ours.get(from_first..*first).unwrap_or(&[]),
            next: next.get(from_second..*second).unwrap_or(&[]),
        }
    }

    /// One patch for all of them. What one side leaves of the cluster is in the texts of the other.
    fn joined(&self, at: usize) -> Patch {
        Patch { at, old: woven(self.start, self.ours, self.next), new: woven(self.start, self.next, self.ours) }
    }
}

/// What `made` puts in its places, and between them what `other` says stands there.
fn woven(start: usize, made: &[Patch], other: &[Patch]) -> String {
    let mut out = String::new();
    let mut at = start;
    for patch in made {
        out.push_str(&between(other, at, patch.at));
        out.push_str(&patch.new);
        at = patch.end();
    }
    let end = other.last().map_or(at, Patch::end);
    out.push_str(&between(other, at, end));
    out
}

/// The bytes `from..to` of the text in the middle, which are in the old texts of `patches`.
fn between(patches: &[Patch], from: usize, to: usize) -> String {
    let mut out = String::new();
    for patch in patches.iter().filter(|patch| patch.at < to && patch.end() > from) {
        let (start, end) = (from.max(patch.at) - patch.at, to.min(patch.end()) - patch.at);
        out.push_str(patch.old.get(start..end).unwrap_or(""));
    }
    out
}

#[cfg(test)]
mod tests {
    use statewright_types::random::Streams;

    use super::*;

    fn letters(streams: &mut Streams, most: i64) -> String {
        let count = streams.int("count", 0, most);
        (0..count).map(|_| ["a", "b", "ä", "→"][streams.int("letter", 0, 3) as usize]).collect()
    }

    /// A change of `text` at places drawn.
    fn drawn(streams: &mut Streams, text: &str) -> Change {
        let mut replacements = Vec::new();
        let mut at = 0;
        while at <= text.len() && streams.int("more", 0, 3) > 0 {
            let boundary = |from: usize| (from..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap();
            let start = boundary((at + streams.int("gap", 0, 3) as usize).min(text.len()));
            let end = boundary((start + streams.int("gone", 0, 3) as usize).min(text.len()));
            replacements.push((Span::new(start, end), letters(streams, 3)));
            at = end + 1;
        }
        Change::of(text, replacements).unwrap()
    }

    #[test]
    fn changes_compose_and_invert() {
        for seed in 0..3000 {
            let mut streams = Streams::new(seed);
            let text = letters(&mut streams, 14);
            let first = drawn(&mut streams, &text);
            let middle = first.apply(&text).unwrap();
            assert_eq!(first.inverse().apply(&middle).as_deref(), Some(&*text), "seed {seed}");
            let second = drawn(&mut streams, &middle);
            let last = second.apply(&middle).unwrap();
            let both = first.then(&second);
            assert_eq!(both.apply(&text).as_deref(), Some(&*last), "seed {seed}: {text} {first:?} {second:?} {both:?}");
            assert_eq!(both.inverse().apply(&last).as_deref(), Some(&*text), "seed {seed}");
            let single = Change::between(&text, &last);
            assert_eq!(single.apply(&text).as_deref(), Some(&*last), "seed {seed}");
        }
    }

    #[test]
    fn changes_that_do_not_touch_commute() {
        let mut merged = 0;
        for seed in 0..3000 {
            let mut streams = Streams::new(seed);
            let text = letters(&mut streams, 20);
            let (ours, theirs) = (drawn(&mut streams, &text), drawn(&mut streams, &text));
            let (Some(left), Some(right)) = (ours.beside(&theirs), theirs.beside(&ours)) else { continue };
            let one = left.apply(&theirs.apply(&text).unwrap()).unwrap();
            let other = right.apply(&ours.apply(&text).unwrap()).unwrap();
            assert_eq!(one, other, "seed {seed}: {text} {ours:?} {theirs:?}");
            merged += 1;
        }
        assert!(merged > 300, "only {merged} pairs did not touch");
    }

    #[test]
    fn a_text_that_is_another_is_not_changed() {
        let change = Change::of("abc", vec![(Span::new(1, 2), "x".to_owned())]).unwrap();
        assert_eq!(change.apply("abc").as_deref(), Some("axc"));
        assert_eq!(change.apply("adc"), None);
        assert_eq!(change.apply("a"), None);
        assert_eq!(Change::of("abc", vec![(Span::new(0, 2), String::new()), (Span::new(1, 3), String::new())]), None);
    }

    #[test]
    fn places_move_along() {
        let change =
            Change::of("0123456789", vec![(Span::new(2, 4), "xxxxx".into()), (Span::new(8, 8), "yy".into())]).unwrap();
        assert_eq!([0, 2, 3, 4, 7, 9].map(|at| change.moved(at)), [0, 2, 2, 7, 10, 14]);
    }
}
