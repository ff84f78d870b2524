//! Crowds: lists of many elements. Loops over them are those that executions run for several elements at a time, and those that
//! outlast a batch of these.

use statewright_types::{Schema, Type, Value};

use super::values;
use crate::chance::Chance;

/// How many of a hundred worlds have one.
const SHARE: usize = 12;

/// What the numbers of a crowd are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    /// Small: nothing is too large, however many are added up.
    Calm,
    /// Some sums of them are too large, and some are just not.
    Large,
    /// As anywhere else.
    Wild,
}

/// The lists of a world: `Units`, `Counts` and `Weights`.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// The type of the units, as a schema declares it.
    pub declared: String,
    mood: Mood,
    /// Whether a few elements are like those of a wild crowd, so that most passes go one way and hardly any the other.
    has_strays: bool,
    /// In how many of a hundred elements a bool is true.
    truths: usize,
}

/// The fields of the main root that hold them.
pub const LISTS: &str = "    Units []Unit\n    Counts []int64\n    Weights []float64\n";

const FIELDS: [&str; 5] = ["X float64", "Y float64", "Health int64", "Team int64", "Alive bool"];
const MORE_TYPES: [&str; 12] =
    ["int64", "int64", "float64", "float64", "bool", "bool", "int32", "uint8", "int16", "uint32", "uint64", "float32"];

impl Crowd {
    /// That of a seed, by lot. What other worlds are does not depend on it.
    pub fn of(seed: u64) -> Option<Crowd> {
        let mut chance = Chance::new(seed.rotate_left(17));
        let chance = &mut chance;
        if !chance.percent(SHARE) {
            return None;
        }
        // Which fields stand side by side decides how they are loaded.
        let mut fields: Vec<String> = FIELDS.iter().map(|field| (*field).to_owned()).collect();
        fields.extend((0..chance.below(4)).map(|number| format!("U{number} {}", chance.word(&MORE_TYPES))));
        fields.extend(chance.percent(10).then(|| "Name string".to_owned()));
        let by = chance.below(fields.len());
        fields.rotate_left(by);
        let fields: String = fields.iter().map(|field| format!("    {field}\n")).collect();
        let declared = format!("\n@helper\ntype Unit {{\n{fields}}}\n");
        let mood = [Mood::Calm, Mood::Calm, Mood::Calm, Mood::Large, Mood::Wild][chance.below(5)];
        Some(Crowd { declared, mood, has_strays: chance.percent(35), truths: [10, 50, 50, 95][chance.below(4)] })
    }

    /// Elements of one of its lists.
    pub fn elements(&self, list: &Type, schema: &Schema, chance: &mut Chance) -> Value {
        let Type::List(element) = list else { return Value::List(Vec::new()) };
        // A batch of the interpreter has 64.
        let count = match chance.below(6) {
            0 => chance.between(0, 9),
            1 => chance.between(60, 70),
            2 => chance.between(124, 134),
            _ => chance.between(10, 300),
        };
        let elements = (0..count).map(|_| {
            let is_stray = self.has_strays && chance.below(count) < 2;
            self.value(if is_stray { Mood::Wild } else { self.mood }, element, schema, chance)
        });
        Value::List(elements.collect())
    }

    fn value(&self, mood: Mood, ty: &Type, schema: &Schema, chance: &mut Chance) -> Value {
        match (ty, mood) {
            (Type::Struct(id), _) => {
                let fields = schema.get(*id).fields.iter();
                let fields = fields.map(|field| (field.name.clone(), self.value(mood, &field.ty, schema, chance)));
                Value::Map(fields.collect())
            }
            (Type::Bool, _) => Value::Bool(chance.percent(self.truths)),
            (Type::Int(kind), Mood::Calm | Mood::Large) => {
                let (least, most) = kind.range();
                let number = match mood {
                    Mood::Large if chance.percent(30) => {
                        let size = 1_i128 << [57, 60, 61, 62][chance.below(4)];
                        let size = size - chance.below(3) as i128;
                        if chance.percent(50) { size } else { -size }
                    }
                    _ => chance.below(120) as i128 - 20,
                };
                let number = number.clamp(least, most);
                i64::try_from(number).map_or_else(|_| Value::uint(number as u64), Value::Int)
            }
            (Type::Float32 | Type::Float64, Mood::Calm | Mood::Large) => {
                Value::Float((chance.below(4001) as f64 - 2000.0) / 8.0)
            }
            _ => values::outside(ty, schema, 3, chance),
        }
    }
}
