//! The workloads by hand: plain structs, no checks but Rust's own.

/// One of 100.
#[repr(C)]
pub struct Player {
    /// What it is found by.
    pub id: i64,
    /// What is added to.
    pub score: i64,
    /// Place, health, team: 48 bytes in all, as in the schema; nothing reads it.
    pub rest: [u64; 4],
}

/// One of 1,000.
#[repr(C)]
pub struct Enemy {
    /// As in the schema; nothing reads it.
    pub id: i64,
    /// Place.
    pub x: f64,
    /// Place.
    pub y: f64,
    /// Alive above 0.
    pub health: i64,
    /// Team, speed, likewise.
    pub rest: [u64; 2],
}

/// The state.
pub struct Arena {
    /// 100 of them.
    pub players: Vec<Player>,
    /// 1,000 of them.
    pub enemies: Vec<Enemy>,
    /// Of the last call.
    pub result: i64,
}

impl Arena {
    /// W1
    #[inline(never)]
    pub fn add(&mut self, a: i64, b: i64) {
        self.result = a + b;
    }

    /// W2
    #[inline(never)]
    pub fn arithmetic(&mut self, count: i64) {
        let (mut x, mut acc) = (1i64, 0i64);
        for i in 0..count {
            x = (x * 16_807 + i) % 65_536;
            if x > 32_768 {
                acc += x;
            } else {
                acc -= i;
            }
        }
        self.result = acc;
    }

    /// W3
    #[inline(never)]
    pub fn score(&mut self, id: i64) {
        if let Some(player) = self.players.iter_mut().find(|player| player.id == id) {
            player.score += 10;
        }
    }

    /// W4
    #[inline(never)]
    pub fn nearest(&mut self, x: f64, y: f64) {
        let (mut best, mut who) = (1e300, -1);
        for (index, enemy) in self.enemies.iter().enumerate() {
            if enemy.health > 0 {
                let (dx, dy) = (enemy.x - x, enemy.y - y);
                let squared = dx * dx + dy * dy;
                if squared < best {
                    best = squared;
                    who = index as i64;
                }
            }
        }
        self.result = who;
    }

    /// W5
    #[inline(never)]
    pub fn strong(&mut self) {
        let strong = self.enemies.iter().filter(|enemy| enemy.health > 50);
        self.result = strong.map(|enemy| enemy.health * 2).sum();
    }

    /// W6
    #[inline(never)]
    pub fn calls(&mut self, count: i64) {
        let mut acc = 0;
        for i in 0..count {
            acc = mix(acc, i);
        }
        self.result = acc;
    }
}

/// What W6 calls, by hand and as a node of the host program.
#[inline(never)]
pub fn mix(value: i64, by: i64) -> i64 {
    (value + by) % 65_521
}
