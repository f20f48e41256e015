//! Compresses the API's document, which the function contains (`src/reference`).

use std::path::PathBuf;
use std::{env, fs, io};

use flate2::Compression;
use flate2::write::GzEncoder;

fn main() -> io::Result<()> {
    let document = "../../docs/openapi.json";
    println!("cargo::rerun-if-changed={document}");
    let json: serde_json::Value = serde_json::from_slice(&fs::read(document)?)?;
    let folder = env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    let mut file = GzEncoder::new(fs::File::create(folder.join("openapi.json.gz"))?, Compression::best());
    serde_json::to_writer(&mut file, &json)?;
    file.finish().map(drop)
}
