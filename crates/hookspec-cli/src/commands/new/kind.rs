//! `new kind`: a crate with a kind, its schemas and a test.

use hookspec_codegen::{module_name, signatures, type_name};
use hookspec_spec::{Catalog, Source};

use super::files::Plan;
use super::name::Name;
use super::place::Place;

const CARGO: &str = include_str!("../../../templates/kind/Cargo.toml.in");
const HOOKSPEC: &str = include_str!("../../../templates/kind/v1.yaml.in");
const REQUEST: &str = include_str!("../../../templates/kind/request.json");
const REPLY: &str = include_str!("../../../templates/kind/reply.json");
const LIB: &str = include_str!("../../../templates/kind/lib.rs.in");

/// Types that the trait of a kind would hide, in its own crate and in plugins.
const TAKEN: [&str; 9] =
    ["CallContext", "Caller", "Err", "Fault", "Flow", "Ok", "Registry", "Result", "Shouting"];

pub(super) fn plan(name: &Name, place: &Place) -> Result<Plan, String> {
    let kind = name.ident.as_str();
    // The names that generated code really has, whatever the kind is called.
    let sources = [
        Source::new("k/v1.yaml", HOOKSPEC.replace("{{kind}}", kind)),
        Source::new("k/schemas/request.json", REQUEST),
        Source::new("k/schemas/reply.json", REPLY),
    ];
    let catalog = Catalog::from_sources(sources).map_err(|found| found.to_string())?;
    let declared = catalog.kind(kind, 1).ok_or("the kind cannot be read")?;
    let signature = signatures(declared).into_iter().next().ok_or("the kind has no hook")?;
    let [input, output] =
        [signature.input, signature.output].map(|name| name.unwrap_or_else(|| "Value".into()));
    let author = type_name(kind);
    if TAKEN.contains(&author.as_str()) {
        return Err(format!(
            "the trait of the kind would be called `{author}`, as a type that every plugin names; \
             choose another name"
        ));
    }
    let mut imports = [
        author.clone(),
        format!("{author}Calls"),
        format!("{author}Plugin"),
        input.clone(),
        output.clone(),
    ];
    imports.sort();
    let (imports, module) = (imports.join(", "), module_name(kind).to_string());
    let hookspec = place.dependency("");
    let values = [
        ("package", name.package.as_str()),
        ("kind", kind),
        ("hookspec", &hookspec),
        ("module", &module),
        ("kind_imports", &imports),
        ("trait", &author),
        ("input", &input),
        ("output", &output),
    ];
    let mut plan = Plan::new(&place.folder);
    plan.file("Cargo.toml", CARGO, &values);
    plan.file(format!("hookspecs/{kind}/v1.yaml"), HOOKSPEC, &values);
    plan.file(format!("hookspecs/{kind}/schemas/request.json"), REQUEST, &[]);
    plan.file(format!("hookspecs/{kind}/schemas/reply.json"), REPLY, &[]);
    plan.file("src/lib.rs", LIB, &values);
    let folder = place.folder.display();
    plan.next(format!("write the hooks you want into {folder}/hookspecs/{kind}/v1.yaml"));
    plan.next(format!("hookspec new plugin NAME --kind {folder}"));
    Ok(plan)
}
