//! The stage `make test-c`: the C interface as programs, compilers and other languages use it, and what
//! `make install` installs.

mod installed;
mod interface;
