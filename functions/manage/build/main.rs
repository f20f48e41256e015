//! Compresses what the function contains: the API's document and the console (`src/reference`, `src/console.rs`).

mod bundle;

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use bundle::Bundle;
use flate2::Compression;
use flate2::write::GzEncoder;

/// The files of the console that a browser asks for by themselves. `main.js` and `main.css` bring everything else with them.
const CONSOLE: [&str; 4] = ["index.html", "icon.svg", "lib/pt.js", "vendor/htm-preact.js"];

fn main() -> io::Result<()> {
    let output = env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    let document = "../../docs/openapi.json";
    println!("cargo::rerun-if-changed={document}");
    let json: serde_json::Value = serde_json::from_slice(&fs::read(document)?)?;
    compress(&serde_json::to_vec(&json)?, &output.join("openapi.json.gz"))?;

    let console = Path::new("../../console");
    println!("cargo::rerun-if-changed={}", console.display());
    for file in CONSOLE {
        compress(&fs::read(console.join(file))?, &output.join("console").join(format!("{file}.gz")))?;
    }
    compress(Bundle::of_script(console, "main.js")?.as_bytes(), &output.join("console/main.js.gz"))?;
    compress(bundle::of_style(console, "main.css")?.as_bytes(), &output.join("console/main.css.gz"))
}

fn compress(content: &[u8], file: &Path) -> io::Result<()> {
    fs::create_dir_all(file.parent().unwrap_or(file))?;
    let mut encoder = GzEncoder::new(fs::File::create(file)?, Compression::best());
    io::Write::write_all(&mut encoder, content)?;
    encoder.finish().map(drop)
}
