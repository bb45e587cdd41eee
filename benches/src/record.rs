//! A record: the page and the plots that are made from its `raw.json`.

use std::fs;
use std::path::Path;

use crate::causes::Kept;
use crate::headline;
use crate::page::{self, Page};
use crate::plot::{self, Plot};
use crate::raw::Raw;

/// Makes the page and the plots, without writing them.
///
/// # Errors
/// A plot cannot be drawn.
pub fn make(raw: &Raw, kept: &Kept) -> Result<(Page, Vec<Plot>), String> {
    let plots = plot::all(raw)?;
    let named: Vec<(&str, &str)> = plots.iter().map(|plot| (plot.file, plot.title)).collect();
    Ok((page::render(raw, kept, &named), plots))
}

/// Makes the page and the plots of a record again, from its `raw.json` alone.
///
/// # Errors
/// The record cannot be read or written; or, with everything written, a loss has no cause.
pub fn render(folder: &Path, kept: &Kept) -> Result<(), String> {
    let (page, plots) = make(&Raw::read(folder)?, kept)?;
    write(&folder.join("README.md"), &page.text)?;
    for plot in plots {
        write(&folder.join(plot.file), &plot.text)?;
    }
    if page.uncaused.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} losses have no cause: add each to benches/causes.toml, then `record --render {}`\n  {}",
        page.uncaused.len(),
        folder.display(),
        page.uncaused.join("\n  ")
    ))
}

/// Puts the headline of the newest record into `README.md` beside the folder `benches`.
///
/// # Errors
/// A file cannot be read or written, or the page has no place for it.
pub fn write_headline(benches: &Path) -> Result<(), String> {
    let file = benches.join("../README.md");
    let page = fs::read_to_string(&file).map_err(|error| format!("cannot read `{}`: {error}", file.display()))?;
    write(&file, &headline::insert(&page, &newest_headline(benches)?)?)
}

/// The headline of the newest record; nothing if there is none.
///
/// # Errors
/// The record, or what is kept by hand, cannot be read.
pub fn newest_headline(benches: &Path) -> Result<String, String> {
    let newest = headline::newest(&benches.join("record"))?;
    let raw = newest.map(|folder| Raw::read(&folder)).transpose()?;
    Ok(headline::render(raw.as_ref(), &Kept::read(benches)?))
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    fs::write(file, text).map_err(|error| format!("cannot write `{}`: {error}", file.display()))
}
