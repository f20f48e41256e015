//! The allocator of every function: the AWS SDK makes many small things for each call, and glibc's `malloc` took a
//! seventh of the functions' processor time (docs/adr/0019).

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;
