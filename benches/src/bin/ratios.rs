//! Reads what criterion measured and prints engine and floor side by side, with their ratio.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::{fs, io};

/// Median nanoseconds by group, size and who was measured.
type Medians = BTreeMap<(String, u64), BTreeMap<String, f64>>;

fn main() -> ExitCode {
    let mut medians = Medians::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/criterion");
    if let Err(error) = read(&folder, &mut medians) {
        eprintln!("cannot read {}: {error} (run `cargo bench -p corsac-bench` first)", folder.display());
        return ExitCode::from(2);
    }
    println!("{:<28} {:>9} {:>12} {:>12} {:>7}", "group", "case", "floor ns", "decide ns", "ratio");
    for ((group, case), by_name) in &medians {
        let Some(decide) = by_name.get("decide") else { continue };
        let floor = by_name.get("floor");
        let shown = floor.map_or("-".into(), |floor| format!("{floor:.1}"));
        let ratio = floor.map_or("-".into(), |floor| format!("{:.2}", decide / floor));
        println!("{group:<28} {case:>9} {shown:>12} {decide:>12.1} {ratio:>7}");
    }
    println!();
    println!(
        "{:<28} {:>12} {:>12} {:>12} {:>14}",
        "over the C interface", "rust ns", "c ns", "more ns", "empty call ns"
    );
    for ((group, _), by_name) in &medians {
        let Some(case) = group.strip_prefix("ffi/") else { continue };
        let [Some(rust), Some(walked), Some(c), Some(empty)] =
            ["rust", "rust-walked", "c", "empty-call"].map(|name| by_name.get(name))
        else {
            continue;
        };
        println!("{case:<28} {rust:>12.1} {walked:>12.1} {c:>12.1} {:>12.1} {empty:>14.1}", c - walked);
    }
    ExitCode::SUCCESS
}

/// `criterion/GROUP/NAME/CASE/new/estimates.json`
fn read(folder: &Path, medians: &mut Medians) -> io::Result<()> {
    for group in entries(folder)? {
        for name in entries(&folder.join(&group))? {
            for case in entries(&folder.join(&group).join(&name)).unwrap_or_default() {
                let file = folder.join(&group).join(&name).join(&case).join("new/estimates.json");
                let Some(median) = fs::read_to_string(file).ok().and_then(|text| median(&text)) else { continue };
                let (group, case) = match case.parse() {
                    Ok(number) => (group.clone(), number),
                    Err(_) => (format!("{group}/{case}"), 0),
                };
                medians.entry((group, case)).or_default().insert(name.clone(), median);
            }
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(folder)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(entries.collect())
}

fn median(estimates: &str) -> Option<f64> {
    let estimates: serde_json::Value = serde_json::from_str(estimates).ok()?;
    estimates.get("median")?.get("point_estimate")?.as_f64()
}
