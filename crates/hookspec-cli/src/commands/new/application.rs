//! `new app`: an application with a kind of its own, a plugin, and tests.

use super::files::Plan;
use super::name::Name;
use super::place::Place;

const CARGO: &str = include_str!("../../../templates/app/Cargo.toml.in");
const HOOKSPEC: &str = include_str!("../../../templates/app/v1.yaml.in");
const GUEST: &str = include_str!("../../../templates/app/guest.json");
const GREETING: &str = include_str!("../../../templates/app/greeting.json");
const LIB: &str = include_str!("../../../templates/app/lib.rs.in");
const POLITE: &str = include_str!("../../../templates/app/polite.rs.in");
const MAIN: &str = include_str!("../../../templates/app/main.rs.in");
const TEST: &str = include_str!("../../../templates/app/app.rs.in");

pub(super) fn plan(name: &Name, place: &Place) -> Result<Plan, String> {
    let hookspec = place.dependency("");
    let values = [
        ("package", name.package.as_str()),
        ("ident", name.ident.as_str()),
        ("hookspec", hookspec.as_str()),
    ];
    let mut plan = Plan::new(&place.folder);
    plan.file("Cargo.toml", CARGO, &values);
    plan.file("hookspecs/greeter/v1.yaml", HOOKSPEC, &[]);
    plan.file("hookspecs/greeter/schemas/guest.json", GUEST, &[]);
    plan.file("hookspecs/greeter/schemas/greeting.json", GREETING, &[]);
    plan.file("src/lib.rs", LIB, &values);
    plan.file("src/polite.rs", POLITE, &values);
    plan.file("src/main.rs", MAIN, &values);
    plan.file("tests/app.rs", TEST, &values);
    plan.next(format!("cargo run --manifest-path {}/Cargo.toml", place.folder.display()));
    Ok(plan)
}
