//! What a stranger has who ran `make install`: two headers, two libraries, and what pkg-config and
//! CMake need. Everything here is built from the installed files, with the compilers of the system.

mod documents;
mod examples;
mod package;
mod server;
mod tree;
mod wrapper;
