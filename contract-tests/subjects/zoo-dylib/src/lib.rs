//! The zoo in one shared library: a plugin for each specimen that can live there, told apart by the
//! names in their manifests.

#![forbid(unsafe_code)]

macro_rules! export_each {
    ($($name:literal),+ $(,)?) => {
        hookspec::export!(make: $(|| zoo::Animal::named($name)),+);
    };
}

zoo::in_library!(export_each);
