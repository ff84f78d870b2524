//! Memory of nodes that are gone, for those to come: structs and short lists come and go in the same few sizes.

use super::node::Node;

/// Room for more nodes than that is given back.
const SIZES: usize = 16;
/// So many rooms of each size are kept.
const ROOMS: usize = 128;

/// Rooms for nodes, by size: at most some 400 KiB, and as much as a state had that is gone.
#[derive(Debug, Default)]
pub(super) struct Spare {
    rooms: [Vec<Vec<Node>>; SIZES + 1],
}

impl Spare {
    /// Room for that many.
    #[inline]
    pub fn take(&mut self, count: usize) -> Vec<Node> {
        self.rooms.get_mut(count).and_then(Vec::pop).unwrap_or_else(|| Vec::with_capacity(count))
    }

    /// Frees nodes: what dropping them does, without a call for each that has nothing to free. As deep as a replica nests.
    pub fn release(&mut self, nodes: Vec<Node>) {
        self.release_all(nodes, false);
    }

    fn release_all(&mut self, mut nodes: Vec<Node>, is_list: bool) {
        // Where one is a number, all are numbers or null: that loop does nothing, and is not there.
        if let Some(Node::Int(_) | Node::UInt(_) | Node::Float(_) | Node::Steps(_) | Node::Bool(_)) = nodes.first()
            && is_list
        {
            nodes.drain(..).for_each(std::mem::forget);
            return self.keep(nodes);
        }
        for node in nodes.drain(..) {
            match node {
                Node::Struct(fields) => self.release_all(fields.into_vec(), false),
                Node::List(elements) => self.release_all(elements, true),
                owner @ (Node::Map(_) | Node::Long(_) | Node::Bytes(_)) => drop(owner),
                plain => std::mem::forget(plain),
            }
        }
        self.keep(nodes);
    }

    fn keep(&mut self, room: Vec<Node>) {
        if let Some(rooms) = self.rooms.get_mut(room.capacity())
            && rooms.len() < ROOMS
            && room.capacity() > 0
        {
            rooms.push(room);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_makes_room_for_as_much() {
        let mut spare = Spare::default();
        let list = |count: i64| Node::List((0..count).map(Node::Int).collect());
        let fields = vec![list(3), Node::text("a text that is longer than that"), list(99), list(0)].into_boxed_slice();
        spare.release(vec![Node::Struct(fields)]);
        let sizes: Vec<usize> = spare.rooms.iter().map(Vec::len).collect();
        assert_eq!((sizes[1], sizes[3], sizes[4], sizes.iter().sum::<usize>()), (1, 1, 1, 3));
        let room = spare.take(4);
        assert_eq!((room.len(), room.capacity(), spare.rooms[4].len()), (0, 4, 0));
        assert_eq!((spare.take(4).capacity(), spare.take(0).capacity()), (4, 0));
        assert!(spare.take(500).capacity() >= 500);
        for _ in 0..2 * ROOMS {
            spare.release(vec![Node::Null; 2]);
        }
        assert_eq!(spare.rooms[2].len(), ROOMS, "no more than that");
    }
}
