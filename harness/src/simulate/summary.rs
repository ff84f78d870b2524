//! What the observations of a metric come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::intervals::{self, Interval};
use super::metric::Observed;
use super::runs::Column;

/// Quantiles that are always told.
pub const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
/// Whole numbers that have a table, if they are no more than this many.
const FEW: usize = 24;
/// Rows of a table; the most frequent values.
const ROWS: usize = 24;
/// Bars of a histogram.
const BARS: usize = 24;
/// Seeds that are named.
const SEEDS: usize = 5;
/// Runs at either end that are named.
const ENDS: usize = 3;

/// What is asked of all metrics.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// The confidence of intervals, between 0 and 1.
    pub confidence: f64,
    /// Quantiles, besides [`QUANTILES`].
    pub quantiles: Vec<f64>,
}

impl Default for Wanted {
    fn default() -> Wanted {
        Wanted { confidence: 0.95, quantiles: Vec::new() }
    }
}

/// What the observations of a metric come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The metric.
    pub metric: Arc<str>,
    /// How many observations there are.
    pub count: u64,
    /// How many of them are no numbers.
    pub labels: u64,
    /// Runs without an observation.
    pub missing: Option<Missing>,
    /// Observations that were not kept.
    pub left_out: u64,
    /// Of those that are numbers.
    pub numbers: Option<Numbers>,
    /// Of values that are told apart.
    pub table: Option<Table>,
}

/// Runs in which there was nothing to observe.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing {
    /// How many.
    pub runs: u64,
    /// The first ones.
    pub seeds: Vec<u64>,
    /// Why, of the first.
    pub why: String,
}

/// A quantile.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantile {
    /// Of which part, from 0 to 1.
    pub part: f64,
    /// The value.
    pub value: f64,
    /// Where it is with the confidence that was asked for, if there are enough observations.
    pub interval: Option<Interval>,
}

/// A value and the run that had it.
#[derive(Clone, Debug, PartialEq)]
pub struct Extreme {
    /// The run's seed.
    pub seed: u64,
    /// The value.
    pub value: f64,
}

/// What numbers come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    /// How many.
    pub count: u64,
    /// The mean.
    pub mean: f64,
    /// Where it is, likewise.
    pub mean_interval: Option<Interval>,
    /// Of the sample (n − 1); 0 for one.
    pub deviation: f64,
    /// In ascending order of parts.
    pub quantiles: Vec<Quantile>,
    /// The runs with the least values, the least first; each run once.
    pub lowest: Vec<Extreme>,
    /// The runs with the greatest, the greatest first.
    pub highest: Vec<Extreme>,
    /// How many observations are in each of equally wide parts between least and greatest value.
    pub histogram: Vec<Bar>,
    /// In ascending order.
    pub sorted: Vec<f64>,
}

impl Numbers {
    /// The least.
    pub fn min(&self) -> f64 {
        self.sorted.first().copied().unwrap_or(0.0)
    }

    /// The greatest.
    pub fn max(&self) -> f64 {
        self.sorted.last().copied().unwrap_or(0.0)
    }
}

/// A part of a histogram: from, included, to, not included but in the last.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// From.
    pub from: f64,
    /// To.
    pub to: f64,
    /// How many.
    pub count: u64,
}

/// How often values came.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Numbers in ascending order, then the rest by name; of too many the most frequent.
    pub rows: Vec<Row>,
    /// How many more values there are.
    pub more_values: u64,
    /// How many observations they are.
    pub more_count: u64,
    /// Counts of all values.
    pub counts: Vec<(Arc<str>, u64)>,
}

/// How often a value came.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The value.
    pub label: Arc<str>,
    /// How often.
    pub count: u64,
    /// As a part of all observations.
    pub share: f64,
    /// Where that is, likewise.
    pub interval: Option<Interval>,
    /// The first run that had it.
    pub seed: u64,
}

/// Sums up a column.
pub fn summary(metric: &Arc<str>, column: &Column, seed_from: u64, wanted: &Wanted) -> Summary {
    let seed = |run: u32| seed_from.saturating_add(u64::from(run));
    let labels = column.observed.iter().filter(|(_, observed)| observed.number().is_none()).count() as u64;
    let missing = (!column.missing.is_empty()).then(|| Missing {
        runs: column.missing.len() as u64,
        seeds: column.missing.iter().take(SEEDS).map(|run| seed(*run)).collect(),
        why: column.why.clone().unwrap_or_default(),
    });
    Summary {
        metric: metric.clone(),
        count: column.observed.len() as u64,
        labels,
        missing,
        left_out: column.left_out,
        numbers: numbers(column, seed_from, wanted),
        table: table(column, seed_from, wanted),
    }
}

fn numbers(column: &Column, seed_from: u64, wanted: &Wanted) -> Option<Numbers> {
    let mut values: Vec<(f64, u32)> =
        column.observed.iter().filter_map(|(run, observed)| Some((observed.number()?, *run))).collect();
    if values.is_empty() {
        return None;
    }
    let count = values.len() as f64;
    let about = values.iter().map(|(value, _)| value / count).sum::<f64>();
    // What rounding took from it.
    let mean = about + values.iter().map(|(value, _)| (value - about) / count).sum::<f64>();
    let squares: f64 = values.iter().map(|(value, _)| (value - mean) * (value - mean)).sum();
    let deviation = if values.len() > 1 { (squares / (count - 1.0)).sqrt() } else { 0.0 };
    values.sort_unstable_by(|(a, run), (b, other)| a.total_cmp(b).then(run.cmp(other)));
    let sorted: Vec<f64> = values.iter().map(|(value, _)| *value).collect();
    let mut parts: Vec<f64> = QUANTILES.iter().chain(&wanted.quantiles).copied().collect();
    parts.sort_by(f64::total_cmp);
    parts.dedup();
    let quantile = |part: f64| {
        let interval = intervals::of_quantile(&sorted, part, wanted.confidence);
        Some(Quantile { part, value: intervals::quantile(&sorted, part)?, interval })
    };
    let mut descending = values.clone();
    descending.sort_unstable_by(|(a, run), (b, other)| b.total_cmp(a).then(run.cmp(other)));
    Some(Numbers {
        count: values.len() as u64,
        mean,
        mean_interval: intervals::of_mean(mean, deviation, values.len() as u64, wanted.confidence),
        deviation,
        quantiles: parts.into_iter().filter_map(quantile).collect(),
        lowest: ends(&values, seed_from),
        highest: ends(&descending, seed_from),
        histogram: histogram(&sorted),
        sorted,
    })
}

/// The first runs, each once.
fn ends(values: &[(f64, u32)], seed_from: u64) -> Vec<Extreme> {
    let mut found: Vec<Extreme> = Vec::new();
    for (value, run) in values {
        let seed = seed_from.saturating_add(u64::from(*run));
        if found.iter().all(|other| other.seed != seed) {
            found.push(Extreme { seed, value: *value });
            if found.len() == ENDS {
                break;
            }
        }
    }
    found
}

/// Parts begin at even numbers; those of whole numbers hold equally many of them.
fn histogram(sorted: &[f64]) -> Vec<Bar> {
    let (Some(min), Some(max)) = (sorted.first().copied(), sorted.last().copied()) else { return Vec::new() };
    let is_whole = sorted.iter().all(|value| *value == value.floor());
    let (from, width) = if is_whole {
        (min, ((max - min + 1.0) / BARS as f64).ceil().max(1.0))
    } else {
        let width = even_step((max - min) / BARS as f64);
        ((min / width).floor() * width, width)
    };
    // Numbers so far apart, or so close, that parts cannot be told from each other are in one.
    let count = ((max - from) / width).floor() + 1.0;
    let count = if count.is_finite() && from + width > from { (count as usize).min(2 * BARS) } else { 1 };
    let mut before = 0;
    let bars = (0..count).map(|bar| {
        let (from, to) = (from + width * bar as f64, from + width * (bar + 1) as f64);
        let is_last = bar + 1 == count;
        let upto = if is_last { sorted.len() } else { sorted.partition_point(|value| *value < to) };
        let count = upto.saturating_sub(before) as u64;
        before = upto.max(before);
        Bar { from, to, count }
    });
    bars.collect()
}

/// 1, 2 or 5 times a power of ten, at least as much.
pub fn even_step(least: f64) -> f64 {
    if !(least.is_finite() && least > 1e-300) {
        return 1.0;
    }
    let mut power = 1.0;
    while power < least {
        power *= 10.0;
    }
    while power / 10.0 >= least {
        power /= 10.0;
    }
    [0.2, 0.5, 1.0].map(|part| part * power).into_iter().find(|step| *step >= least).unwrap_or(power)
}

fn table(column: &Column, seed_from: u64, wanted: &Wanted) -> Option<Table> {
    let total = column.observed.len() as u64;
    let are_whole = column.observed.iter().all(|(_, observed)| matches!(observed, Observed::Int(_)));
    let has_labels = column.observed.iter().any(|(_, observed)| matches!(observed, Observed::Label(_)));
    if total == 0 || !(are_whole || has_labels) {
        return None;
    }
    // Numbers before texts, in their own order; with how often, and the first run.
    let mut counts: BTreeMap<(Option<i64>, Arc<str>), (u64, u32)> = BTreeMap::new();
    for (run, observed) in &column.observed {
        let number = if let Observed::Int(number) = observed { Some(*number) } else { None };
        let label = if number.is_some() { Arc::from("") } else { observed.label() };
        counts.entry((number, label)).or_insert((0, *run)).0 += 1;
        if are_whole && counts.len() > FEW {
            return None;
        }
    }
    let named = counts.into_iter().map(|((number, label), (count, run))| {
        (number.is_none(), number.map_or(label, |number| number.to_string().into()), count, run)
    });
    let mut named: Vec<_> = named.collect();
    named.sort_by_key(|(is_text, ..)| *is_text);
    let counts: Vec<(Arc<str>, u64)> = named.iter().map(|(_, label, count, _)| (label.clone(), *count)).collect();
    let mut frequent: Vec<u64> = named.iter().map(|(_, _, count, _)| *count).collect();
    frequent.sort_unstable_by(|a, b| b.cmp(a));
    let least = frequent.get(ROWS - 1).copied().unwrap_or(0);
    let mut rows: Vec<Row> = Vec::new();
    for (_, label, count, run) in named.iter().filter(|(_, _, count, _)| *count >= least) {
        if rows.len() < ROWS {
            rows.push(Row {
                label: label.clone(),
                count: *count,
                share: *count as f64 / total as f64,
                interval: intervals::of_share(*count, total, wanted.confidence),
                seed: seed_from.saturating_add(u64::from(*run)),
            });
        }
    }
    let shown: u64 = rows.iter().map(|row| row.count).sum();
    Some(Table { more_values: (counts.len() - rows.len()) as u64, more_count: total - shown, rows, counts })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(observed: impl IntoIterator<Item = Observed>) -> Column {
        let observed = observed.into_iter().enumerate().map(|(run, observed)| (run as u32, observed)).collect();
        Column { observed, ..Column::default() }
    }

    fn summed(observed: impl IntoIterator<Item = Observed>) -> Summary {
        summary(&"m".into(), &column(observed), 100, &Wanted::default())
    }

    #[test]
    fn the_numbers_are_those_of_the_textbook() {
        // Eight numbers whose mean is 5 and whose squares about it are 32.
        let found = summed([2, 4, 4, 4, 5, 5, 7, 9].map(Observed::Int)).numbers.expect("numbers");
        assert_eq!((found.count, found.mean, found.min(), found.max()), (8, 5.0, 2.0, 9.0));
        assert!((found.deviation - (32f64 / 7.0).sqrt()).abs() < 1e-12);
        let parts: Vec<(f64, f64)> = found.quantiles.iter().map(|quantile| (quantile.part, quantile.value)).collect();
        assert_eq!(parts.get(2), Some(&(0.5, 4.5)));
        let ends = |ends: &[Extreme]| ends.iter().map(|end| (end.seed, end.value)).collect::<Vec<_>>();
        assert_eq!(ends(&found.lowest), [(100, 2.0), (101, 4.0), (102, 4.0)]);
        assert_eq!(ends(&found.highest), [(107, 9.0), (106, 7.0), (104, 5.0)]);
    }

    #[test]
    fn large_and_close_numbers_keep_their_deviation() {
        let found =
            summed([1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0].map(Observed::Float)).numbers.expect("numbers");
        assert!((found.deviation - 30f64.sqrt()).abs() < 1e-6, "{}", found.deviation);
    }

    #[test]
    fn whole_numbers_have_bars_that_hold_equally_many() {
        let found = summed((0..60).map(Observed::Int)).numbers.expect("numbers");
        assert_eq!(found.histogram.len(), 20);
        assert!(found.histogram.iter().all(|bar| bar.count == 3 && bar.to - bar.from == 3.0), "{:?}", found.histogram);
        for (least, step) in [(0.3, 0.5), (1.0, 1.0), (1.2, 2.0), (37.0, 50.0), (0.0, 1.0), (f64::NAN, 1.0)] {
            assert!((even_step(least) - step).abs() < step * 1e-9, "{least}: {}", even_step(least));
        }
        let fractions = summed((0..48).map(|step| Observed::Float(f64::from(step) + 0.5))).numbers.expect("numbers");
        assert_eq!(fractions.histogram.iter().map(|bar| bar.count).sum::<u64>(), 48);
        let one = summed([Observed::Float(0.5)]).numbers.expect("numbers");
        assert_eq!(one.histogram, [Bar { from: 0.0, to: 1.0, count: 1 }]);
        // The span of these is no number, and a part of the next ones would begin where it ends.
        let far = summed([-1.5e308, 1.5e308, 0.5].map(Observed::Float)).numbers.expect("numbers");
        let close = summed([4e15 + 0.5, 4e15 + 1.0].map(Observed::Float)).numbers.expect("numbers");
        for (found, count) in [(far, 3), (close, 2)] {
            assert_eq!(found.histogram.iter().map(|bar| bar.count).sum::<u64>(), count, "{:?}", found.histogram);
        }
    }

    #[test]
    fn few_values_have_a_table_and_many_numbers_have_none() {
        let table = summed([3, 1, 3, 2].map(Observed::Int)).table.expect("a table");
        let rows: Vec<_> = table.rows.iter().map(|row| (&*row.label, row.count, row.share, row.seed)).collect();
        assert_eq!(rows, [("1", 1, 0.25, 101), ("2", 1, 0.25, 103), ("3", 2, 0.5, 100)]);
        assert_eq!(summed((0..25).map(Observed::Int)).table, None);
        assert_eq!(summed([Observed::Float(0.5)]).table, None);
    }

    #[test]
    fn of_many_texts_the_most_frequent_are_shown_and_all_are_counted() {
        let texts =
            (0..40).flat_map(|text| vec![Observed::Label(format!("t{text:02}").into()); if text < 3 { 5 } else { 1 }]);
        let table = summed(texts).table.expect("a table");
        assert_eq!((table.rows.len(), table.more_values, table.more_count), (24, 16, 16));
        assert!(table.rows.iter().take(3).all(|row| row.count == 5), "{:?}", table.rows);
        assert_eq!(table.counts.len(), 40);
    }

    #[test]
    fn what_is_a_number_only_at_times_is_counted_as_both() {
        let mixed = summed([Observed::Int(4), Observed::Label("null".into()), Observed::Int(6)]);
        assert_eq!((mixed.count, mixed.labels), (3, 1));
        assert_eq!(mixed.numbers.map(|numbers| (numbers.count, numbers.mean)), Some((2, 5.0)));
        let labels: Vec<Arc<str>> = mixed.table.expect("a table").rows.into_iter().map(|row| row.label).collect();
        assert_eq!(labels, ["4".into(), "6".into(), Arc::<str>::from("null")]);
    }
}
