//! Dates, in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

/// Today, as `YYYY-MM-DD`.
#[must_use]
pub fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    date(seconds / 86_400)
}

/// A date that was written by hand.
///
/// # Errors
/// It is not of the form `YYYY-MM-DD`.
pub fn checked(text: &str) -> Result<String, String> {
    let is_shape = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() });
    if is_shape { Ok(text.into()) } else { Err(format!("`{text}` is no date: write 2026-11-23")) }
}

/// The date so many days after the first of January 1970.
fn date(mut days: u64) -> String {
    let is_leap = |year: u64| (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let mut year = 1970;
    while days >= if is_leap(year) { 366 } else { 365 } {
        days -= if is_leap(year) { 366 } else { 365 };
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", days + 1)
}

#[cfg(test)]
mod tests {
    use super::{checked, date};

    #[test]
    fn days_become_dates() {
        for (days, shown) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_453, "2025-12-31"),
        ] {
            assert_eq!(date(days), shown);
        }
    }

    #[test]
    fn a_date_has_ten_characters() {
        assert!(checked("2026-11-23").is_ok());
        assert!(checked("2026-11-3").is_err() && checked("../../etc/x").is_err());
    }
}
