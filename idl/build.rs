//! Makes each program's `lib.rs` a file that a test can include as its own root, so that the test's executable contains the
//! program: without inner attributes, and with absolute paths to its modules.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let (folder, out) = (env::var("CARGO_MANIFEST_DIR")?, env::var("OUT_DIR")?);
    for program in ["market", "rewards", "grants", "oracles", "rental", "proofs"] {
        let sources = Path::new(&folder).join("../programs").join(program).join("src");
        let root = sources.join("lib.rs");
        println!("cargo:rerun-if-changed={}", root.display());
        let source = fs::read_to_string(&root).map_err(|error| format!("{}: {error}", root.display()))?;
        fs::write(Path::new(&out).join(format!("{program}.rs")), includable(&source, &sources))?;
    }
    Ok(())
}

fn includable(source: &str, folder: &Path) -> String {
    let (mut out, mut path) = (String::new(), None);
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("//!") {
            continue;
        }
        if line.starts_with("#![") {
            let _ = line.ends_with(']') || lines.any(|line| line.ends_with(")]"));
            continue;
        }
        if let Some(given) = line.strip_prefix("#[path = \"").and_then(|rest| rest.strip_suffix("\"]")) {
            path = Some(folder.join(given));
            continue;
        }
        if let Some(name) = line.strip_suffix(';').and_then(|line| line.split("mod ").nth(1)) {
            let file = path.take().unwrap_or_else(|| {
                let file = folder.join(format!("{name}.rs"));
                if file.exists() { file } else { folder.join(name).join("mod.rs") }
            });
            out += &format!("#[path = {:?}]\n", file.display().to_string());
        }
        out += line;
        out.push('\n');
    }
    out
}
