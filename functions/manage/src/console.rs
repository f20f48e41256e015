//! `GET /console`: the console, a page on the public API alone, which needs no key until somebody signs in (docs/adr/0062).
//! Its files are in `console/`; `build/main.rs` compresses them.

use crate::static_file::{Content, HTML, JAVASCRIPT, StaticFile};

macro_rules! compressed {
    ($path:literal, $content_type:expr, $file:literal, $style:expr) => {
        StaticFile {
            path: $path,
            content_type: $content_type,
            content: Content::Compressed(include_bytes!(concat!(env!("OUT_DIR"), "/console/", $file, ".gz"))),
            uses_bucket: true,
            style: $style,
        }
    };
}

/// The styles, which are in the page.
const STYLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/console/main.css"));

/// The files of the console.
pub static FILES: [StaticFile; 5] = [
    compressed!("/console", HTML, "index.html", Some(STYLE)),
    compressed!("/console/main.js", JAVASCRIPT, "main.js", None),
    compressed!("/console/vendor/htm-preact.js", JAVASCRIPT, "vendor/htm-preact.js", None),
    compressed!("/console/lib/pt.js", JAVASCRIPT, "lib/pt.js", None),
    compressed!("/console/icon.svg", "image/svg+xml", "icon.svg", None),
];
