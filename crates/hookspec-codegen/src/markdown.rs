//! The reference page of a kind.

use std::fmt::Write as _;

use hookspec_spec::{Kind, Mode};
use serde_json::Value;

use crate::docs::{cell, code, lines};
use crate::hooks::{self, HookView};
use crate::laws;
use crate::model::{
    Additional, Body, Check, Model, Node, Presence, Rule, Shape, Type, TypeId, translate,
};

/// The reference page of a kind, in Markdown: its hooks, their classes and laws, their payloads as
/// tables, their examples.
///
/// The same kind gives the same page. Links lead to `../laws.md`, so the page belongs into a folder
/// beside it, such as `docs/kinds/`.
pub fn markdown(kind: &Kind) -> String {
    let (view, documents) = hooks::view(kind);
    let model = translate::translate(&documents, &view.reserved());
    let mut page = Page { out: String::new(), model: &model };
    page.head(kind);
    for hook in &view.hooks {
        page.hook(hook);
    }
    page.payloads();
    page.out
}

struct Page<'a> {
    out: String,
    model: &'a Model,
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn paragraph(&mut self, text: &str) {
        for line in lines(text) {
            self.line(&line);
        }
        self.line("");
    }

    fn head(&mut self, kind: &Kind) {
        self.line(&format!("# {}", cell(kind.name.as_str())));
        self.line("");
        let source = format!("hookspecs/{}/v{}.yaml", kind.name, kind.major());
        self.line(&format!(
            "<!-- Generated from {source} by `hookspec generate`: change that. -->"
        ));
        self.line("");
        if let Some(description) = &kind.description {
            self.paragraph(description);
        }
        let mut facts = vec![format!("Version {}.", kind.api_version)];
        if kind.constraints.singleton_per_runtime {
            facts.push("At most one plugin of the kind is active.".into());
        }
        if kind.constraints.in_process_only {
            facts.push("Its plugins are linked into the host.".into());
        }
        self.paragraph(&facts.join(" "));
        self.line("| hook | class | input | output |");
        self.line("|---|---|---|---|");
        let (view, _) = hooks::view(kind);
        for hook in &view.hooks {
            let name = hook.hook.name.as_str();
            let output =
                if speaks_output(hook) { self.payload_link(hook.output) } else { "".into() };
            let row = format!(
                "| [{}](#hook-{name}) | {} | {} | {output} |",
                code(name),
                code(hook.hook.dispatch.as_str()),
                self.payload_link(hook.input)
            );
            self.line(&row);
        }
        self.line("");
    }

    fn hook(&mut self, view: &HookView<'_>) {
        let hook = view.hook;
        self.line(&format!("## Hook {}", code(hook.name.as_str())));
        self.line("");
        if let Some(instead) = &hook.deprecated {
            self.paragraph(&format!("Deprecated: {instead}"));
        }
        if let Some(description) = &hook.description {
            self.paragraph(description);
        }
        self.paragraph(&laws::sentence(hook));
        let anchor = laws::section(hook.dispatch);
        let ids = laws::ids(hook.dispatch);
        self.line(&format!("All of its laws: [{ids}](../laws.md#{anchor})."));
        self.line("");
        let mut facts = Vec::new();
        match hook.timeout {
            Some(timeout) => {
                facts.push(format!("The whole dispatch ends after {} ms.", timeout.as_millis()));
            }
            None => facts.push("The host's default bounds the whole dispatch.".into()),
        }
        if hook.mode == Mode::Sync {
            facts.push("It answers at once: no async runtime is needed.".into());
        }
        if hook.required {
            facts.push("Every plugin of the kind implements it.".into());
        }
        if let Some(event) = &hook.event {
            let event = code(event.as_str());
            facts.push(format!("It is called for the events {event}, with the data of each."));
        }
        if hook.idempotent {
            facts.push("Calling it twice is the same as calling it once.".into());
        }
        if let Some(since) = &hook.since {
            facts.push(format!("Since {since}."));
        }
        if let Some(writable) = &hook.writable {
            let list: Vec<_> = writable.iter().map(|pointer| code(pointer)).collect();
            facts.push(format!("A plugin may change {} and nothing else.", list.join(", ")));
        }
        self.paragraph(&facts.join(" "));
        for example in &hook.examples {
            self.line("Example:");
            self.line("");
            self.json(&example.input);
            if let Some(output) = &example.output {
                self.line("may be answered by");
                self.line("");
                self.json(output);
            }
        }
    }

    fn json(&mut self, value: &Value) {
        let text = serde_json::to_string_pretty(value).unwrap_or_default();
        // A fence longer than any run of backticks inside.
        let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        self.line(&format!("{fence}json\n{text}\n{fence}"));
        self.line("");
    }

    fn payload_link(&self, root: usize) -> String {
        match self.model.roots.get(root).and_then(|root| root.payload) {
            Some(id) => self.link(id),
            None => "any JSON".into(),
        }
    }

    fn link(&self, id: TypeId) -> String {
        let name = self.model.types.get(id).map_or("", |each| each.name.as_str());
        format!("[{}](#{})", code(name), name.to_lowercase())
    }

    fn payloads(&mut self) {
        if self.model.types.is_empty() {
            return;
        }
        self.line("## Payloads");
        self.line("");
        for each in &self.model.types {
            self.payload(each);
        }
        self.remarks();
    }

    fn payload(&mut self, each: &Type) {
        self.line(&format!("### {}", each.name));
        self.line("");
        if let Some(text) = &each.docs.description {
            self.paragraph(text);
        }
        match &each.body {
            Body::Struct(body) => {
                if !body.fields.is_empty() {
                    self.line("| field | type | required | constraints | description |");
                    self.line("|---|---|---|---|---|");
                }
                for field in &body.fields {
                    let required = match &field.presence {
                        Presence::Required => "yes".to_owned(),
                        Presence::Optional => "no".to_owned(),
                        Presence::Default(value) => format!("no: {}", code(&value.to_string())),
                    };
                    let text = field.docs.description.as_deref().or(field.docs.title.as_deref());
                    let row = format!(
                        "| {} | {} | {required} | {} | {} |",
                        code(&field.key),
                        self.name_of(&field.node),
                        self.constraints(&field.node),
                        cell(text.unwrap_or_default())
                    );
                    self.line(&row);
                }
                if !body.fields.is_empty() {
                    self.line("");
                }
                let rest = match &body.additional {
                    Additional::Refused => "No other properties.".to_owned(),
                    Additional::Ignored => "Other properties are ignored.".to_owned(),
                    Additional::Kept { values, .. } => {
                        format!("Other properties are kept: {}.", self.name_of(values))
                    }
                };
                let rules: Vec<_> = body.rules.iter().map(rule).collect();
                let rules = if rules.is_empty() {
                    String::new()
                } else {
                    format!(" {}.", rules.join("; "))
                };
                self.line(&format!("{rest}{rules}"));
                self.line("");
            }
            Body::Texts(texts) => {
                let texts: Vec<_> = texts.iter().map(|(text, _)| code(text)).collect();
                self.line(&format!("One of {}.", texts.join(", ")));
                self.line("");
            }
            Body::Newtype(node) => {
                let constraints = self.constraints(node);
                let constraints =
                    if constraints.is_empty() { String::new() } else { format!("; {constraints}") };
                let text = format!("A value of type {}{constraints}.", self.name_of(node));
                self.line(&text);
                self.line("");
            }
            Body::Union(union) => {
                self.line(&format!("| {} | payload |", code(&union.tag)));
                self.line("|---|---|");
                for variant in &union.variants {
                    let texts: Vec<_> = variant.texts.iter().map(|text| code(text)).collect();
                    let row = format!("| {} | {} |", texts.join(", "), self.link(variant.payload));
                    self.line(&row);
                }
                self.line("");
            }
        }
    }

    fn remarks(&mut self) {
        let mut text = String::new();
        for root in &self.model.roots {
            for note in &root.unchecked {
                let place = code(&format!("{}#{}", root.label, note.pointer));
                // Writing to a text cannot fail.
                let _ = writeln!(text, "- {place}: {}", cell(&note.reason));
            }
        }
        if !text.is_empty() {
            self.line(
                "The generated Rust types do not check these keywords; the host does, on JSON:",
            );
            self.line("");
            self.line(&text);
        }
        while self.out.ends_with("\n\n") {
            self.out.pop();
        }
    }

    fn name_of(&self, node: &Node) -> String {
        match &node.shape {
            Shape::Any => "any JSON".into(),
            Shape::Never => "nothing".into(),
            Shape::Null => "null".into(),
            Shape::Bool => "boolean".into(),
            Shape::Integer | Shape::Unsigned => "integer".into(),
            Shape::Float => "number".into(),
            Shape::Text => "string".into(),
            Shape::List(items) => format!("list of {}", self.name_of(items)),
            Shape::Map(values) if values.shape == Shape::Any => "object".into(),
            Shape::Map(values) => format!("object of {}", self.name_of(values)),
            Shape::Nullable(inner) => format!("{} or null", self.name_of(inner)),
            Shape::Named { id, .. } => self.link(*id),
        }
    }

    /// What a value must satisfy beyond its type, and what its parts must.
    fn constraints(&self, node: &Node) -> String {
        let mut found: Vec<String> = Vec::new();
        if node.shape == Shape::Unsigned {
            found.push("not negative".into());
        }
        found.extend(
            node.rules.iter().filter(|rule| !matches!(rule.check, Check::Finite)).map(rule),
        );
        let inner = match &node.shape {
            Shape::List(inner) | Shape::Map(inner) => {
                let inner = self.constraints(inner);
                if inner.is_empty() { inner } else { format!("each {inner}") }
            }
            Shape::Nullable(inner) => self.constraints(inner),
            _ => String::new(),
        };
        if !inner.is_empty() {
            found.push(inner);
        }
        found.join("; ")
    }
}

fn speaks_output(hook: &HookView<'_>) -> bool {
    hook.hook.dispatch != hookspec_spec::DispatchClass::BroadcastNotify
}

fn rule(rule: &Rule) -> String {
    let count = |count: &usize, noun: &str| match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    };
    let properties = |count: &usize| match count {
        1 => "1 property".to_owned(),
        count => format!("{count} properties"),
    };
    match &rule.check {
        Check::MinLength(least) => format!("at least {}", count(least, "character")),
        Check::MaxLength(most) => format!("at most {}", count(most, "character")),
        Check::MinItems(least) => format!("at least {}", count(least, "item")),
        Check::MaxItems(most) => format!("at most {}", count(most, "item")),
        Check::MinProperties(least) => format!("At least {}", properties(least)),
        Check::MaxProperties(most) => format!("At most {}", properties(most)),
        Check::UniqueItems => "no item twice".into(),
        Check::Minimum(limit) => format!("at least {limit}"),
        Check::Maximum(limit) => format!("at most {limit}"),
        Check::ExclusiveMinimum(limit) => format!("more than {limit}"),
        Check::ExclusiveMaximum(limit) => format!("less than {limit}"),
        Check::MultipleOf(divisor) => format!("a multiple of {divisor}"),
        Check::OneNumber(allowed) => {
            let allowed: Vec<_> = allowed.iter().map(ToString::to_string).collect();
            format!("one of {}", allowed.join(", "))
        }
        Check::OneOf(allowed) => {
            let allowed: Vec<_> = allowed.iter().map(|value| code(&value.to_string())).collect();
            format!("one of {}", allowed.join(", "))
        }
        Check::OneType(types) => types.join(" or "),
        Check::Finite => String::new(),
    }
}
