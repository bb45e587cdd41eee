//! What holds of every decision.

mod allocation;
mod constant;
mod output_safety;
