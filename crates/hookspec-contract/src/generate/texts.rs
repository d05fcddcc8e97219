//! The texts that are worth trying on a program.

/// Texts of every day.
pub(super) const ORDINARY: [&str; 8] = [
    "text",
    "a",
    "Hello, world",
    "two words",
    "snake_case_name",
    "kebab-case-42",
    "path/to/a/file.txt",
    "A sentence that is a little longer than the others; it ends here.",
];

/// Texts that look like something else.
pub(super) const BOUNDARY: [&str; 9] =
    [" ", "0", "null", "true", "-1", "{}", "a\"b\\c", "../..", "%s%n{}$(x)"];

/// Texts that programs which take characters for bytes, letters or columns stumble over.
pub(super) const UNICODE: [&str; 22] = [
    // Spaces that are not all trimmed: no-break, ideographic, zero width.
    "\u{a0}\u{3000}\u{200b}",
    " \t ",
    // One letter, composed and decomposed.
    "\u{e9}",
    "e\u{301}",
    // Right to left, alone and mixed, and with the override that spoofs file names.
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
    "abc \u{645}\u{631}\u{62d}\u{628}\u{627} 123",
    "\u{202e}fdp.exe",
    // A family of four that is one picture; a flag; a thumb with a tone.
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{200d}\u{1f466}",
    "\u{1f1e9}\u{1f1ea}",
    "\u{1f44d}\u{1f3fd}",
    // Beyond the basic plane: two units in UTF-16.
    "\u{1d54f}\u{10348}\u{10ffff}",
    // Controls: NUL ends texts in C, ESC colours terminals, DEL and C1 are forgotten.
    "\0",
    "a\0b",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{1}\u{8}\u{c}\u{1f}\u{7f}\u{85}\u{9f}",
    // A byte order mark, a noncharacter, the replacement character.
    "\u{feff}bom",
    "\u{ffff}\u{fffe}",
    "\u{fffd}",
    // Cases that do not come back, or change the length.
    "\u{130}\u{131}I\u{df}\u{1c5}\u{fb01}",
    // Ends of lines of every system, and the two that JavaScript once took for some.
    "cr\rlf\ncrlf\r\nnel\u{85}ls\u{2028}ps\u{2029}end",
    "\u{4f60}\u{597d}\u{ff0c}\u{4e16}\u{754c}",
    "\u{915}\u{94d}\u{937}\u{93f} \u{e01}\u{e33}",
];

/// One letter with more marks than any buffer expects.
pub(super) fn tower() -> String {
    let mut text = String::from("Z");
    text.extend(('\u{300}'..='\u{36f}').cycle().take(400));
    text
}

/// Texts that keep a format.
pub(super) fn of_format(format: &str) -> &'static [&'static str] {
    match format {
        "date-time" => &[
            "2026-01-01T00:00:00Z",
            "2024-02-29T23:59:59.999999999Z",
            "1970-01-01T00:00:00Z",
            "2026-06-15T12:30:45+05:30",
            "1969-12-31T23:59:59-12:00",
            "9999-12-31T23:59:59Z",
            "0001-01-01T00:00:00Z",
        ],
        "date" => &["2026-01-01", "2024-02-29", "1970-01-01", "9999-12-31", "0001-01-01"],
        "time" => &["00:00:00Z", "23:59:59.999Z", "12:30:00+05:30"],
        "duration" => &["PT1S", "P1DT12H", "P3Y6M4DT12H30M5S", "PT0S", "P4W"],
        "email" => &["ada@example.org", "a@b.co", "first.last+tag@sub.example.org"],
        "idn-email" => &["ada@example.org", "\u{e4}da@example.org"],
        "hostname" => &["example.org", "localhost", "a.b.c.example", "xn--bcher-kva.example"],
        "idn-hostname" => &["example.org", "b\u{fc}cher.example"],
        "ipv4" => &["127.0.0.1", "0.0.0.0", "255.255.255.255"],
        "ipv6" => &["::1", "::", "2001:db8::8a2e:370:7334", "::ffff:192.0.2.1"],
        "uri" => &[
            "https://example.org/",
            "urn:example:a:b",
            "https://user@example.org:8080/a/b?c=d&e=%20#f",
            "file:///tmp/x",
        ],
        "uri-reference" => &["/a/b", "https://example.org/", "?q", "#f", "../up"],
        "iri" => &["https://example.org/", "https://b\u{fc}cher.example/\u{e4}"],
        "iri-reference" => &["/a/b", "/\u{e4}"],
        "uri-template" => &["https://example.org/{id}", "/plain"],
        "uuid" => &[
            "00000000-0000-4000-8000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "123e4567-e89b-12d3-a456-426614174000",
        ],
        "json-pointer" => &["/a/0", "", "/a~1b/~0"],
        "relative-json-pointer" => &["0", "1/a", "0#"],
        "regex" => &["^a+$", "", "[0-9]{2}"],
        _ => &[],
    }
}
