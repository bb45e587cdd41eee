//! Documents that are hostile or broken, and documents that are written back.

mod bad_input;
mod bounds;
mod in_code;
mod round_trip;
mod truncated;
