//! The plots of a record, as SVG.

use plotters::chart::{ChartBuilder, LabelAreaPosition};
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Rectangle, Text};
use plotters::prelude::{IntoLogRange, SVGBackend};
use plotters::series::LineSeries;
use plotters::style::{Color, RGBColor, ShapeStyle, WHITE};

use crate::comparison::is_peer;
use crate::estimates::Estimate;
use crate::figures::figure;
use crate::raw::{Asked, Contestant, Outcome, Raw};
use crate::scenarios::grouped;

/// The file of the plot over the size of the list.
pub const SIZES: &str = "sizes.svg";

/// The file of the plot over the length of a hostile header.
pub const HOSTILE: &str = "hostile.svg";

/// The file of the plot of reloads.
pub const RELOADS: &str = "reloads.svg";

const SIZE: (u32, u32) = (1000, 560);
const FONT: &str = "sans-serif";

/// The engine, in this order of its faces.
const OURS: [RGBColor; 5] = [
    RGBColor(0, 110, 50),
    RGBColor(40, 160, 80),
    RGBColor(90, 185, 120),
    RGBColor(130, 205, 150),
    RGBColor(165, 220, 180),
];
const FLOOR: [RGBColor; 3] = [RGBColor(60, 60, 60), RGBColor(120, 120, 120), RGBColor(170, 170, 170)];
const PEERS: [RGBColor; 8] = [
    RGBColor(200, 40, 40),
    RGBColor(225, 120, 20),
    RGBColor(30, 90, 190),
    RGBColor(130, 60, 170),
    RGBColor(20, 150, 180),
    RGBColor(190, 60, 130),
    RGBColor(140, 100, 50),
    RGBColor(200, 170, 0),
];

/// A plot that has been drawn.
#[derive(Clone, Debug)]
pub struct Plot {
    /// Its file in the record.
    pub file: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// SVG.
    pub text: String,
}

/// A line of a plot.
#[derive(Debug)]
struct Line<'r> {
    name: &'r str,
    color: RGBColor,
    width: u32,
    points: Vec<(f64, f64)>,
}

/// All plots for which there is something to draw.
///
/// # Errors
/// One cannot be drawn.
pub fn all(raw: &Raw) -> Result<Vec<Plot>, String> {
    let mut plots = Vec::new();
    let sizes = lines(raw, |asked| asked.rows, |one| !one.name.contains("read input"));
    if !sizes.is_empty() {
        let title = "an allowed request against the size of the list";
        let text = draw(title, "origins in the list", &sizes).map_err(|error| error.to_string())?;
        plots.push(Plot { file: SIZES, title, text });
    }
    let hostile = lines(raw, |asked| asked.hostile, |one| !one.name.contains("probe"));
    if !hostile.is_empty() {
        let title = "a hostile preflight against the length of its header";
        let text =
            draw(title, "bytes of Access-Control-Request-Headers", &hostile).map_err(|error| error.to_string())?;
        plots.push(Plot { file: HOSTILE, title, text });
    }
    let storms = storms(&raw.estimates);
    if !storms.is_empty() {
        let title = "a reader while nothing changes, and with 1,000 reloads a second";
        let text = draw_storms(title, &storms).map_err(|error| error.to_string())?;
        plots.push(Plot { file: RELOADS, title, text });
    }
    Ok(plots)
}

/// A line for the engine's faces, the floors and the peers, as far as their answers are right.
fn lines<'r>(
    raw: &'r Raw,
    at: impl Fn(&Asked) -> Option<usize>,
    wanted: impl Fn(&Contestant) -> bool,
) -> Vec<Line<'r>> {
    let mut lines: Vec<Line<'r>> = Vec::new();
    let [mut ours, mut floors, mut peers] = [OURS.iter().cycle(), FLOOR.iter().cycle(), PEERS.iter().cycle()];
    for contestant in raw.contestants.iter().filter(|one| wanted(one)) {
        let points: Vec<(f64, f64)> = raw
            .scenarios
            .iter()
            .filter_map(|asked| {
                Some((at(asked)? as f64, asked.outcomes.get(&contestant.name).and_then(Outcome::right)?))
            })
            .collect();
        let style = if contestant.is_corsac {
            Some((ours.next(), 4))
        } else if contestant.name.starts_with("floor: ") {
            Some((floors.next(), 2))
        } else if is_peer(contestant) {
            Some((peers.next(), 2))
        } else {
            None
        };
        if let Some((Some(color), width)) = style.filter(|_| !points.is_empty()) {
            lines.push(Line { name: &contestant.name, color: *color, width, points });
        }
    }
    lines
}

type Drawn<T> = Result<T, DrawingAreaErrorKind<std::io::Error>>;

/// Both axes are logarithmic.
fn draw(title: &str, along: &str, lines: &[Line<'_>]) -> Drawn<String> {
    let points = || lines.iter().flat_map(|line| &line.points);
    let bounds = |of: fn(&(f64, f64)) -> f64| {
        points().map(of).fold((f64::MAX, 0.0_f64), |(least, most), value| (least.min(value), most.max(value)))
    };
    let (left, right) = bounds(|point| point.0);
    let (low, high) = bounds(|point| point.1);
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        // The names of the lines stand beside the plot, where they hide nothing.
        let (area, legend) = area.split_horizontally(760);
        let mut chart = ChartBuilder::on(&area)
            .caption(title, (FONT, 20))
            .margin(12)
            .set_label_area_size(LabelAreaPosition::Left, 72)
            .set_label_area_size(LabelAreaPosition::Bottom, 44)
            .build_cartesian_2d((left..right * 1.05).log_scale(), (low / 1.5..high * 1.5).log_scale())?;
        chart
            .configure_mesh()
            .x_desc(along)
            .y_desc("CPU time of a request, ns")
            .x_label_formatter(&|value| grouped(*value as usize))
            .y_label_formatter(&|value| figure(*value))
            .light_line_style(WHITE)
            .label_style((FONT, 13))
            .draw()?;
        for line in lines {
            let style = ShapeStyle::from(line.color).stroke_width(line.width);
            chart.draw_series(LineSeries::new(line.points.iter().copied(), style))?;
            chart.draw_series(line.points.iter().map(|point| Circle::new(*point, 3, line.color.filled())))?;
        }
        for (index, line) in lines.iter().enumerate() {
            let y = 48 + 22 * index as i32;
            let style = ShapeStyle::from(line.color).stroke_width(line.width);
            legend.draw(&PathElement::new(vec![(4, y), (28, y)], style))?;
            legend.draw(&Text::new(line.name.to_owned(), (34, y - 6), (FONT, 14)))?;
        }
        legend.present()?;
    }
    Ok(text)
}

/// What a reader takes while nothing changes and while policies are reloaded.
#[derive(Debug)]
struct Storm<'r> {
    group: String,
    quiet: &'r Estimate,
    reloading: &'r Estimate,
}

/// The cases that were measured in both ways: `quiet` and `storm`, or with the quiet run as a floor.
fn storms(estimates: &[Estimate]) -> Vec<Storm<'_>> {
    let is_quiet = |one: &&Estimate| {
        one.name == "quiet" || (one.name == "floor" && matches!(one.group.as_str(), "reader" | "snapshot"))
    };
    estimates
        .iter()
        .filter(is_quiet)
        .filter_map(|quiet| {
            let reloading = estimates.iter().find(|one| {
                one.group == quiet.group && one.case == quiet.case && matches!(one.name.as_str(), "storm" | "decide")
            })?;
            Some(Storm { group: format!("{} {}", quiet.group, quiet.case).trim().into(), quiet, reloading })
        })
        .collect()
}

/// A bar for each run: its samples' median, 95th and 99th of a hundred, one behind the other.
fn draw_storms(title: &str, storms: &[Storm<'_>]) -> Drawn<String> {
    const LEFT: i32 = 230;
    const LENGTH: f64 = 560.0;
    let runs = storms.iter().flat_map(|storm| {
        [(format!("{}, quiet", storm.group), storm.quiet), (format!("{}, reloading", storm.group), storm.reloading)]
    });
    let runs: Vec<(String, &Estimate)> = runs.collect();
    let longest = runs.iter().flat_map(|(_, run)| run.percentiles).fold(f64::MIN_POSITIVE, f64::max);
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (SIZE.0, 80 + 34 * runs.len() as u32)).into_drawing_area();
        area.fill(&WHITE)?;
        area.draw(&Text::new(title.to_owned(), (12, 12), (FONT, 20)))?;
        for (index, (name, run)) in runs.iter().enumerate() {
            let y = 48 + 34 * index as i32;
            let [_, median, most, nearly_all] = run.percentiles;
            area.draw(&Text::new(name.clone(), (12, y + 5), (FONT, 14)))?;
            for (value, color) in [(nearly_all, OURS[4]), (most, OURS[2]), (median, OURS[0])] {
                let right = LEFT + (LENGTH * value / longest) as i32;
                area.draw(&Rectangle::new([(LEFT, y), (right, y + 22)], color.filled()))?;
            }
            let shown = format!("{} / {} / {} ns", figure(median), figure(most), figure(nearly_all));
            area.draw(&Text::new(shown, (LEFT + LENGTH as i32 + 10, y + 5), (FONT, 14)))?;
        }
        let below = "median, 95 % and 99 % of the samples";
        area.draw(&Text::new(below.to_owned(), (LEFT, 52 + 34 * runs.len() as i32), (FONT, 13)))?;
        area.present()?;
    }
    Ok(text)
}
