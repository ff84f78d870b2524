//! Distributions that an expectation may declare: their names, parameters and functions.

use statewright_types::suggest;
use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Exp, Geometric, Normal, Poisson, Uniform};

/// A distribution of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Law {
    name: &'static str,
    parameters: Vec<f64>,
    form: Form,
}

#[derive(Clone, Debug, PartialEq)]
enum Form {
    Uniform(Uniform),
    Normal(Normal),
    Exponential(Exp),
    Whole { min: f64, max: f64 },
    Poisson(Poisson),
    Binomial(Binomial),
    Geometric(Geometric),
}

/// Every distribution with its parameters.
pub const LAWS: &[(&str, &[&str])] = &[
    ("uniform", &["min", "max"]),
    ("normal", &["mean", "deviation"]),
    ("exponential", &["mean"]),
    ("whole", &["min", "max"]),
    ("poisson", &["mean"]),
    ("binomial", &["trials", "chance"]),
    ("geometric", &["chance"]),
];

/// The largest mean or number of trials, and the largest amount of a bound of `whole`: beyond, the functions lose their places.
const LARGEST: f64 = 1e9;
/// The largest mean of `poisson` and number of trials of `binomial`.
const LARGEST_COUNT: f64 = 1e6;

impl Law {
    /// The one of that name; `parameter` gives what it is made of.
    ///
    /// # Errors
    /// What is wrong, as a sentence.
    pub fn new(name: &str, parameter: impl Fn(&str) -> Option<f64>) -> Result<Law, String> {
        let Some((name, keys)) = LAWS.iter().find(|(known, _)| *known == name) else {
            let help = suggest::help(name, LAWS.iter().map(|(known, _)| *known));
            return Err(format!("there is no distribution `{name}`; {}", help.text));
        };
        let mut parameters = Vec::new();
        for key in *keys {
            match parameter(key) {
                Some(value) if value.is_finite() && value.abs() <= LARGEST => parameters.push(value),
                Some(_) => return Err(format!("`{key}` of `{name}` is too large: 1e9 at most")),
                None => return Err(format!("`{name}` needs `{key}`: {}", keys.join(", "))),
            }
        }
        let form = Law::form(name, &parameters)?;
        Ok(Law { name, parameters, form })
    }

    fn form(name: &str, parameters: &[f64]) -> Result<Form, String> {
        let is_whole = |value: f64| value == value.floor();
        let is_chance = |value: f64| value > 0.0 && value < 1.0;
        let is_count = |value: f64| value > 0.0 && value <= LARGEST_COUNT;
        let made = match (name, parameters) {
            ("uniform", [min, max]) => Uniform::new(*min, *max).ok().filter(|_| min < max).map(Form::Uniform),
            ("normal", [mean, deviation]) => Normal::new(*mean, *deviation).ok().map(Form::Normal),
            ("exponential", [mean]) if *mean > 0.0 => Exp::new(1.0 / mean).ok().map(Form::Exponential),
            ("whole", [min, max]) if is_whole(*min) && is_whole(*max) && min <= max => {
                Some(Form::Whole { min: *min, max: *max })
            }
            ("poisson", [mean]) if is_count(*mean) => Poisson::new(*mean).ok().map(Form::Poisson),
            ("binomial", [trials, chance]) if is_count(*trials) && is_whole(*trials) && is_chance(*chance) => {
                Binomial::new(*chance, *trials as u64).ok().map(Form::Binomial)
            }
            ("geometric", [chance]) if is_chance(*chance) => Geometric::new(*chance).ok().map(Form::Geometric),
            _ => None,
        };
        made.ok_or_else(|| {
            let needs = match name {
                "uniform" => "`min` below `max`",
                "normal" => "a `deviation` above 0",
                "exponential" => "a `mean` above 0",
                "whole" => "whole numbers, `min` not above `max`",
                "poisson" => "a `mean` above 0, 1e6 at most",
                "binomial" => "a whole number of `trials` from 1 to 1e6, and a `chance` between 0 and 1",
                _ => "a `chance` between 0 and 1",
            };
            format!("`{name}` needs {needs}")
        })
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its parameters, with their names.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, f64)> + '_ {
        let keys = LAWS.iter().find(|(name, _)| *name == self.name).map_or(&[][..], |(_, keys)| keys);
        keys.iter().copied().zip(self.parameters.iter().copied())
    }

    /// Whether its values are whole numbers.
    pub fn is_discrete(&self) -> bool {
        !matches!(self.form, Form::Uniform(_) | Form::Normal(_) | Form::Exponential(_))
    }

    /// The probability of a value up to `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        // Counts below zero do not happen; above, they are whole.
        let count = |law: &dyn Fn(u64) -> f64| if x < 0.0 { 0.0 } else { law(x.min(LARGEST * 10.0) as u64) };
        match &self.form {
            Form::Uniform(law) => law.cdf(x),
            Form::Normal(law) => law.cdf(x),
            Form::Exponential(law) => law.cdf(x.max(0.0)),
            Form::Whole { min, max } => ((x.floor() - min + 1.0) / (max - min + 1.0)).clamp(0.0, 1.0),
            Form::Poisson(law) => count(&|x| law.cdf(x)),
            Form::Binomial(law) => count(&|x| law.cdf(x)),
            Form::Geometric(law) => count(&|x| if x == 0 { 0.0 } else { law.cdf(x) }),
        }
    }

    /// The least and the greatest value that can happen.
    pub fn support(&self) -> (f64, f64) {
        match &self.form {
            Form::Uniform(_) | Form::Whole { .. } => {
                (self.parameters.first().copied().unwrap_or(0.0), self.parameters.last().copied().unwrap_or(0.0))
            }
            Form::Normal(_) => (f64::NEG_INFINITY, f64::INFINITY),
            Form::Exponential(_) | Form::Poisson(_) => (0.0, f64::INFINITY),
            Form::Binomial(_) => (0.0, self.parameters.first().copied().unwrap_or(0.0)),
            Form::Geometric(_) => (1.0, f64::INFINITY),
        }
    }

    /// Of one with whole numbers: the least value up to which there is a probability of `p`.
    pub fn quantile(&self, p: f64) -> f64 {
        let (least, most) = self.support();
        let (mut low, mut high) = (least, most.min(least + 1.0));
        while high < most && self.cdf(high) < p && high < LARGEST * 4.0 {
            (low, high) = (high, most.min(least + (high - least) * 2.0));
        }
        // Always: what is below `low` is not enough, `high` is.
        if self.cdf(low) >= p {
            return low;
        }
        while high - low > 1.0 {
            let middle = ((low + high) / 2.0).floor();
            if self.cdf(middle) >= p { high = middle } else { low = middle }
        }
        high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law(name: &str, parameters: &[(&str, f64)]) -> Result<Law, String> {
        Law::new(name, |key| parameters.iter().find(|(name, _)| *name == key).map(|(_, value)| *value))
    }

    #[track_caller]
    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 5e-5, "{found}, and {expected} was expected");
    }

    #[test]
    fn functions_are_those_of_the_tables() {
        near(law("normal", &[("mean", 0.0), ("deviation", 1.0)]).expect("a law").cdf(1.96), 0.9750);
        near(law("exponential", &[("mean", 2.0)]).expect("a law").cdf(2.0), 0.6321);
        near(law("uniform", &[("min", -1.0), ("max", 3.0)]).expect("a law").cdf(0.0), 0.25);
        near(law("whole", &[("min", 1.0), ("max", 6.0)]).expect("a law").cdf(2.0), 2.0 / 6.0);
        near(law("poisson", &[("mean", 3.0)]).expect("a law").cdf(2.0), 0.4232);
        near(law("binomial", &[("trials", 10.0), ("chance", 0.5)]).expect("a law").cdf(3.0), 0.1719);
        near(law("geometric", &[("chance", 0.25)]).expect("a law").cdf(2.0), 0.4375);
    }

    #[test]
    fn quantiles_are_the_least_values_that_reach_the_probability() {
        let whole = law("whole", &[("min", -3.0), ("max", 6.0)]).expect("a law");
        assert_eq!([0.05, 0.1, 0.11, 0.95, 1.0].map(|p| whole.quantile(p)), [-3.0, -3.0, -2.0, 6.0, 6.0]);
        let poisson = law("poisson", &[("mean", 1e5)]).expect("a law");
        let median = poisson.quantile(0.5);
        assert!(poisson.cdf(median) >= 0.5 && poisson.cdf(median - 1.0) < 0.5, "{median}");
        assert_eq!(law("geometric", &[("chance", 0.5)]).expect("a law").quantile(0.5), 1.0);
    }

    #[test]
    fn what_makes_no_law_is_refused_with_what_it_needs() {
        let refused = |name: &str, parameters: &[(&str, f64)]| law(name, parameters).expect_err("no law");
        assert!(refused("norml", &[]).contains("did you mean `normal`?"));
        assert!(refused("normal", &[("mean", 1.0)]).contains("needs `deviation`"));
        assert!(refused("normal", &[("mean", 1.0), ("deviation", 0.0)]).contains("above 0"));
        assert!(refused("uniform", &[("min", 2.0), ("max", 2.0)]).contains("below"));
        assert!(refused("whole", &[("min", 0.5), ("max", 2.0)]).contains("whole"));
        assert!(refused("poisson", &[("mean", 1e12)]).contains("too large"));
        assert!(refused("binomial", &[("trials", 4.5), ("chance", 0.5)]).contains("trials"));
        assert!(refused("geometric", &[("chance", 1.0)]).contains("between"));
    }
}
