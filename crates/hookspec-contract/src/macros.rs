//! `contract_tests!`: every check of a plugin as a test of its own.

/// Writes one test for each check of the contract suite, for a plugin of this crate.
///
/// The type is one that `#[plugin]` stands above (of every kind that it implements). The tests are
/// named after the checks, `contract::io_001_...`, so that `cargo test io_` and nextest choose among
/// them as ever; each runs the plugin in a process of its own.
///
/// ```ignore
/// hookspec::contract_tests!(MyPlugin);
/// hookspec::contract_tests!(
///     OtherPlugin as other_contract,                    // the name of the module: `contract` if absent
///     hookspecs = "hookspecs",                          // the folder of its kind
///     config = serde_json::json!({ "path": "${folder}/a" }),   // `${folder}` is a folder of its own
///     cases = "cases",                                  // a folder of cases
/// );
/// ```
///
/// Folders are relative to `Cargo.toml`. Without `hookspecs`, a folder of that name is looked for
/// beside `Cargo.toml` and in the folders above it, and then among the kinds that this project ships.
/// `HOOKSPEC_SEED` sets the seed, `HOOKSPEC_TIMEOUT_SCALE` the factor for slow machines.
#[macro_export]
macro_rules! contract_tests {
    ($plugin:ty $(, $option:ident = $value:expr)* $(,)?) => {
        $crate::contract_tests!($plugin as contract $(, $option = $value)*);
    };
    ($plugin:ty as $module:ident $(, $option:ident = $value:expr)* $(,)?) => {
        #[cfg(test)]
        mod $module {
            #[allow(unused_imports, reason = "what the options name may be here or in the crate")]
            use super::*;

            fn about() -> $crate::__private::About {
                $crate::__private::About::new(
                    ::std::any::type_name::<$plugin>(),
                    ::std::env!("CARGO_MANIFEST_DIR"),
                    ::std::env!("CARGO_PKG_NAME"),
                    ::std::module_path!(),
                )
                $(.$option($value))*
            }

            $crate::__each_check! {}
        }
    };
}

/// One test for each check, and one for the cases. A test of this crate compares the list with the
/// checks; `contract_tests!` cannot ask them, because names of tests are written before anything runs.
#[doc(hidden)]
#[macro_export]
macro_rules! __each_check {
    () => {
        $crate::__each_check! {
            man_001_the_manifest_keeps_to_its_schema "MAN-001",
            man_002_the_kind_is_known_in_the_major_version_that_the_manifest_names "MAN-002",
            man_003_every_hook_that_the_plugin_lists_is_one_of_its_kind "MAN-003",
            man_004_every_hook_that_the_kind_requires_is_there "MAN-004",
            man_005_every_hook_that_the_plugin_lists_is_served "MAN-005",
            man_006_no_hook_is_served_that_the_plugin_does_not_list "MAN-006",
            man_007_every_instance_says_the_same_of_itself "MAN-007",
            man_008_the_priority_is_below_1000_which_is_where_middleware_begins "MAN-008",
            man_009_what_is_declared_for_the_choice_by_capability_can_matter "MAN-009",
            io_001_answers_to_valid_inputs_satisfy_the_output_schema "IO-001",
            io_002_answers_to_inputs_at_the_bounds_of_their_schema_satisfy_the_output_schema "IO-002",
            io_003_answers_to_deeply_nested_inputs_satisfy_the_output_schema "IO-003",
            io_004_answers_to_large_inputs_satisfy_the_output_schema "IO-004",
            io_005_fields_that_the_schema_does_not_name_are_tolerated_where_it_is_open "IO-005",
            io_006_answers_to_unusual_texts_satisfy_the_output_schema "IO-006",
            io_007_every_example_of_the_hookspec_is_answered "IO-007",
            io_008_what_crosses_a_boundary_survives_json "IO-008",
            io_009_answers_have_the_form_of_their_dispatch_class "IO-009",
            io_010_an_input_that_the_schema_refuses_is_a_fault_should_it_arrive "IO-010",
            chn_001_a_link_changes_only_what_its_hook_lists_as_writable "CHN-001",
            cap_001_what_the_plugin_declares_is_really_processed "CAP-001",
            cap_002_a_fallback_copes_with_whatever_nobody_else_takes "CAP-002",
            det_001_an_idempotent_hook_answers_the_same_ten_times "DET-001",
            det_002_a_new_instance_answers_as_the_one_before_it "DET-002",
            det_003_the_answers_are_the_same_on_every_async_runtime "DET-003",
            det_004_the_answers_are_the_same_in_another_process "DET-004",
            amb_001_the_working_directory_does_not_change_the_answers "AMB-001",
            amb_002_the_environment_does_not_change_the_answers "AMB-002",
            amb_003_the_time_zone_does_not_change_the_answers "AMB-003",
            amb_004_the_locale_does_not_change_the_answers "AMB-004",
            amb_005_the_plugin_changes_nothing_that_belongs_to_the_whole_process "AMB-005",
            res_001_no_input_that_the_schema_accepts_makes_the_plugin_panic "RES-001",
            res_002_a_fault_says_what_is_wrong_and_harms_no_later_call "RES-002",
            res_003_every_call_ends_within_the_time_of_its_hook "RES-003",
            res_006_64_calls_at_once_are_answered_as_one_after_another "RES-006",
            res_004_a_call_that_is_cancelled_or_whose_time_is_up_ends "RES-004",
            res_005_after_a_cancellation_the_work_stops "RES-005",
            res_007_10_000_calls_leave_no_memory_behind "RES-007",
            res_008_10_000_calls_leave_no_thread_and_no_descriptor_behind "RES-008",
            lif_001_setup_succeeds_with_the_configuration_that_the_plugin_is_given "LIF-001",
            lif_002_teardown_succeeds_in_time "LIF-002",
            lif_009_a_call_before_setup_is_a_fault "LIF-009",
            lif_010_a_second_setup_of_the_same_instance_is_a_fault "LIF-010",
            lif_011_a_teardown_before_setup_ends_cleanly "LIF-011",
            lif_012_a_second_teardown_ends_cleanly "LIF-012",
            lif_013_a_call_after_teardown_is_a_fault "LIF-013",
            lif_014_two_instances_live_beside_each_other "LIF-014",
            lif_015_health_is_told_in_time_and_is_no_failure_after_setup "LIF-015",
            lif_016_a_wrong_configuration_is_a_fault_or_is_ignored_and_never_a_panic "LIF-016",
            lif_003_no_task_is_left_after_teardown "LIF-003",
            lif_004_no_thread_is_left_after_teardown "LIF-004",
            lif_005_no_file_descriptor_is_left_after_teardown "LIF-005",
            lif_006_no_temporary_file_is_left_after_teardown "LIF-006",
            lif_007_no_memory_is_left_after_teardown "LIF-007",
            lif_008_the_instance_itself_is_let_go_of "LIF-008",
            sec_001_the_plugin_does_not_end_the_process "SEC-001",
            sec_002_the_plugin_does_not_flood_standard_output_and_standard_error "SEC-002",
            sec_003_the_plugin_leaves_no_process_behind "SEC-003",
            sec_004_the_plugins_memory_is_bounded "SEC-004",
            sec_005_a_secret_of_the_configuration_is_told_to_nobody "SEC-005",
            sec_006_the_plugin_leaves_no_file_where_the_host_was_started "SEC-006",
            evt_001_who_subscribes_implements_event "EVT-001",
            evt_002_every_pattern_that_is_subscribed_to_can_match_something_declared "EVT-002",
            evt_003_no_event_that_is_as_declared_makes_the_plugin_panic_or_answer_a_fault_without_a_code "EVT-003",
            evt_004_what_it_answers_to_an_event_is_an_answer_to_an_event "EVT-004",
            evt_005_it_emits_only_what_its_manifest_allows "EVT-005",
            evt_006_what_it_emits_is_declared_with_data_that_its_schema_accepts "EVT-006",
            evt_007_its_own_events_do_not_set_it_off_until_the_depth_limit_ends_it "EVT-007",
            evt_008_it_survives_events_that_are_not_as_declared "EVT-008",
            evt_009_every_instance_subscribes_to_the_same "EVT-009",
            evt_010_after_its_teardown_it_emits_nothing_and_is_told_nothing "EVT-010",
            evt_011_each_event_is_handled_within_the_time_of_its_subscription_also_many_at_once "EVT-011",
            evt_012_every_filter_can_hold "EVT-012",
            cases "case:*",
        }
    };
    ($($name:ident $id:literal,)*) => {$(
        #[test]
        fn $name() {
            about().test($id, ::core::stringify!($name));
        }
    )*};
}

#[cfg(test)]
mod tests {
    use crate::check::{Check, checks};

    /// The list of the macro, read from this very file: a macro cannot be asked.
    fn listed() -> Vec<(String, String)> {
        let own = include_str!("macros.rs");
        let lines = own.lines().filter_map(|line| line.trim().strip_suffix("\","));
        let pairs = lines.filter_map(|line| line.split_once(" \""));
        pairs.map(|(name, id)| (name.to_owned(), id.to_owned())).collect()
    }

    fn name(check: &Check) -> String {
        let words = format!("{} {}", check.id, check.title).to_lowercase().replace('-', " ");
        let plain = |c: &char| c.is_ascii_alphanumeric() || *c == ' ';
        let words: String = words.chars().filter(plain).collect();
        words.split_whitespace().collect::<Vec<_>>().join("_")
    }

    #[test]
    fn every_check_has_its_test() {
        let mut wanted: Vec<_> = checks().map(|check| (name(check), check.id.to_owned())).collect();
        wanted.push(("cases".to_owned(), "case:*".to_owned()));
        let lines = |pairs: &[(String, String)]| {
            let mut lines: Vec<_> = pairs.iter().map(|(n, id)| format!("{n} \"{id}\",")).collect();
            lines.sort();
            lines.join("\n")
        };
        assert_eq!(lines(&listed()), lines(&wanted), "the list above is not that of the checks");
    }
}
