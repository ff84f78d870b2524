//! Parallel moves in sequence: what happens at once on an edge becomes one move after the other.

use std::collections::HashMap;

use crate::code::Reg;

/// Orders `moves` (to, from; no register twice on the left) so that each reads what was there before all of them.
/// Cycles go by way of `spare`. Takes time in proportion to their number.
pub(crate) fn sequence(moves: impl Iterator<Item = (Reg, Reg)>, spare: Reg) -> Vec<(Reg, Reg)> {
    let moves: Vec<(Reg, Reg)> = moves.filter(|(to, from)| to != from).collect();
    if moves.len() < 2 {
        return moves;
    }
    let mut sources: HashMap<Reg, Reg> = moves.iter().copied().collect();
    let mut readers: HashMap<Reg, usize> = HashMap::new();
    for (_, from) in &moves {
        *readers.entry(*from).or_default() += 1;
    }
    let mut free: Vec<Reg> = moves.iter().map(|(to, _)| *to).filter(|to| !readers.contains_key(to)).collect();
    let mut out = Vec::with_capacity(moves.len() + 1);
    while let Some(to) = free.pop() {
        let Some(from) = sources.remove(&to) else { continue };
        out.push((to, from));
        if let Some(count) = readers.get_mut(&from) {
            *count -= 1;
            if *count == 0 && sources.contains_key(&from) {
                free.push(from);
            }
        }
    }
    // What is left are cycles, in which every register is read once.
    for (start, _) in moves {
        let Some(mut from) = sources.remove(&start) else { continue };
        out.push((spare, start));
        let mut to = start;
        while from != start {
            out.push((to, from));
            to = from;
            match sources.remove(&to) {
                Some(next) => from = next,
                None => break,
            }
        }
        out.push((to, spare));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every assignment of four sources to four destinations, spare register 9.
    #[test]
    fn every_small_assignment_is_as_if_at_once() {
        for code in 0..6u32.pow(4) {
            let from = |index: u32| code / 6u32.pow(index) % 6;
            let moves: Vec<(Reg, Reg)> = (0..4).map(|to| (to, from(to))).collect();
            let mut registers: Vec<u32> = (0..10).collect();
            for (to, from) in sequence(moves.iter().copied(), 9) {
                registers[to as usize] = registers[from as usize];
            }
            for (to, from) in moves {
                assert_eq!(registers[to as usize], from, "{code}");
            }
        }
    }
}
