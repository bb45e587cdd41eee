//! The C interface, from programs that are written in C, and from the languages that read its
//! header: the stage `make test-c`.

mod header;
mod programs;
mod temporaries;
