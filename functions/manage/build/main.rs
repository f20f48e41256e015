//! Compresses what the function contains: the API's document and the console (`src/reference`, `src/console.rs`).

mod bundle;

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use bundle::Bundle;
use flate2::write::GzEncoder;
use flate2::{Compression, Crc};

/// The modules that stay files of their own: the library, and the texts that not everybody needs.
const MODULES: [&str; 2] = ["lib/pt.js", "vendor/htm-preact.js"];

fn main() -> io::Result<()> {
    let output = env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    let document = "../../docs/openapi.json";
    println!("cargo::rerun-if-changed={document}");
    let json: serde_json::Value = serde_json::from_slice(&fs::read(document)?)?;
    compress(&serde_json::to_vec(&json)?, &output.join("openapi.json.gz"))?;

    let console = Path::new("../../console");
    println!("cargo::rerun-if-changed={}", console.display());
    compress_console(console, &output.join("console"))
}

/// The page has its styles in it, so that something is seen after one request, and asks for its script with the content's version, as
/// the script does for what it imports.
fn compress_console(console: &Path, output: &Path) -> io::Result<()> {
    let style = bundle::of_style(console, "main.css")?;
    let mut script = Bundle::of_script(console, "main.js")?;
    let mut page = fs::read_to_string(console.join("index.html"))?;
    compress(&fs::read(console.join("icon.svg"))?, &output.join("icon.svg.gz"))?;
    for file in MODULES {
        let version = compress(&fs::read(console.join(file))?, &output.join(format!("{file}.gz")))?;
        script = script.replace(&format!("'./{file}'"), &format!("'./{file}?{version}'"));
        page = page.replace(&format!("\"console/{file}\""), &format!("\"console/{file}?{version}\""));
    }
    let version = compress(script.as_bytes(), &output.join("main.js.gz"))?;
    page = page.replace("\"console/main.js\"", &format!("\"console/main.js?{version}\""));
    let link = "<link rel=\"stylesheet\" href=\"console/main.css\">";
    if !page.contains(link) {
        return Err(io::Error::other("console/index.html does not link to main.css"));
    }
    fs::write(output.join("main.css"), &style)?;
    compress(page.replace(link, &format!("<style>{style}</style>")).as_bytes(), &output.join("index.html.gz")).map(drop)
}

/// Writes the compressed form, and returns its version: `Content::version` of `src/static_file.rs`.
fn compress(content: &[u8], file: &Path) -> io::Result<String> {
    fs::create_dir_all(file.parent().unwrap_or(file))?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    io::Write::write_all(&mut encoder, content)?;
    let compressed = encoder.finish()?;
    fs::write(file, &compressed)?;
    let mut checksum = Crc::new();
    checksum.update(&compressed);
    Ok(format!("{:x}-{:x}", checksum.sum(), compressed.len()))
}
