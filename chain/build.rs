//! Writes the table of the programs' error codes from their own sources: the framework keeps names and messages out of
//! the compiled crates.

use std::{env, error::Error, fmt::Write, fs, path::Path};
use syn::{Attribute, Expr, Item, Lit, LitStr, Meta};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::var("CARGO_MANIFEST_DIR")?;
    let mut out = String::new();
    for program in ["market", "rewards", "grants", "oracles", "rental", "proofs"] {
        let path = Path::new(&folder).join("../programs").join(program).join("src/errors.rs");
        println!("cargo:rerun-if-changed={}", path.display());
        let source = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        table(program, &source, &mut out).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("errors.rs"), out)?;
    Ok(())
}

fn table(program: &str, source: &str, out: &mut String) -> Result<(), Box<dyn Error>> {
    let file = syn::parse_file(source)?;
    let codes = file.items.iter().find_map(|item| match item {
        Item::Enum(codes) if codes.attrs.iter().any(|attribute| attribute.path().is_ident("error_code")) => Some(codes),
        _ => None,
    });
    let codes = codes.ok_or("no enum with #[error_code]")?;
    writeln!(out, "pub(super) fn {program}() -> Vec<(u32, &'static str, &'static str)> {{ vec![")?;
    for variant in &codes.variants {
        let message =
            variant.attrs.iter().find_map(message).ok_or_else(|| format!("{} has no #[msg]", variant.ident))?;
        let (name, kind) = (variant.ident.to_string(), &codes.ident);
        writeln!(out, "    (custom(::{program}::{kind}::{name}.into()), {name:?}, {message:?}),")?;
    }
    writeln!(out, "] }}")?;
    Ok(())
}

fn message(attribute: &Attribute) -> Option<String> {
    if !attribute.path().is_ident("msg") {
        return None;
    }
    match &attribute.meta {
        Meta::List(list) => list.parse_args::<LitStr>().ok().map(|text| text.value()),
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        Meta::Path(_) => None,
    }
}
