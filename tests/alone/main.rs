//! Tests that need a process of their own, in the stage `make test-core`: they count the live heap bytes of
//! the whole process with their own global allocator. The binary of the other tests cannot hold them,
//! because its global allocator is that of `allocation-counter`, which counts for single threads, and
//! because other tests would allocate at the same time.

mod memory;
