//! The memory that a policy takes, and the peak while it is compiled, counted by the allocator and
//! divided by the bytes of the rows.

use std::process::ExitCode;

use allocation_counter::{AllocationInfo, measure};
use corsac_bench::table::Table;
use corsac_bench::{diverse, globs, policy_of_rows, siblings, wildcards};

const BOUND: Option<&str> = Some("≤ 1.5 ×");

fn main() -> ExitCode {
    match measure_all() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure_all() -> Result<(), String> {
    let mut table = Table::new("memory");
    for (case, rows, bound) in [
        ("100,000 diverse origins", diverse(100_000, ""), BOUND),
        ("100,000 siblings", siblings(100_000, ""), BOUND),
        ("1,000,000 diverse origins", diverse(1_000_000, ""), BOUND),
        ("10,000 wildcards", wildcards(10_000), None),
        ("10,000 globs under one parent", globs(10_000), None),
    ] {
        let bytes: usize = rows.iter().map(String::len).sum();
        let mut policy = None;
        let AllocationInfo { count_current, bytes_current, bytes_max, .. } =
            measure(|| policy = Some(policy_of_rows(&rows)));
        let size = policy.ok_or("nothing was compiled")?.size();
        if size.rows() != rows.len() {
            return Err(format!("the policy has {} of {} rows", size.rows(), rows.len()));
        }
        let note = format!(
            "{bytes_current} bytes in {count_current} allocations for {bytes} bytes of rows; the policy reports {}",
            size.bytes
        );
        table.row(&format!("memory of {case}"), bytes_current as f64 / bytes as f64, "×", bound, &note);
        let note = "peak while compiling, including the builder's rows";
        table.row(&format!("memory to compile {case}"), bytes_max as f64 / bytes as f64, "×", None, note);
    }
    table.print()
}
