//! `include/hookspec_plugin.h` says what `src/dylib/abi.rs` says. Written anew by `BLESS=1 cargo
//! test -p hookspec-bridge --test header`.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use cbindgen::{Builder, Config, DocumentationStyle, ExportConfig, Language, Style};

const TOP: &str = "\
/* The interface between a host and a plugin in a shared library: see docs/dylib-abi.md.
 *
 * A library defines one function, which returns what it holds:
 *
 *     const hookspec_library *hookspec_plugins(void);
 *
 * Generated from crates/hookspec-bridge/src/dylib/abi.rs. Do not edit. */";

const BOTTOM: &str = "\
#ifdef __cplusplus
extern \"C\"
#endif
#if defined(__GNUC__)
__attribute__((visibility(\"default\")))
#endif
const hookspec_library *hookspec_plugins(void);";

const NAMES: [(&str, &str); 6] = [
    ("Bytes", "hookspec_bytes"),
    ("Library", "hookspec_library"),
    ("Hook", "hookspec_hook"),
    ("Descriptor", "hookspec_plugin"),
    ("Call", "hookspec_call"),
    ("Host", "hookspec_host"),
];

fn header() -> String {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rename: HashMap<String, String> =
        NAMES.map(|(rust, c)| (rust.to_owned(), c.to_owned())).into();
    let config = Config {
        language: Language::C,
        cpp_compat: true,
        usize_is_size_t: true,
        style: Style::Both,
        include_guard: Some("HOOKSPEC_PLUGIN_H".into()),
        header: Some(TOP.into()),
        trailer: Some(BOTTOM.into()),
        documentation_style: DocumentationStyle::C,
        export: ExportConfig {
            include: NAMES.map(|(rust, _)| rust.to_owned()).to_vec(),
            exclude: vec!["Entry".into(), "SYMBOL".into()],
            rename,
            ..ExportConfig::default()
        },
        ..Config::default()
    };
    let made = Builder::new().with_src(own.join("src/dylib/abi.rs")).with_config(config).generate();
    let mut text = Vec::new();
    made.expect("the interface is read").write(&mut text);
    String::from_utf8(text).expect("the header is UTF-8")
}

#[test]
fn the_header_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../include/hookspec_plugin.h");
    let made = header();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(there == made, "{} is stale: run this test with BLESS=1", path.display());
}
