//! The document: docs/performance.md and its plots.

mod messages;
mod stack;

use std::path::Path;

use crate::performance::figures::Figures;
use crate::performance::machine;

/// The folder of the plots and of the parts that other commands wrote, beside the document.
const FOLDER: &str = "performance";
/// Parts that other commands print, and the text where one is missing.
const PARTS: [(&str, &str); 2] = [
    (
        "peers.md",
        "## Side by side\n\nNot measured yet: `cargo run --profile measure -p bench -- peers > docs/performance/peers.md`.\n",
    ),
    (
        "made-faster.md",
        "## Made faster\n\nNot measured yet: `cargo run --profile measure -p bench -- compare --help`.\n",
    ),
];

/// Writes the document and its plots below a folder.
pub fn write(folder: &Path, figures: &Figures) -> std::io::Result<()> {
    let plots = folder.join(FOLDER);
    std::fs::create_dir_all(&plots)?;
    let mut text = introduction(figures);
    let mut sections = messages::sections(figures);
    sections.extend(stack::sections(figures));
    for (section, drawn) in sections {
        text.push_str(&section);
        for (name, svg) in drawn {
            std::fs::write(plots.join(name), svg)?;
            text.push_str(&format!("![]({FOLDER}/{name})\n\n"));
        }
    }
    for (file, missing) in PARTS {
        text.push_str(&std::fs::read_to_string(plots.join(file)).unwrap_or_else(|_| missing.to_owned()));
        text.push('\n');
    }
    std::fs::write(folder.join("performance.md"), text.trim_end().to_owned() + "\n")
}

fn introduction(figures: &Figures) -> String {
    format!(
        "# Performance\n\n\
         What Pombo uses and how fast it is, on {}. A program writes this page in about {:.0} minutes:\n\n\
         ```sh\ncargo run --profile measure -p bench -- performance\n```\n\n\
         A figure is the median of {} runs, with minimum and maximum in brackets. Customers, the local servers (dynoxide over \
         SQLite, the SQS server), the WhatsApp simulator, the Lambda host and all functions share this machine's cores, over \
         real HTTP on loopback. **Figures with a † depend more on the local servers than on Pombo**, and differ on AWS. What is \
         counted (calls, units, bytes, invocations) is the same on AWS; processor time is this processor's. The functions are \
         built with the optimizations of a release (profile `measure`); the AWS SDK uses no TLS here.\n\n",
        machine::sentence(),
        (figures.took.as_secs_f64() / 60.0).ceil(),
        figures.runs,
    )
}
