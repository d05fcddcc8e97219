//! Rust without its comments, strings and tests. Lines stay where they are.

/// The code alone: comments and the contents of strings are blanks.
pub(crate) fn code(source: &str) -> String {
    blank(source, true)
}

/// Comments are blanks.
pub(crate) fn uncommented(source: &str) -> String {
    blank(source, false)
}

/// Blanks every item under `#[cfg(test)]`. Wants [`code`]: a brace in a string is none.
pub(crate) fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut left = code.to_owned();
    while let Some(start) = left.find(MARK) {
        let (mut depth, mut end) = (0, left.len());
        for (offset, byte) in left.bytes().enumerate().skip(start + MARK.len()) {
            match byte {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                _ => {}
            }
            if depth == 0 && (byte == b'}' || byte == b';') {
                end = offset + 1;
                break;
            }
        }
        let blanks = blanks(&left[start..end]);
        left.replace_range(start..end, &blanks);
    }
    left
}

/// Words of a text with the number of their line.
pub(crate) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().flat_map(|(index, line)| {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let words = line.split(move |c| !is_word(c)).filter(|word| !word.is_empty());
        words.map(move |word| (index + 1, word))
    })
}

fn blanks(text: &str) -> String {
    // As many bytes as before, so that offsets stay what they were.
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
}

fn blank(source: &str, strings: bool) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let (length, is_text) = match token(rest, before) {
            Token::Comment(length) => (length, true),
            Token::Text(length) => (length, strings),
            Token::Other => (first.len_utf8(), false),
        };
        let (taken, left) = rest.split_at(length);
        out.push_str(&if is_text { blanks(taken) } else { taken.into() });
        before = taken.chars().next_back().unwrap_or(' ');
        rest = left;
    }
    out
}

enum Token {
    Comment(usize),
    Text(usize),
    Other,
}

fn token(rest: &str, before: char) -> Token {
    let inside_word = before.is_alphanumeric() || before == '_';
    if rest.starts_with("//") {
        return Token::Comment(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Token::Comment(nested_comment(rest));
    }
    if let Some(quoted) = rest.strip_prefix('"') {
        return Token::Text(1 + escaped(quoted, '"'));
    }
    // `br"` arrives here at its `r`: a `b` or `c` before it belongs to the literal.
    if let Some(after) = rest.strip_prefix('r').filter(|_| !inside_word || "bc".contains(before)) {
        let hashes = after.len() - after.trim_start_matches('#').len();
        if let Some(raw) = after[hashes..].strip_prefix('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let length = raw.find(&end).map_or(raw.len(), |found| found + end.len());
            return Token::Text(1 + hashes + 1 + length);
        }
    }
    match rest.strip_prefix('\'') {
        Some(quoted) => {
            let mut characters = quoted.chars();
            let (first, second) = (characters.next(), characters.next());
            // Otherwise it is a lifetime.
            match first == Some('\\') || second == Some('\'') {
                true => Token::Text(1 + escaped(quoted, '\'')),
                false => Token::Other,
            }
        }
        None => Token::Other,
    }
}

/// The length up to and with the closing quote.
fn escaped(text: &str, quote: char) -> usize {
    let mut skip = false;
    for (offset, character) in text.char_indices() {
        match character {
            _ if skip => skip = false,
            '\\' => skip = true,
            c if c == quote => return offset + 1,
            _ => {}
        }
    }
    text.len()
}

fn nested_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

#[test]
fn only_code_is_left() {
    let rows = [
        ("a // b\nc", "a c"),
        ("a /* b /* c */ d */ e", "a e"),
        (r#"a("b \" c") d"#, "a d"),
        (r##"a(r#"b " c"#) d"##, "a d"),
        (r#"a(br"b\") d"#, "a b d"),
        (r"fn f<'a>(x: &'a str) { '\'' 'x' b'y' }", "fn f a x a str b"),
        ("über(\"ä\") 'ö' /* ü */ end", "über end"),
    ];
    for (source, expected) in rows {
        let code = code(source);
        let words: Vec<&str> = words(&code).map(|(_, word)| word).collect();
        assert_eq!(words.join(" "), expected, "{source}");
        assert_eq!(code.lines().count(), source.lines().count());
    }
    assert_eq!(words(&uncommented("a \"b\" // c")).count(), 2);
}

#[test]
fn tests_are_left_out() {
    let source = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() { {} } }\nfn c() {}\n#[cfg(test)]\nuse d;\nfn e() {}";
    let left = without_tests(source);
    let words: Vec<&str> = words(&left).map(|(_, word)| word).collect();
    assert_eq!(words, ["fn", "a", "fn", "c", "fn", "e"]);
}
