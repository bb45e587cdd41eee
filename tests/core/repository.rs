//! What the repository contains: its layout, its header, its examples.

mod architecture;
mod examples;
mod header;
mod pages;
mod versions;
