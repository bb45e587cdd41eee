//! Runs the comparison: prepares every contestant for a scenario, judges what it answers, then times
//! all of them in turn, so that a machine that slows down slows all of them down.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::browser::judge;
use crate::comparison::decides;
use crate::driver::{Driver, Fault, Invocation, Prepared};
use crate::raw::{Asked, Contestant, Outcome, Timing};
use crate::scenario::{Curve, Scenario};
use crate::scenarios::Plan;

/// Settings of a run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Samples of each contestant in each scenario.
    pub rounds: usize,
    /// How long a sample should take.
    pub sample: Duration,
    /// How long a contestant may take to be configured and to answer every request once.
    pub patience: Duration,
    /// Where scenarios are written for the drivers.
    pub folder: PathBuf,
}

impl Settings {
    /// A whole comparison in about five minutes.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { rounds: 5, sample: Duration::from_millis(6), patience: Duration::from_secs(8), folder }
    }
}

/// A contestant, in a process of its own.
#[derive(Debug)]
struct Seat {
    contestant: Contestant,
    invocation: Invocation,
    /// Nothing after it was stopped, until it is asked again.
    driver: Option<Driver>,
    /// The rows of the list that it was too slow for: no longer one is tried.
    too_many: Option<usize>,
}

/// All contestants of a run.
#[derive(Debug)]
pub struct Conductor {
    settings: Settings,
    seats: Vec<Seat>,
}

impl Conductor {
    /// Starts every driver, once for each of its contestants.
    ///
    /// # Errors
    /// A driver is missing or broken, with what it says must be installed; or two contestants have
    /// one name.
    pub fn start(settings: Settings, drivers: &[Invocation]) -> Result<Self, String> {
        let mut seats: Vec<Seat> = Vec::new();
        for invocation in drivers {
            let first = Driver::start(invocation).map_err(|fault| fault.to_string())?;
            let contestants = first.contestants.clone();
            let mut first = Some(first);
            for contestant in contestants {
                if seats.iter().any(|seat| seat.contestant.name == contestant.name) {
                    return Err(format!("two contestants are called `{}`", contestant.name));
                }
                let invocation = invocation.clone();
                seats.push(Seat { contestant, invocation, driver: first.take(), too_many: None });
            }
        }
        Ok(Self { settings, seats })
    }

    /// All who are asked.
    pub fn contestants(&self) -> impl Iterator<Item = &Contestant> {
        self.seats.iter().map(|seat| &seat.contestant)
    }

    /// Runs one scenario.
    ///
    /// # Errors
    /// The scenario cannot be written for the drivers.
    pub fn run(&mut self, plan: &Plan) -> Result<Asked, String> {
        let scenario = plan.make();
        let file = self.settings.folder.join("scenario.json");
        let text = serde_json::to_string(&scenario).map_err(|error| error.to_string())?;
        fs::create_dir_all(&self.settings.folder)
            .and_then(|()| fs::write(&file, text))
            .map_err(|error| format!("cannot write `{}`: {error}", file.display()))?;
        let file = file.display().to_string();

        let mut outcomes = BTreeMap::new();
        let mut ready = Vec::new();
        for (index, seat) in self.seats.iter_mut().enumerate() {
            if scenario.is_engines_alone && !seat.is_quick() {
                continue;
            }
            match seat.prepare(&scenario, &file, &self.settings) {
                Ok((requests, wrong)) => ready.push(Ready { seat: index, requests, wrong, samples: Vec::new() }),
                Err(outcome) => {
                    outcomes.insert(seat.contestant.name.clone(), outcome);
                }
            }
        }
        for (name, outcome) in self.time(ready) {
            outcomes.insert(name, outcome);
        }
        let point = |curve| scenario.point.filter(|point| point.curve == curve).map(|point| point.at);
        Ok(Asked { name: scenario.name, rows: point(Curve::List), hostile: point(Curve::Hostile), outcomes })
    }

    /// Takes a sample of each, begins with another one in the next round, and so on.
    fn time(&mut self, mut ready: Vec<Ready>) -> Vec<(String, Outcome)> {
        let mut failed = Vec::new();
        for _ in 0..self.settings.rounds {
            ready.retain_mut(|entry| {
                let Some(seat) = self.seats.get_mut(entry.seat) else { return false };
                match seat.sample(entry.requests) {
                    Ok(time) => entry.samples.push(time),
                    Err(outcome) => {
                        failed.push((seat.contestant.name.clone(), outcome));
                        return false;
                    }
                }
                true
            });
            if !ready.is_empty() {
                ready.rotate_left(1);
            }
        }
        let timed = ready.into_iter().filter_map(|entry| {
            let seat = self.seats.get(entry.seat)?;
            let timing = Timing { requests: entry.requests, samples: entry.samples };
            let outcome = match entry.wrong {
                None => Outcome::Right(timing),
                Some(wrong) => Outcome::Wrong(wrong, timing),
            };
            Some((seat.contestant.name.clone(), outcome))
        });
        failed.into_iter().chain(timed).collect()
    }
}

/// A contestant that is prepared for the present scenario.
#[derive(Debug)]
struct Ready {
    seat: usize,
    requests: u64,
    wrong: Option<String>,
    samples: Vec<u64>,
}

impl Seat {
    /// Whether a million rows are no trouble: the engine itself, and the floors beside it.
    fn is_quick(&self) -> bool {
        self.contestant.name == "decide" || self.contestant.name.starts_with("floor: ")
    }

    /// How many requests a sample takes, and what is wrong with the answers.
    fn prepare(
        &mut self,
        scenario: &Scenario,
        file: &str,
        settings: &Settings,
    ) -> Result<(u64, Option<String>), Outcome> {
        let rows = scenario.policy.allow_origins.len();
        if let Some(too_many) = self.too_many.filter(|too_many| rows >= *too_many) {
            return Err(Outcome::Failed(format!("not asked: it was too slow with {too_many} rows")));
        }
        let name = self.contestant.name.clone();
        let prepared = self.driver().and_then(|driver| driver.prepare(&name, file, settings.patience));
        let answers = match prepared {
            Ok(Prepared::Answers(answers)) => answers,
            Ok(Prepared::Cannot(reason)) => return Err(Outcome::Cannot(reason)),
            Err(Fault::Late) => {
                self.driver = None;
                self.too_many = Some(rows);
                let (count, patience) = (scenario.requests.len(), settings.patience);
                return Err(Outcome::Failed(format!("did not answer {count} requests within {patience:?}")));
            }
            Err(fault) => return Err(self.fail(&fault)),
        };
        let wrong = if decides(&self.contestant) { judge(scenario, &answers).err() } else { None };
        Ok((self.calibrate(settings)?, wrong))
    }

    /// The requests that take as long as a sample should.
    fn calibrate(&mut self, settings: &Settings) -> Result<u64, Outcome> {
        let wanted = settings.sample.as_nanos() as u64;
        let began = Instant::now();
        let mut requests = 1;
        loop {
            let time = self.sample(requests)?.max(1);
            // The clock of a driver may stand still for a time, but not for ever.
            if time >= wanted / 4 || began.elapsed() > settings.patience {
                return Ok((requests.saturating_mul(wanted) / time).max(1));
            }
            requests = requests.saturating_mul(4);
        }
    }

    fn sample(&mut self, requests: u64) -> Result<u64, Outcome> {
        let time = self.driver().and_then(|driver| driver.run(requests));
        time.map_err(|fault| self.fail(&fault))
    }

    fn driver(&mut self) -> Result<&mut Driver, Fault> {
        let driver = match self.driver.take() {
            Some(driver) => driver,
            None => Driver::start(&self.invocation)?,
        };
        Ok(self.driver.insert(driver))
    }

    fn fail(&mut self, fault: &Fault) -> Outcome {
        // What it said is about the scenario; after anything else the process is not to be trusted.
        if !matches!(fault, Fault::Said(_)) {
            self.driver = None;
        }
        Outcome::Failed(fault.to_string())
    }
}
