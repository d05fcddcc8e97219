//! Generates the types of every schema that is compared, so that they are always those that the
//! generator makes today.

#[allow(dead_code, unreachable_pub, reason = "the package itself uses the rest")]
#[path = "src/schemas.rs"]
mod schemas;

use std::path::PathBuf;
use std::{env, fs};

use hookspec_codegen::{Options, generate_types};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=suite");
    println!("cargo::rerun-if-changed=src/schemas.rs");
    let cases = schemas::all()?;
    let named = cases.iter().enumerate();
    let named: Vec<_> =
        named.map(|(index, case)| (format!("case {index}"), case.schema.clone())).collect();
    let (generated, names) = generate_types(&named, &Options::default());
    let judges: String = names
        .iter()
        .enumerate()
        .filter_map(|(index, name)| {
            Some(format!("({index}, crate::judge::<{}>),\n", name.as_ref()?))
        })
        .collect();
    let table = format!("pub(crate) static JUDGES: &[(usize, crate::Judge)] = &[\n{judges}];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    fs::write(out.join("types.rs"), generated.source() + &table)?;
    Ok(())
}
