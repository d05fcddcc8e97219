//! Values that are written in place: literals as TOML has them, and where each stands.

use proc_macro2::Span;
use serde_json::{Map, Number, Value};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Ident, Lit, LitStr, Token, braced, bracketed, token};

const EXPECTED: &str =
    "expected a text, a number, `true`, `false`, a [list] or a { key = value } table";

/// The fields of a manifest, and the place of every value by its JSON pointer.
pub(crate) struct Fields {
    value: Map<String, Value>,
    places: Vec<(String, Span)>,
    whole: Span,
}

impl Fields {
    pub(crate) fn new(whole: Span) -> Self {
        Self { value: Map::new(), places: Vec::new(), whole }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    pub(crate) fn value(&self) -> &Map<String, Value> {
        &self.value
    }

    pub(crate) fn insert(&mut self, key: String, at: Span, value: Value) -> syn::Result<()> {
        self.places.push((format!("/{}", escaped(&key)), at));
        insert(&mut self.value, key, at, value)
    }

    /// Where the value at a pointer stands, or the nearest around it.
    pub(crate) fn place(&self, pointer: &str) -> Span {
        let around = |place: &&(String, Span)| {
            let rest = pointer.strip_prefix(place.0.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let nearest = self.places.iter().filter(around).max_by_key(|(place, _)| place.len());
        nearest.map_or(self.whole, |(_, span)| *span)
    }

    #[cfg(test)]
    pub(crate) fn into_value(self) -> Map<String, Value> {
        self.value
    }
}

/// A key: a name, or a text where it is none.
pub(crate) fn key(input: ParseStream<'_>) -> syn::Result<(String, Span)> {
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        return Ok((text.value(), text.span()));
    }
    let name = input
        .call(Ident::parse_any)
        .map_err(|error| Error::new(error.span(), "expected a field's name"))?;
    Ok((name.unraw().to_string(), name.span()))
}

/// The value at `pointer`; the places inside it are noted.
pub(crate) fn value(
    input: ParseStream<'_>,
    pointer: &str,
    fields: &mut Fields,
) -> syn::Result<Value> {
    if input.peek(token::Bracket) {
        let content;
        bracketed!(content in input);
        let mut list = Vec::new();
        while !content.is_empty() {
            let pointer = format!("{pointer}/{}", list.len());
            fields.places.push((pointer.clone(), content.span()));
            list.push(value(&content, &pointer, fields)?);
            comma(&content)?;
        }
        return Ok(Value::Array(list));
    }
    if input.peek(token::Brace) {
        let content;
        braced!(content in input);
        let mut table = Map::new();
        while !content.is_empty() {
            let (name, at) = key(&content)?;
            content.parse::<Token![=]>()?;
            let pointer = format!("{pointer}/{}", escaped(&name));
            fields.places.push((pointer.clone(), at));
            let value = value(&content, &pointer, fields)?;
            insert(&mut table, name, at, value)?;
            comma(&content)?;
        }
        return Ok(Value::Object(table));
    }
    let negative = input.parse::<Option<Token![-]>>()?.is_some();
    let at = input.span();
    let literal: Lit = input.parse().map_err(|_| Error::new(at, EXPECTED))?;
    scalar(&literal, negative)
}

fn scalar(literal: &Lit, negative: bool) -> syn::Result<Value> {
    let sign = if negative { "-" } else { "" };
    let wrong = |message: &str| Err(Error::new(literal.span(), message));
    match literal {
        Lit::Str(text) if !negative => Ok(text.value().into()),
        Lit::Bool(flag) if !negative => Ok(flag.value.into()),
        Lit::Int(number) => {
            let digits = format!("{sign}{}", number.base10_digits());
            let value = digits.parse::<u64>().map(Value::from);
            match value.or_else(|_| digits.parse::<i64>().map(Value::from)) {
                Ok(value) => Ok(value),
                Err(_) => wrong("the number is too large; whole numbers have 64 bits"),
            }
        }
        Lit::Float(number) => {
            let digits = format!("{sign}{}", number.base10_digits());
            match digits.parse().ok().and_then(Number::from_f64) {
                Some(value) => Ok(Value::Number(value)),
                None => wrong("the number is too large"),
            }
        }
        _ => wrong(EXPECTED),
    }
}

fn comma(content: ParseStream<'_>) -> syn::Result<()> {
    match content.is_empty() {
        true => Ok(()),
        false => content.parse::<Token![,]>().map(drop),
    }
}

fn insert(table: &mut Map<String, Value>, key: String, at: Span, value: Value) -> syn::Result<()> {
    if table.contains_key(&key) {
        return Err(Error::new(at, format!("`{key}` is said twice")));
    }
    table.insert(key, value);
    Ok(())
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
