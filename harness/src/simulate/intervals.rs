//! How sure an estimate is: confidence intervals of means, of shares and of quantiles.

use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Normal, StudentsT};

/// From and to, both included.
pub type Interval = (f64, f64);

/// Of a mean, by Student's distribution; `None` below two observations.
pub fn of_mean(mean: f64, deviation: f64, count: u64, confidence: f64) -> Option<Interval> {
    let freedom = count.checked_sub(1).filter(|freedom| *freedom > 0)?;
    let law = StudentsT::new(0.0, 1.0, freedom as f64).ok()?;
    let reach = law.inverse_cdf(0.5 + confidence / 2.0) * deviation / (count as f64).sqrt();
    Some((mean - reach, mean + reach))
}

/// Of a share, by Wilson's score (1927); `None` without observations.
pub fn of_share(hits: u64, count: u64, confidence: f64) -> Option<Interval> {
    if count == 0 {
        return None;
    }
    let z = Normal::standard().inverse_cdf(0.5 + confidence / 2.0);
    let (n, share) = (count as f64, hits as f64 / count as f64);
    let scale = 1.0 + z * z / n;
    let middle = (share + z * z / (2.0 * n)) / scale;
    let reach = z / scale * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    // At the ends it is exact what rounding would blur.
    let low = if hits == 0 { 0.0 } else { (middle - reach).max(0.0) };
    let high = if hits == count { 1.0 } else { (middle + reach).min(1.0) };
    Some((low, high))
}

/// Of the quantile `p` of sorted values: two of them, between which it is with that confidence, however they are distributed.
/// `None` if there are too few.
pub fn of_quantile(sorted: &[f64], p: f64, confidence: f64) -> Option<Interval> {
    let law = Binomial::new(p, sorted.len() as u64).ok().filter(|_| !sorted.is_empty() && p > 0.0 && p < 1.0)?;
    let tail = (1.0 - confidence) / 2.0;
    // Ranks from 1: at most `tail` for less than `low` values below the quantile, and for `high` or more.
    let low = least(sorted.len(), |count| law.cdf(count) > tail);
    let high = least(sorted.len(), |count| law.cdf(count) >= 1.0 - tail) + 1;
    let at = |rank: usize| rank.checked_sub(1).and_then(|index| sorted.get(index)).copied();
    at(low).zip(at(high))
}

/// The least count up to `most` for which that is so; it is so for all above.
fn least(most: usize, is_so: impl Fn(u64) -> bool) -> usize {
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_so(middle as u64) { high = middle } else { low = middle + 1 }
    }
    low
}

/// The quantile `p` of sorted values, between two of them in proportion (type 7 of Hyndman and Fan, 1996); `None` without values.
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let place = sorted.len().checked_sub(1)? as f64 * p.clamp(0.0, 1.0);
    let below = *sorted.get(place.floor() as usize)?;
    let above = *sorted.get(place.ceil() as usize)?;
    Some(if above == below { below } else { below + (above - below) * (place - place.floor()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: Option<Interval>, expected: Interval, by: f64) {
        let (low, high) = found.expect("an interval");
        assert!((low - expected.0).abs() < by && (high - expected.1).abs() < by, "{low} to {high}, not {expected:?}");
    }

    #[test]
    fn means_have_the_reach_of_students_table() {
        // t of 0.975 with 9, 4 and 1 degrees of freedom; far up, that of the normal distribution.
        near(of_mean(10.0, 1.0, 10, 0.95), (10.0 - 2.262_157 / 10f64.sqrt(), 10.0 + 2.262_157 / 10f64.sqrt()), 1e-6);
        near(of_mean(0.0, 5f64.sqrt(), 5, 0.95), (-2.776_445, 2.776_445), 1e-5);
        near(of_mean(0.0, 2f64.sqrt(), 2, 0.95), (-12.706_2, 12.706_2), 1e-3);
        near(of_mean(0.0, 1000.0, 1_000_000, 0.99), (-2.575_83, 2.575_83), 1e-4);
        assert_eq!(of_mean(1.0, 0.0, 1, 0.95), None);
    }

    #[test]
    fn shares_have_the_intervals_that_newcombe_printed() {
        // Statistics in Medicine 17 (1998), table I, method 3.
        near(of_share(81, 263, 0.95), (0.2553, 0.3662), 5e-5);
        near(of_share(15, 148, 0.95), (0.0624, 0.1605), 5e-5);
        near(of_share(0, 20, 0.95), (0.0, 0.1611), 5e-5);
        near(of_share(1, 29, 0.95), (0.0061, 0.1718), 5e-5);
        assert_eq!(of_share(20, 20, 0.95).map(|(_, high)| high), Some(1.0));
        assert_eq!(of_share(0, 0, 0.95), None);
    }

    #[test]
    fn quantiles_lie_between_values_in_proportion() {
        let sorted = [1.0, 2.0, 3.0, 4.0];
        assert_eq!([0.0, 0.25, 0.5, 1.0].map(|p| quantile(&sorted, p)), [1.0, 1.75, 2.5, 4.0].map(Some));
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[7.0], 0.3), Some(7.0));
    }

    #[test]
    fn the_median_of_few_lies_between_the_ranks_of_the_tables() {
        // Conover, Practical Nonparametric Statistics: ranks of the 95 % interval of the median.
        for (count, low, high) in [(6, 1.0, 6.0), (10, 2.0, 9.0), (20, 6.0, 15.0), (25, 8.0, 18.0), (50, 18.0, 33.0)] {
            let sorted: Vec<f64> = (1..=count).map(f64::from).collect();
            assert_eq!(of_quantile(&sorted, 0.5, 0.95), Some((low, high)), "{count}");
        }
        assert_eq!(of_quantile(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.5, 0.95), None, "five are too few");
        assert_eq!(of_quantile(&[], 0.5, 0.95), None);
    }
}
