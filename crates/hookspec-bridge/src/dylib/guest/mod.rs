//! The plugin's end: what [`export!`](crate::export) makes of a Rust plugin.

mod asked;
mod asks;
mod bus;
mod crossing;
mod executor;
mod exports;
mod instance;
mod link;
mod panic;
mod services;
mod trace;

pub use exports::{Exports, List};

/// Makes the plugins of a shared library known to whoever opens it.
///
/// One line in the `lib.rs` of a crate with `crate-type = ["cdylib"]`. It names the types that
/// `#[plugin]` stands above:
///
/// ```ignore
/// hookspec::export!(AuditLogger);
/// ```
///
/// or, with `linked`, everything that the crates it depends on declare by `#[plugin]`
/// (`use the_crate as _;` names one that is not named otherwise); and, after `make:`, functions without parameters that return a
/// [`Plugin`](hookspec_plugin::Plugin):
///
/// ```ignore
/// hookspec::export!(make: || Greeter::default());
/// ```
///
/// It defines the symbol `hookspec_plugins`, which a program can have once: a crate that is linked
/// into applications as well says it behind a feature, or in a crate of its own.
#[macro_export]
macro_rules! export {
    (linked $(, make: $($make:expr),+)? $(,)?) => {
        $crate::export!(@
            |list: &mut $crate::dylib::guest::List| list.all_linked()
            $(, $(|list: &mut $crate::dylib::guest::List| list.make($make)),+)?
        );
    };
    (make: $($make:expr),+ $(,)?) => {
        $crate::export!(@ $(|list: &mut $crate::dylib::guest::List| list.make($make)),+);
    };
    ($($plugin:ty),+ $(,)?) => {
        $crate::export!(@ $(|list: &mut $crate::dylib::guest::List| list.linked::<$plugin>()),+);
    };
    (@ $($add:expr),+) => {
        const _: () = {
            static EXPORTS: $crate::dylib::guest::Exports = $crate::dylib::guest::Exports::new(
                ::core::cfg!(panic = "abort"),
                &[$($add),+],
            );

            #[unsafe(no_mangle)]
            pub extern "C" fn hookspec_plugins() -> *const $crate::dylib::abi::Library {
                EXPORTS.get()
            }
        };
    };
}
