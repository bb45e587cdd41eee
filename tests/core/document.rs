//! Documents that are hostile or broken, and documents that are written back.

mod bad_input;
mod bounds;
mod round_trip;
mod truncated;
