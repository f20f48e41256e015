//! Writing files that other processes read.

use std::io;
use std::path::Path;

/// Replaces a file by what `write` writes into another one beside it, so that no reader sees half of its contents.
pub fn replace(file: &Path, write: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    let next = file.with_extension("next");
    write(&next)?;
    std::fs::rename(&next, file)
}

/// Writes a file that only its owner can read.
pub fn write_private(file: &Path, text: &str) -> io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(text.as_bytes())
}
