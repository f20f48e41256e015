//! The memory of `media` with the largest files. On AWS, the function has 256 MB.

use std::time::Instant;

use bytes::Bytes;
use tests::process::peak_memory;
use tests::test_stack::TestStack;

use crate::PROGRAM;

/// WhatsApp's largest file.
const LARGEST: usize = 100 * 1024 * 1024;
/// How much a process may grow, in kilobytes. A debug build has 50 MB before it does anything.
const ROOM: u64 = 20 * 1024;

#[tokio::test]
async fn the_largest_file_is_uploaded_in_bounded_memory() {
    let stack = TestStack::start(PROGRAM).await;
    let pids = || stack.stack.functions["media"].pids().borrow().clone();
    let before = pids().into_iter().map(peak_memory).max().expect("a process");
    let media = stack.create_media_of("application/pdf", LARGEST).await;
    let mut file = b"%PDF-1.7\n".to_vec();
    file.resize(LARGEST, b' ');
    let began = Instant::now();
    assert_eq!(stack.put(&media, Bytes::from(file)).await, 200);
    let put = began.elapsed();
    stack.wait_for_media(&media, "ready").await;
    let after = pids().into_iter().map(peak_memory).max().expect("a process");
    eprintln!("put {put:?}, ready {:?}; {before} kB before, {after} kB after", began.elapsed());
    assert!(after < before + ROOM, "{before} kB before, {after} kB after");
}
