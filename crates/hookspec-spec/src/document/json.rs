//! JSON, with places. Strings and numbers are left to serde_json, one at a time.

use serde_json::{Number, Value};

use super::build::{Build, Fields, Halt, Node, leaf, list};
use super::{Parsed, codes};

pub(super) fn parse(text: &str) -> Parsed {
    let mut reader = Reader { text, at: 0, build: Build::default() };
    reader.space();
    if reader.at == text.len() {
        return (None, Vec::new());
    }
    let root = reader.value(0).and_then(|root| {
        reader.space();
        if reader.at < text.len() {
            return Err(reader.wrong("something follows the end of the document"));
        }
        Ok(root)
    });
    (root.ok(), reader.build.into_flaws())
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    build: Build,
}

impl Reader<'_> {
    fn wrong(&mut self, what: &str) -> Halt {
        self.build.flaw(codes::SYNTAX, self.at, format!("invalid JSON: {what}"));
        Halt
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), Halt> {
        self.space();
        if self.peek() != Some(byte) {
            return Err(self.wrong(&format!("expected `{}`", char::from(byte))));
        }
        self.at += 1;
        Ok(())
    }

    /// Recursion is bounded by the budget for depth.
    fn value(&mut self, depth: usize) -> Result<Node, Halt> {
        self.space();
        let at = self.at;
        self.build.spend(1, 0, at)?;
        match self.peek() {
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.list(depth + 1),
            Some(b'"') => Ok(leaf(Value::String(self.string()?), at)),
            Some(b'-' | b'0'..=b'9') => Ok(leaf(Value::Number(self.number()?), at)),
            Some(_) => {
                let words = [
                    ("true", Value::Bool(true)),
                    ("false", Value::Bool(false)),
                    ("null", Value::Null),
                ];
                let rest = &self.text[at..];
                match words.into_iter().find(|(word, _)| rest.starts_with(word)) {
                    Some((word, value)) => {
                        self.at += word.len();
                        Ok(leaf(value, at))
                    }
                    None => Err(self.wrong("expected a value")),
                }
            }
            None => Err(self.wrong("the document ends where a value should be")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Node, Halt> {
        let start = self.at;
        self.build.enter(depth, start)?;
        self.at += 1;
        let mut fields = Fields::default();
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(fields.finish(start));
        }
        loop {
            self.space();
            let at = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.wrong("expected a key in double quotes"));
            }
            let key = self.string()?;
            self.expect(b':')?;
            let node = self.value(depth)?;
            fields.insert(&mut self.build, key, at, node);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(fields.finish(start));
                }
                _ => return Err(self.wrong("expected `,` or `}`")),
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Node, Halt> {
        let start = self.at;
        self.build.enter(depth, start)?;
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(list(items, start));
        }
        loop {
            items.push(self.value(depth)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(list(items, start));
                }
                _ => return Err(self.wrong("expected `,` or `]`")),
            }
        }
    }

    fn string(&mut self) -> Result<String, Halt> {
        let bytes = self.text.as_bytes();
        let mut end = self.at + 1;
        loop {
            match bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(_) => end += 1,
                None => return Err(self.wrong("a text has no closing quote")),
            }
        }
        // Both ends are quotes, so the slice is at character boundaries.
        let quoted = &self.text[self.at..=end];
        match serde_json::from_str::<String>(quoted) {
            Ok(text) => {
                self.build.spend(0, text.len(), self.at)?;
                self.at = end + 1;
                Ok(text)
            }
            Err(error) => {
                self.at = (self.at + error.column().saturating_sub(1)).min(end);
                Err(self.wrong(&format!("a text holds what it must not: {error}")))
            }
        }
    }

    fn number(&mut self) -> Result<Number, Halt> {
        let rest = &self.text[self.at..];
        let end = rest
            .find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'))
            .unwrap_or(rest.len());
        match serde_json::from_str::<Number>(&rest[..end]) {
            Ok(number) => {
                self.at += end;
                Ok(number)
            }
            Err(_) => Err(self.wrong("this is no number")),
        }
    }
}
