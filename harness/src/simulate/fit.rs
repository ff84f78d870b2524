//! Whether observations go with declared odds: Pearson's chi-square test and that of Kolmogorov and Smirnov.

use std::sync::Arc;

use statewright_types::scalar;
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::law::Law;

/// Cells with less expected are pooled: below, the distribution of the statistic is not the one that is looked up.
const LEAST_EXPECTED: f64 = 5.0;
/// Whole numbers that have a cell each; with more, cells hold several.
const SINGLE: f64 = 100.0;
/// Cells of many whole numbers.
const CELLS: u64 = 50;

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing speaks against the odds.
    Fits,
    /// What was observed is too unlikely.
    Rejected,
    /// There is too little to tell.
    Undecided,
}

impl Verdict {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Fits => "fits",
            Verdict::Rejected => "rejected",
            Verdict::Undecided => "undecided",
        }
    }
}

/// Values that are counted together.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Which.
    pub label: String,
    /// How many there were.
    pub observed: u64,
    /// How many there would be.
    pub expected: f64,
}

/// What a test found.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// `chi-square` or `kolmogorov-smirnov`.
    pub test: &'static str,
    /// χ², or the largest distance between the distributions; `None` where nothing was computed.
    pub statistic: Option<f64>,
    /// Degrees of freedom, of χ².
    pub freedom: Option<u64>,
    /// The probability of a statistic at least as large, if the odds are as declared.
    pub p: Option<f64>,
    /// The conclusion.
    pub verdict: Verdict,
    /// What else is to be known.
    pub notes: Vec<String>,
    /// What was compared, of χ².
    pub cells: Vec<Cell>,
}

const CHI_SQUARE: &str = "chi-square";
const KOLMOGOROV_SMIRNOV: &str = "kolmogorov-smirnov";

impl Fit {
    fn of(test: &'static str, verdict: Verdict, note: impl Into<String>) -> Fit {
        let notes = vec![note.into()];
        Fit { test, statistic: None, freedom: None, p: None, verdict, notes, cells: Vec::new() }
    }

    /// Something happened that has no odds at all, which needs no test.
    fn impossible(test: &'static str, note: String) -> Fit {
        Fit { p: Some(0.0), ..Fit::of(test, Verdict::Rejected, note) }
    }
}

/// Counts of values against odds, which add up to 1.
pub fn odds(counts: &[(Arc<str>, u64)], odds: &[(Arc<str>, f64)], significance: f64) -> Fit {
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    if total == 0 {
        return Fit::of(CHI_SQUARE, Verdict::Undecided, "nothing was observed");
    }
    let chance = |label: &str| odds.iter().find(|(known, _)| **known == *label).map_or(0.0, |(_, chance)| *chance);
    if let Some((label, count)) = counts.iter().find(|(label, count)| *count > 0 && chance(label) <= 0.0) {
        return Fit::impossible(CHI_SQUARE, format!("`{label}` has no odds, and was observed {count} times"));
    }
    let observed = |label: &str| counts.iter().find(|(known, _)| **known == *label).map_or(0, |(_, count)| *count);
    let possible = odds.iter().filter(|(_, chance)| *chance > 0.0);
    let cells = possible.map(|(label, chance)| Cell {
        label: label.to_string(),
        observed: observed(label),
        expected: chance * total as f64,
    });
    let mut cells: Vec<Cell> = cells.collect();
    let mut notes = Vec::new();
    let pooled = pool_rare(&mut cells);
    if pooled > 0 {
        notes.push(format!("{pooled} values of which less than {LEAST_EXPECTED} were expected are taken together"));
    }
    chi_square(cells, notes, significance)
}

/// Takes the values together of which too few are expected, and more of the rarest until that is enough; how many.
fn pool_rare(cells: &mut Vec<Cell>) -> usize {
    let mut order: Vec<usize> = (0..cells.len()).collect();
    order.sort_by(|a, b| {
        let expected = |at: &usize| cells.get(*at).map_or(0.0, |cell| cell.expected);
        expected(a).total_cmp(&expected(b))
    });
    let (mut pool, mut taken) = (Cell { label: String::new(), observed: 0, expected: 0.0 }, Vec::new());
    for at in order {
        let Some(cell) = cells.get(at) else { continue };
        let is_done = taken.is_empty() || pool.expected >= LEAST_EXPECTED;
        if cell.expected >= LEAST_EXPECTED && is_done {
            break;
        }
        pool.observed += cell.observed;
        pool.expected += cell.expected;
        taken.push(at);
    }
    if taken.len() < 2 {
        return 0;
    }
    taken.sort_unstable();
    let labels: Vec<&str> = taken.iter().filter_map(|at| cells.get(*at)).map(|cell| &*cell.label).take(4).collect();
    pool.label = labels.join(", ") + if taken.len() > labels.len() { ", …" } else { "" };
    let mut at = 0;
    cells.retain(|_| {
        at += 1;
        taken.binary_search(&(at - 1)).is_err()
    });
    cells.push(pool);
    taken.len()
}

/// Sorted whole numbers against a distribution of such.
pub fn whole(sorted: &[f64], law: &Law, significance: f64) -> Fit {
    let (Some(first), Some(last)) = (sorted.first().copied(), sorted.last().copied()) else {
        return Fit::of(CHI_SQUARE, Verdict::Undecided, "nothing was observed");
    };
    let (least, most) = law.support();
    let stray = sorted.iter().find(|value| **value < least || **value > most || **value != value.floor());
    if let Some(value) = stray {
        return Fit::impossible(CHI_SQUARE, format!("{value} cannot come of a `{}` distribution", law.name()));
    }
    let total = sorted.len() as f64;
    let rare = 1.0 / (10.0 * total);
    let (low, high) = (law.quantile(rare), law.quantile(1.0 - rare).max(law.quantile(rare)));
    // The last value of each cell but the last, which has no end.
    let mut ends: Vec<f64> = if high - low < SINGLE {
        (0..(high - low) as u64).map(|step| low + step as f64).collect()
    } else {
        let cells = CELLS.min((total / LEAST_EXPECTED) as u64).max(2);
        (1..cells).map(|cell| law.quantile(cell as f64 / cells as f64)).collect()
    };
    ends.dedup();
    let mut cells: Vec<Cell> = Vec::new();
    let (mut before, mut from, mut chance) = (f64::NEG_INFINITY, 0, 0.0);
    for end in ends.into_iter().chain([f64::INFINITY]) {
        let to = sorted.partition_point(|value| *value <= end);
        let upto = if end.is_finite() { law.cdf(end) } else { 1.0 };
        let label = match (before.is_finite(), end.is_finite()) {
            (true, true) if end - before == 1.0 => format!("{end}"),
            (true, true) => format!("{} to {end}", before + 1.0),
            (true, false) => format!("{} or more", before + 1.0),
            (false, true) => format!("up to {end}"),
            (false, false) => format!("{first} to {last}"),
        };
        cells.push(Cell { label, observed: (to - from) as u64, expected: (upto - chance) * total });
        (before, from, chance) = (end, to, upto);
    }
    let mut notes = Vec::new();
    let pooled = pool_neighbours(&mut cells);
    if pooled > 0 {
        notes.push(format!("{pooled} neighbours of which less than {LEAST_EXPECTED} were expected are taken together"));
    }
    chi_square(cells, notes, significance)
}

/// Adds cells of which too few are expected to the next one, and the last to the one before; how many.
fn pool_neighbours(cells: &mut Vec<Cell>) -> usize {
    let count = cells.len();
    let mut pooled: Vec<Cell> = Vec::with_capacity(count);
    for cell in cells.drain(..) {
        match pooled.last_mut() {
            Some(last) if last.expected < LEAST_EXPECTED => join(last, cell),
            _ => pooled.push(cell),
        }
    }
    if pooled.last().is_some_and(|last| last.expected < LEAST_EXPECTED)
        && let Some(last) = pooled.pop()
    {
        match pooled.last_mut() {
            Some(before) => join(before, last),
            None => pooled.push(last),
        }
    }
    *cells = pooled;
    count - cells.len()
}

fn join(cell: &mut Cell, next: Cell) {
    let end = next.label.strip_suffix(" or more").map(|_| " or more".to_owned());
    let end = end.unwrap_or_else(|| format!(" to {}", next.label.rsplit(' ').next().unwrap_or_default()));
    let start = cell.label.split(" to ").next().unwrap_or_default().to_owned();
    cell.label = match cell.label.starts_with("up to ") {
        true if end == " or more" => "all".to_owned(),
        true => format!("up{end}"),
        false => format!("{start}{end}"),
    };
    cell.observed += next.observed;
    cell.expected += next.expected;
}

/// Pearson's test (1900) of cells of which enough are expected.
fn chi_square(cells: Vec<Cell>, mut notes: Vec<String>, significance: f64) -> Fit {
    let freedom = (cells.len() as u64).saturating_sub(1);
    let is_thin = cells.iter().any(|cell| cell.expected < LEAST_EXPECTED);
    let Some(law) = ChiSquared::new(freedom as f64).ok().filter(|_| freedom > 0 && !is_thin) else {
        notes.push(match cells.as_slice() {
            [cell] if cell.expected > 0.0 && !is_thin => "there is only one value to expect".to_owned(),
            _ => format!("too few runs: at least {LEAST_EXPECTED} must be expected of two values or groups"),
        });
        return Fit { notes, cells, ..Fit::of(CHI_SQUARE, Verdict::Undecided, "") };
    };
    let term = |cell: &Cell| {
        let off = cell.observed as f64 - cell.expected;
        off * off / cell.expected
    };
    let statistic: f64 = cells.iter().map(term).sum();
    let p = law.sf(statistic);
    let verdict = if p < significance { Verdict::Rejected } else { Verdict::Fits };
    Fit { test: CHI_SQUARE, statistic: Some(statistic), freedom: Some(freedom), p: Some(p), verdict, notes, cells }
}

/// Sorted numbers against a continuous distribution.
pub fn continuous(sorted: &[f64], law: &Law, significance: f64) -> Fit {
    let total = sorted.len() as f64;
    let (least, most) = law.support();
    if let Some(value) = sorted.iter().find(|value| **value < least || **value > most) {
        return Fit::impossible(KOLMOGOROV_SMIRNOV, format!("{value} cannot come of a `{}` distribution", law.name()));
    }
    if sorted.len() < 5 {
        return Fit::of(KOLMOGOROV_SMIRNOV, Verdict::Undecided, "too few runs: at least 5 observations are needed");
    }
    let distance = |(at, value): (usize, &f64)| {
        let chance = law.cdf(*value);
        ((at + 1) as f64 / total - chance).max(chance - at as f64 / total)
    };
    let statistic = sorted.iter().enumerate().map(distance).fold(0.0, f64::max);
    let p = kolmogorov(statistic, total);
    let verdict = if p < significance { Verdict::Rejected } else { Verdict::Fits };
    let ties = sorted.iter().zip(sorted.iter().skip(1)).filter(|(one, other)| one == other).count();
    let mut notes = Vec::new();
    if ties * 20 > sorted.len() {
        notes.push(format!(
            "{ties} observations are the same as another: numbers that were rounded, or whole ones, are no good sample of it"
        ));
    }
    Fit {
        test: KOLMOGOROV_SMIRNOV,
        statistic: Some(statistic),
        freedom: None,
        p: Some(p),
        verdict,
        notes,
        cells: Vec::new(),
    }
}

/// The probability of a distance at least as large: Kolmogorov's limit with the correction of Stephens (1970) for few.
fn kolmogorov(distance: f64, count: f64) -> f64 {
    let root = count.sqrt();
    let x = (root + 0.12 + 0.11 / root) * distance;
    if x < 0.2 {
        return 1.0; // All but 1e-13 of it, and the sum would be long.
    }
    let term = |k: u32| {
        let k = f64::from(k);
        scalar::fexp(-2.0 * k * k * x * x)
    };
    let sum: f64 = (1..=100).map(|k| if k % 2 == 1 { term(k) } else { -term(k) }).sum();
    (2.0 * sum).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pairs: &[(&str, u64)]) -> Vec<(Arc<str>, u64)> {
        pairs.iter().map(|(label, count)| (Arc::from(*label), *count)).collect()
    }

    fn even(labels: &[&str]) -> Vec<(Arc<str>, f64)> {
        labels.iter().map(|label| (Arc::from(*label), 1.0 / labels.len() as f64)).collect()
    }

    fn law(name: &str, parameters: &[(&str, f64)]) -> Law {
        Law::new(name, |key| parameters.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)).expect("a law")
    }

    const SIDES: [&str; 6] = ["1", "2", "3", "4", "5", "6"];

    #[test]
    fn sixty_rolls_of_a_die_have_the_value_of_the_textbook() {
        let rolls = counts(&[("1", 5), ("2", 8), ("3", 9), ("4", 8), ("5", 10), ("6", 20)]);
        let fit = odds(&rolls, &even(&SIDES), 0.05);
        assert!(fit.statistic.is_some_and(|found| (found - 13.4).abs() < 1e-9), "{fit:?}");
        assert!(fit.p.is_some_and(|p| (p - 0.01991).abs() < 1e-5), "{fit:?}");
        assert_eq!((fit.freedom, fit.verdict), (Some(5), Verdict::Rejected));
        assert_eq!(odds(&rolls, &even(&SIDES), 0.01).verdict, Verdict::Fits);
    }

    #[test]
    fn mendels_peas_have_the_value_of_the_textbook() {
        // 315, 108, 101 and 32 of 9 : 3 : 3 : 1.
        let peas =
            counts(&[("round yellow", 315), ("round green", 108), ("wrinkled yellow", 101), ("wrinkled green", 32)]);
        let chances = [9.0, 3.0, 3.0, 1.0].map(|weight| weight / 16.0);
        let declared: Vec<(Arc<str>, f64)> =
            peas.iter().zip(chances).map(|((label, _), chance)| (label.clone(), chance)).collect();
        let fit = odds(&peas, &declared, 0.01);
        assert!(fit.statistic.is_some_and(|found| (found - 0.470_02).abs() < 1e-4), "{fit:?}");
        assert!(fit.p.is_some_and(|p| (p - 0.9254).abs() < 1e-4), "{fit:?}");
    }

    #[test]
    fn what_has_no_odds_is_rejected_however_rare() {
        let fit = odds(&counts(&[("1", 100_000), ("7", 1)]), &even(&["1"]), 1e-9);
        assert_eq!((fit.verdict, fit.p), (Verdict::Rejected, Some(0.0)));
        assert!(fit.notes.iter().any(|note| note.contains("`7` has no odds")), "{fit:?}");
    }

    #[test]
    fn rare_values_are_pooled_and_that_is_said() {
        let declared: Vec<(Arc<str>, f64)> =
            [("often", 0.95), ("rare", 0.03), ("rarer", 0.02)].map(|(label, chance)| (Arc::from(label), chance)).into();
        let fit = odds(&counts(&[("often", 95), ("rare", 4), ("rarer", 1)]), &declared, 0.01);
        assert_eq!(fit.cells.iter().map(|cell| &*cell.label).collect::<Vec<_>>(), ["often", "rare, rarer"]);
        assert_eq!((fit.freedom, fit.statistic, fit.verdict), (Some(1), Some(0.0), Verdict::Fits));
        assert!(fit.notes.iter().any(|note| note.starts_with("2 values")), "{fit:?}");
        // One that is too rare takes the next one with it.
        let two = odds(
            &counts(&[("a", 50), ("b", 48), ("c", 2)]),
            &[(Arc::from("a"), 0.5), (Arc::from("b"), 0.48), (Arc::from("c"), 0.02)],
            0.01,
        );
        assert_eq!(two.cells.iter().map(|cell| &*cell.label).collect::<Vec<_>>(), ["a", "b, c"]);
    }

    #[test]
    fn too_few_runs_decide_nothing() {
        for few in [&[][..], &[("1", 2), ("2", 1)]] {
            assert_eq!(odds(&counts(few), &even(&SIDES), 0.01).verdict, Verdict::Undecided);
        }
        let law = law("normal", &[("mean", 0.0), ("deviation", 1.0)]);
        assert_eq!(continuous(&[0.0, 0.1], &law, 0.01).verdict, Verdict::Undecided);
        assert_eq!(continuous(&[], &law, 0.01).verdict, Verdict::Undecided);
    }

    #[test]
    fn the_critical_distances_of_kolmogorovs_table_have_their_probability() {
        // Massey (1951), two-sided.
        for (count, five, one) in
            [(10.0, 0.409, 0.489), (20.0, 0.294, 0.352), (30.0, 0.242, 0.290), (100.0, 0.134_03, 0.160_81)]
        {
            assert!((kolmogorov(five, count) - 0.05).abs() < 2e-3, "{count}: {}", kolmogorov(five, count));
            assert!((kolmogorov(one, count) - 0.01).abs() < 1e-3, "{count}: {}", kolmogorov(one, count));
        }
        assert_eq!(kolmogorov(0.0, 1e6), 1.0);
    }

    #[test]
    fn even_steps_are_uniform_and_nothing_else() {
        let sorted: Vec<f64> = (0..1000).map(|step| (f64::from(step) + 0.5) / 1000.0).collect();
        let uniform = law("uniform", &[("min", 0.0), ("max", 1.0)]);
        let fit = continuous(&sorted, &uniform, 0.01);
        assert!(fit.statistic.is_some_and(|distance| (distance - 0.0005).abs() < 1e-9), "{fit:?}");
        assert_eq!(fit.verdict, Verdict::Fits);
        let normal = law("normal", &[("mean", 0.5), ("deviation", 0.2)]);
        assert_eq!(continuous(&sorted, &normal, 0.01).verdict, Verdict::Rejected);
        let short = law("uniform", &[("min", 0.0), ("max", 0.9)]);
        assert_eq!(continuous(&sorted, &short, 0.01).p, Some(0.0), "values outside cannot be");
    }

    #[test]
    fn counts_go_with_their_distribution_and_not_with_another() {
        // As many of each as a binomial distribution of 10 and 0.5 has, rounded, of 10,240.
        let of_each = [10, 100, 450, 1200, 2100, 2520, 2100, 1200, 450, 100, 10];
        let sorted: Vec<f64> =
            of_each.iter().enumerate().flat_map(|(value, count)| vec![value as f64; *count]).collect();
        let fit = whole(&sorted, &law("binomial", &[("trials", 10.0), ("chance", 0.5)]), 0.01);
        assert!(fit.statistic.is_some_and(|found| found < 1e-9) && fit.verdict == Verdict::Fits, "{fit:?}");
        assert_eq!(fit.cells.iter().map(|cell| cell.observed).sum::<u64>(), 10_240);
        for other in [law("poisson", &[("mean", 5.0)]), law("whole", &[("min", 0.0), ("max", 10.0)])] {
            assert_eq!(whole(&sorted, &other, 0.01).verdict, Verdict::Rejected, "{other:?}");
        }
        assert_eq!(whole(&[1.5], &law("poisson", &[("mean", 5.0)]), 0.01).p, Some(0.0));
    }

    #[test]
    fn wide_distributions_have_few_cells_that_hold_much() {
        let sorted: Vec<f64> = (0..10_000).map(|step| f64::from(step) * 100.0).collect();
        let fit = whole(&sorted, &law("whole", &[("min", 0.0), ("max", 999_999.0)]), 0.01);
        assert_eq!((fit.cells.len(), fit.verdict), (50, Verdict::Fits), "{fit:?}");
        assert!(fit.cells.iter().all(|cell| cell.observed == 200), "{fit:?}");
    }
}
