//! Types that hold themselves get a box in between; otherwise their size would be infinite.

use super::{Additional, Body, Node, Shape, Type, TypeId};

/// Boxes every part of a type through which the type holds itself.
pub(super) fn box_cycles(types: &mut [Type]) {
    let edges: Vec<Vec<TypeId>> = types.iter().map(by_value).collect();
    for (id, each) in types.iter_mut().enumerate() {
        let holds_itself = |part: TypeId| reaches(&edges, part, id);
        let fix = |node: &mut Node| box_node(node, &holds_itself);
        match &mut each.body {
            Body::Struct(body) => {
                body.fields.iter_mut().for_each(|field| fix(&mut field.node));
            }
            Body::Newtype(node) => fix(node),
            Body::Texts(_) | Body::Union(_) => {}
        }
    }
}

fn by_value(each: &Type) -> Vec<TypeId> {
    match &each.body {
        Body::Struct(body) => body.fields.iter().filter_map(|field| held(&field.node)).collect(),
        Body::Newtype(node) => held(node).into_iter().collect(),
        // The variants of a union are boxed by their enum.
        Body::Texts(_) | Body::Union(_) => Vec::new(),
    }
}

fn held(node: &Node) -> Option<TypeId> {
    match &node.shape {
        Shape::Named { id, .. } => Some(*id),
        Shape::Nullable(inner) => held(inner),
        _ => None,
    }
}

fn reaches(edges: &[Vec<TypeId>], from: TypeId, to: TypeId) -> bool {
    let mut seen = vec![false; edges.len()];
    let mut open = vec![from];
    while let Some(id) = open.pop() {
        if id == to {
            return true;
        }
        if let Some(seen) = seen.get_mut(id)
            && !std::mem::replace(seen, true)
        {
            open.extend(edges.get(id).into_iter().flatten());
        }
    }
    false
}

fn box_node(node: &mut Node, holds_itself: &dyn Fn(TypeId) -> bool) {
    match &mut node.shape {
        Shape::Named { id, boxed } => *boxed = holds_itself(*id),
        Shape::Nullable(inner) => box_node(inner, holds_itself),
        _ => {}
    }
}

/// The types whose values cannot break a rule: their checks need not be called.
pub(crate) fn harmless(types: &[Type]) -> Vec<bool> {
    let mut harmless = vec![true; types.len()];
    loop {
        let mut changed = false;
        for (id, each) in types.iter().enumerate() {
            if harmless[id] && !is_harmless(each, &harmless) {
                harmless[id] = false;
                changed = true;
            }
        }
        if !changed {
            return harmless;
        }
    }
}

fn is_harmless(each: &Type, known: &[bool]) -> bool {
    match &each.body {
        Body::Struct(body) => {
            let apart =
                matches!(body.additional, Additional::Kept { .. }) && !body.fields.is_empty();
            let values = match &body.additional {
                Additional::Kept { values, .. } => node_is_harmless(values, known),
                _ => true,
            };
            let fields = body.fields.iter().all(|field| node_is_harmless(&field.node, known));
            body.rules.is_empty() && !apart && values && fields
        }
        Body::Newtype(node) => node_is_harmless(node, known),
        Body::Texts(_) => true,
        Body::Union(union) => {
            union.variants.iter().all(|variant| known.get(variant.payload) == Some(&true))
        }
    }
}

/// Whether no value of a node can break a rule.
pub(crate) fn node_is_harmless(node: &Node, known: &[bool]) -> bool {
    node.rules.is_empty()
        && match &node.shape {
            Shape::List(inner) | Shape::Map(inner) | Shape::Nullable(inner) => {
                node_is_harmless(inner, known)
            }
            Shape::Named { id, .. } => known.get(*id) == Some(&true),
            _ => true,
        }
}
