//! `GET /console`: the console, a page on the public API alone, which needs no key until somebody signs in (docs/adr/0062).
//! Its files are in `console/`; `build/main.rs` compresses them.

use crate::static_file::{CSS, Content, HTML, JAVASCRIPT, StaticFile};

macro_rules! compressed {
    ($path:literal, $content_type:expr, $file:literal) => {
        StaticFile {
            path: $path,
            content_type: $content_type,
            content: Content::Compressed(include_bytes!(concat!(env!("OUT_DIR"), "/console/", $file, ".gz"))),
            uses_bucket: true,
        }
    };
}

/// The files of the console.
pub static FILES: [StaticFile; 6] = [
    compressed!("/console", HTML, "index.html"),
    compressed!("/console/main.js", JAVASCRIPT, "main.js"),
    compressed!("/console/main.css", CSS, "main.css"),
    compressed!("/console/vendor/htm-preact.js", JAVASCRIPT, "vendor/htm-preact.js"),
    compressed!("/console/lib/pt.js", JAVASCRIPT, "lib/pt.js"),
    compressed!("/console/icon.svg", "image/svg+xml", "icon.svg"),
];
