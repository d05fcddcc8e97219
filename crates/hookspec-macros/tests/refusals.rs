//! What the compiler says of the usual mistakes. `TRYBUILD=overwrite` writes it anew, for the
//! compiler that the workspace is pinned to.

#[test]
fn mistakes_are_told_in_words_that_help() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
