//! The bounds that the engine is held to, and which measurements each is compared with.

use serde::Deserialize;

use crate::figures::{figure, is_like};
use crate::raw::{Line, Raw};

/// One bound, from `bounds.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// What is measured.
    pub case: String,
    /// How it is said: `≤ 1.5 × the floor`. The first number is the limit.
    pub bound: String,
    /// Of the measured value.
    #[serde(default)]
    pub unit: String,
    /// The value is divided by this: nanoseconds to milliseconds are 1e6.
    #[serde(default)]
    pub divide: Option<f64>,
    /// Where it is measured. The worst of all counts.
    #[serde(default)]
    pub from: Vec<Selector>,
    /// The test that shows it, where it is no measurement.
    #[serde(default)]
    pub shown_by: Option<String>,
}

/// Measurements by name; `*` in a name is any text.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selector {
    /// A group of criterion's, `comparison`, or the name of another program's table.
    pub group: String,
    /// A case of the group, a scenario, or a line of the table.
    #[serde(default = "any")]
    pub case: String,
    /// Who was measured; `value` in a table.
    pub name: String,
    /// Divided by what this one took in the same case.
    #[serde(default)]
    pub over: Option<String>,
    /// Less what this one took in the same case.
    #[serde(default)]
    pub less: Option<String>,
}

fn any() -> String {
    "*".into()
}

/// A bound and what was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What is measured.
    pub case: String,
    /// The bound.
    pub bound: String,
    /// The worst value, with its unit, and where it was found.
    pub measured: String,
    /// Whether it is within the bound.
    pub is_met: bool,
}

/// One number of a run.
#[derive(Debug)]
struct Measurement<'r> {
    group: &'r str,
    case: &'r str,
    name: &'r str,
    value: f64,
}

/// Compares a run with every bound.
#[must_use]
pub fn find(bounds: &[Bound], raw: &Raw) -> Vec<Finding> {
    let all = measurements(raw);
    bounds.iter().map(|bound| bound.find(&all)).collect()
}

/// Whether a table's line is within its own bound, if it has one.
#[must_use]
pub fn is_within(line: &Line) -> Option<bool> {
    let limit = Limit::read(line.bound.as_deref()?)?;
    Some(limit.holds(line.value))
}

fn measurements(raw: &Raw) -> Vec<Measurement<'_>> {
    let criterion = raw.estimates.iter().map(|estimate| Measurement {
        group: &estimate.group,
        case: &estimate.case,
        name: &estimate.name,
        value: estimate.median,
    });
    let comparison = raw.scenarios.iter().flat_map(|asked| {
        asked.outcomes.iter().filter_map(|(name, outcome)| {
            Some(Measurement { group: "comparison", case: &asked.name, name, value: outcome.right()? })
        })
    });
    let tables = raw.tables.iter().flat_map(|table| {
        let line = |line: &'_ Line| line.value;
        table.rows.iter().map(move |row| Measurement {
            group: &table.name,
            case: &row.case,
            name: "value",
            value: line(row),
        })
    });
    criterion.chain(comparison).chain(tables).collect()
}

impl Bound {
    fn find(&self, all: &[Measurement<'_>]) -> Finding {
        let finding =
            |measured, is_met| Finding { case: self.case.clone(), bound: self.bound.clone(), measured, is_met };
        if let Some(test) = &self.shown_by {
            return finding(format!("by `{test}`"), true);
        }
        let Some(limit) = Limit::read(&self.bound) else {
            return finding("the bound has no limit such as `≤ 1.5`".into(), false);
        };
        let values: Vec<(f64, String)> = self.from.iter().flat_map(|selector| selector.select(all)).collect();
        let worst = values.iter().max_by(|one, other| limit.excess(one.0).total_cmp(&limit.excess(other.0)));
        let Some((value, place)) = worst else { return finding("not measured".into(), false) };
        let value = value / self.divide.unwrap_or(1.0);
        let of = if values.len() == 1 { String::new() } else { format!(", the worst of {}", values.len()) };
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        finding(format!("{}{unit} ({place}{of})", figure(value)), limit.holds(value))
    }
}

impl Selector {
    /// The values, and where each was measured.
    fn select(&self, all: &[Measurement<'_>]) -> Vec<(f64, String)> {
        let chosen = all.iter().filter(|one| {
            is_like(&self.group, one.group) && is_like(&self.case, one.case) && is_like(&self.name, one.name)
        });
        chosen
            .filter_map(|one| {
                let beside = |name: &String| {
                    all.iter()
                        .find(|other| other.group == one.group && other.case == one.case && is_like(name, other.name))
                        .map(|other| other.value)
                };
                let value = match (&self.over, &self.less) {
                    (Some(name), _) => one.value / beside(name)?,
                    (None, Some(name)) => one.value - beside(name)?,
                    (None, None) => one.value,
                };
                let place = if one.group == "comparison" {
                    one.case.into()
                } else {
                    format!("{} {}", one.group, one.case).trim().to_owned()
                };
                Some((value, place))
            })
            .collect()
    }
}

/// The first sign and number of a bound's text.
#[derive(Clone, Copy, Debug)]
struct Limit {
    is_most: bool,
    value: f64,
}

impl Limit {
    fn read(text: &str) -> Option<Self> {
        let at = text.find(['≤', '≥'])?;
        let (_, from) = text.split_at(at);
        let is_most = from.starts_with('≤');
        let number: String = from
            .chars()
            .skip(1)
            .skip_while(|c| c.is_whitespace() || *c == '+')
            .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
            .filter(|c| *c != ',')
            .collect();
        Some(Self { is_most, value: number.parse().ok()? })
    }

    fn holds(self, value: f64) -> bool {
        if self.is_most { value <= self.value } else { value >= self.value }
    }

    /// Grows with how bad a value is.
    fn excess(self, value: f64) -> f64 {
        if self.is_most { value } else { -value }
    }
}

#[cfg(test)]
mod tests {
    use super::Limit;

    #[test]
    fn the_first_number_after_the_sign_is_the_limit() {
        for (text, within, beyond) in [
            ("≤ 1.5 × the floor", 1.5, 1.51),
            ("at most ≤ + 8 ns", 8.0, 8.1),
            ("≥ 1,500,000 a second", 1_500_000.0, 1_499_999.0),
        ] {
            let limit = Limit::read(text).unwrap();
            assert!(limit.holds(within) && !limit.holds(beyond), "{text}");
        }
        assert!(Limit::read("fast").is_none());
    }
}
