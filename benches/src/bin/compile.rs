//! What a policy costs before it decides: time to compile it, from memory and from a list file, and
//! the memory that it takes. The document is opened, read, checked and compiled.
//!
//! Times are CPU time of this thread. A counting allocator is below them, which makes them longer
//! by a nanosecond or two for each allocation.

use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, process};

use allocation_counter::{AllocationInfo, measure};
use corsac::{Policy, Request, Verdict};
use corsac_bench::clock::timed;
use corsac_bench::raw::quantile;
use corsac_bench::table::{Table, exit_code};
use corsac_bench::{WARM, diverse, draw, globs, policy_of_rows, siblings, wildcards};

fn main() -> ExitCode {
    exit_code(measure_all())
}

fn measure_all() -> Result<(), String> {
    let mut table = Table::new("compile");
    let bound = Some("≤ 30 ms");
    from_memory(&mut table, "100,000 diverse origins", &diverse(100_000, ""), 41, bound)?;
    from_memory(&mut table, "100,000 siblings", &siblings(100_000, ""), 41, bound)?;
    from_memory(&mut table, "1,000,000 diverse origins", &diverse(1_000_000, ""), 7, None)?;
    let folder = env::temp_dir().join(format!("corsac-compile-{}", process::id()));
    fs::create_dir_all(&folder).map_err(|error| format!("cannot make `{}`: {error}", folder.display()))?;
    let loaded = from_list(&mut table, &folder);
    // It may hold a list that could not be written to its end.
    let _ = fs::remove_dir_all(&folder);
    loaded?;
    for (case, rows, bound) in [
        ("100,000 diverse origins", diverse(100_000, ""), Some("≤ 1.5 ×")),
        ("100,000 siblings", siblings(100_000, ""), Some("≤ 1.5 ×")),
        ("1,000,000 diverse origins", diverse(1_000_000, ""), Some("≤ 1.5 ×")),
        ("10,000 wildcards", wildcards(10_000), None),
        ("10,000 globs under one parent", globs(10_000), None),
    ] {
        memory(&mut table, case, &rows, bound)?;
    }
    table.write()
}

/// That the policy lists all these rows, and nothing that is nearly one of them.
fn check(policy: &Policy, rows: &[String]) -> Result<(), String> {
    if policy.size().rows() != rows.len() {
        return Err(format!("{} of {} rows are in the policy", policy.size().rows(), rows.len()));
    }
    for row in draw(rows, WARM).iter().filter(|row| !row.contains('*')) {
        for (origin, expected) in
            [(row, Verdict::Allowed), (&row.replacen("https://", "https://x", 1), Verdict::Denied)]
        {
            let verdict = policy.decide(&Request::new("GET").origin(origin)).verdict();
            if verdict != expected {
                return Err(format!("`{origin}` is {}", verdict.as_str()));
            }
        }
    }
    Ok(())
}

/// Milliseconds of CPU time, again and again. What was made is dropped outside of it.
fn times<T>(count: usize, make: impl Fn() -> T) -> Vec<f64> {
    (0..count).map(|_| timed(&make).1.as_secs_f64() * 1e3).collect()
}

fn spread(times: &[f64]) -> String {
    let at = |share| quantile(times, share);
    format!("CPU time, median of {}, from {:.1} to {:.1} ms", times.len(), at(0.0), at(1.0))
}

fn from_memory(
    table: &mut Table,
    case: &str,
    rows: &[String],
    count: usize,
    bound: Option<&str>,
) -> Result<(), String> {
    check(&policy_of_rows(rows), rows)?;
    let times = times(count, || policy_of_rows(black_box(rows)));
    table.row(&format!("compile {case} from memory"), quantile(&times, 0.5), "ms", bound, &spread(&times));
    Ok(())
}

fn from_list(table: &mut Table, folder: &Path) -> Result<(), String> {
    let rows = diverse(1_000_000, "");
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).map(|()| path).map_err(|error| format!("cannot write `{name}`: {error}"))
    };
    let list = write("origins.txt", rows.join("\n") + "\n")?;
    let text = "version = 1\n[policy.bench]\nallow_origins = [{ file = \"origins.txt\" }]\n";
    let document = write("policy.toml", text.into())?;
    let loaded = corsac_source::load_file(&document).map_err(|error| error.to_string())?;
    let policy = loaded.policies.only().and_then(|id| loaded.policies.get(id));
    check(policy.ok_or("the document has no policy")?, &rows)?;
    drop(loaded);
    let times = times(9, || corsac_source::load_file(black_box(&document)));
    let case = "load 1,000,000 diverse origins from a list file";
    table.row(case, quantile(&times, 0.5), "ms", Some("≤ 400 ms"), &spread(&times));
    let reads = self::times(9, || fs::read(black_box(&list)));
    table.row("read that list file, and no more", quantile(&reads, 0.5), "ms", None, &spread(&reads));
    Ok(())
}

/// What the policy holds when it is compiled, and what compiling it held at most, over the bytes of
/// its rows. The allocator counts, not the policy.
fn memory(table: &mut Table, case: &str, rows: &[String], bound: Option<&str>) -> Result<(), String> {
    let bytes: usize = rows.iter().map(String::len).sum();
    let mut policy = None;
    let AllocationInfo { count_current, bytes_current, bytes_max, .. } =
        measure(|| policy = Some(policy_of_rows(rows)));
    let policy = policy.ok_or("nothing was compiled")?;
    check(&policy, rows)?;
    let said = policy.size().bytes;
    let note = format!(
        "{bytes_current} bytes in {count_current} allocations for {bytes} bytes of rows; the policy itself says {said}"
    );
    table.row(&format!("memory of {case}"), bytes_current as f64 / bytes as f64, "×", bound, &note);
    let note = "the most that was held at once while compiling, the builder's rows included";
    table.row(&format!("memory to compile {case}"), bytes_max as f64 / bytes as f64, "×", None, note);
    Ok(())
}
