/* The interface between a host and a plugin in a shared library: see docs/dylib-abi.md.
 *
 * A library defines one function, which returns what it holds:
 *
 *     const hookspec_library *hookspec_plugins(void);
 *
 * Generated from crates/hookspec-bridge/src/dylib/abi.rs. Do not edit. */

#ifndef HOOKSPEC_PLUGIN_H
#define HOOKSPEC_PLUGIN_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/*
 The version of this interface. A host refuses a library of another one: what is appended to a
 structure does not change it, `size` tells how much of the structure is there.
 */
#define HOOKSPEC_ABI_VERSION 1

/*
 A flag of `hookspec_library`: a panic in the library ends the process. The host refuses it.
 */
#define HOOKSPEC_FLAG_PANIC_ABORT 1

/*
 Status: the answer is a JSON value; of no bytes at all, `null`.
 */
#define HOOKSPEC_VALUE 0

/*
 Status, of chain hooks: the value that came in goes on as it is.
 */
#define HOOKSPEC_UNCHANGED 1

/*
 Status, of chain hooks: the value that came in is the result, nobody after this one is called.
 */
#define HOOKSPEC_STOP 2

/*
 Status: it went wrong. The answer is a JSON object: `code` and `message` (texts), and where
 there is more to say `retryable` (a boolean) and `data`.
 */
#define HOOKSPEC_FAULT 3

/*
 Status: the plugin panicked, and caught it. The answer is a JSON object: `message`, and where it
 is known `file`, `line`, `column`.
 */
#define HOOKSPEC_PANIC 4

/*
 Status, of a teardown: something stays until the process ends; a new instance needs a restart.
 */
#define HOOKSPEC_REQUIRES_RESTART 5

/*
 Status, of another configuration: it holds for a new instance, and this one is replaced.
 */
#define HOOKSPEC_NEEDS_RELOAD 6

/*
 What a function of the host answers where it did what was asked.
 */
#define HOOKSPEC_OK 0

/*
 What a function of the host answers where this host does not offer it.
 */
#define HOOKSPEC_UNSUPPORTED -1

/*
 What a function of the host answers where it was given something that it cannot read.
 */
#define HOOKSPEC_INVALID -2

/*
 What a function of the host answers where what it was asked for has ended: the call, or the
 instance.
 */
#define HOOKSPEC_GONE -3

/*
 What a function of the host answers where it is too much: too long, or too much of it at once.
 */
#define HOOKSPEC_TOO_MUCH -4

/*
 What a function of the host answers where it is not allowed.
 */
#define HOOKSPEC_DENIED -5

/*
 Level of a log record: something failed and somebody should look.
 */
#define HOOKSPEC_LOG_ERROR 1

/*
 Level of a log record: something is not as it should be.
 */
#define HOOKSPEC_LOG_WARN 2

/*
 Level of a log record: something an operator may want to know.
 */
#define HOOKSPEC_LOG_INFO 3

/*
 Level of a log record: something a developer may want to know.
 */
#define HOOKSPEC_LOG_DEBUG 4

/*
 Bytes that the other side owns: UTF-8, without a zero at the end. They are lent until the
 function that got them returns, unless the member that holds them says otherwise. `data` may be
 null where `len` is 0.
 */
typedef struct hookspec_bytes {
  /*
   The first byte.
   */
  const uint8_t *data;
  /*
   How many.
   */
  size_t len;
} hookspec_bytes;

/*
 One hook of a plugin.
 */
typedef struct hookspec_hook {
  /*
   Its name.
   */
  struct hookspec_bytes name;
  /*
   The digest of what the plugin was built against: schemas, class, mode. Empty where it is not
   known. Another digest than the host's is logged; the host validates both directions always.
   */
  struct hookspec_bytes digest;
} hookspec_hook;

/*
 What a host offers. Read no member beyond `size`: those after `emit` were appended.
 */
typedef struct hookspec_host {
  /*
   `sizeof(hookspec_host)`, as the host was built.
   */
  uint32_t size;
  /*
   `HOOKSPEC_ABI_VERSION` of the host.
   */
  uint32_t abi_version;
  /*
   Completes what has this id, with a status and an answer that is copied before it returns.
   */
  void (*done)(void *context, uint64_t id, int32_t status, struct hookspec_bytes answer);
  /*
   Writes to the host's log. `id` is that of the call it belongs to, or 0; `target` says which
   part of the plugin speaks, and may be empty; `fields` is a JSON object, or empty.
   */
  int32_t (*log)(void *context,
                 uint64_t id,
                 int32_t level,
                 struct hookspec_bytes target,
                 struct hookspec_bytes message,
                 struct hookspec_bytes fields);
  /*
   The plugin's configuration as it is now, a JSON value; lent while the process lives.
   */
  struct hookspec_bytes (*config)(void *context);
  /*
   Whether nobody waits for this call any more: 1, else 0.
   */
  int32_t (*is_cancelled)(void *context, uint64_t id);
  /*
   Opens a span in the host's tracing and returns what it is known by; 0 where nobody listens.
   `parent` is another span, or 0: then the call `id`.
   */
  uint64_t (*span_open)(void *context,
                        uint64_t id,
                        uint64_t parent,
                        int32_t level,
                        struct hookspec_bytes name,
                        struct hookspec_bytes fields);
  /*
   Writes to the host's log, inside a span.
   */
  int32_t (*span_log)(void *context,
                      uint64_t span,
                      int32_t level,
                      struct hookspec_bytes target,
                      struct hookspec_bytes message,
                      struct hookspec_bytes fields);
  /*
   Closes a span.
   */
  int32_t (*span_close)(void *context, uint64_t span);
  /*
   Sets a gauge. Its name, and those of labels, are ASCII letters, digits and `_`; `labels` is
   a JSON object of texts, or empty.
   */
  int32_t (*metric)(void *context,
                    struct hookspec_bytes name,
                    double value,
                    struct hookspec_bytes labels);
  /*
   As `ask`, with the id of the call as the number of the request.
   */
  int32_t (*resource)(void *context,
                      uint64_t id,
                      struct hookspec_bytes name,
                      struct hookspec_bytes request);
  /*
   Says how far the work is: so many steps of so many, negative where that is not known, and a
   text. A fraction of a step is cut off. `id` is that of the call it belongs to, or 0.
   */
  int32_t (*progress)(void *context,
                      uint64_t id,
                      double so_far,
                      double of,
                      struct hookspec_bytes text);
  /*
   As `emit_in`, beside any call and without an answer. A host that is older than that one
   answers `HOOKSPEC_UNSUPPORTED`.
   */
  int32_t (*emit)(void *context, struct hookspec_bytes event);
  /*
   Adds to a counter, which only grows. Name and labels as for `metric`.
   */
  int32_t (*count)(void *context,
                   struct hookspec_bytes name,
                   uint64_t by,
                   struct hookspec_bytes labels);
  /*
   Adds one observation, such as a duration in seconds, to a histogram. Name and labels as for
   `metric`.
   */
  int32_t (*observe)(void *context,
                     struct hookspec_bytes name,
                     double value,
                     struct hookspec_bytes labels);
  /*
   Says that the work has ended: `HOOKSPEC_VALUE`, or `HOOKSPEC_FAULT` and a text that says why.
   */
  int32_t (*progress_end)(void *context, uint64_t id, int32_t status, struct hookspec_bytes text);
  /*
   Asks a resource of the host by name. `what` is a JSON value, `request` a number of the
   plugin's own choice that `hookspec_plugin.answered` gives back, and `id` what the request
   belongs to: a call, or another thing the host asked, that has not ended. `HOOKSPEC_OK`: the
   request was taken, and is answered.
   */
  int32_t (*ask)(void *context,
                 uint64_t id,
                 uint64_t request,
                 struct hookspec_bytes name,
                 struct hookspec_bytes what);
  /*
   What the host lends to the plugin, a JSON object: `resources`, the names that can be asked;
   `checkpoints`, whether the resource `$checkpoints` is there; `events`, whether there are
   events; `tenant`, the id of the tenant or `null`. Lent while the process lives.
   */
  struct hookspec_bytes (*lends)(void *context);
  /*
   Whether the tenant may do something with something: `HOOKSPEC_OK` or `HOOKSPEC_DENIED`.
   */
  int32_t (*check_access)(void *context,
                          struct hookspec_bytes resource,
                          struct hookspec_bytes action);
  /*
   Publishes an event, a JSON object of which only `type` is needed, without waiting: a queue
   that is full drops it. `id` is that of the call it is emitted in, or 0; what caused it, and on
   whose behalf it is, the host knows from there. `HOOKSPEC_OK`: it was published; otherwise
   nobody receives it.

   `take`, which may be null, is called once before this returns, with `to`: the status
   `HOOKSPEC_VALUE` with a JSON object (`id`; `matched`, how many subscriptions want it;
   `dropped`, how many of those had no room), or `HOOKSPEC_FAULT` with one as above.
   */
  int32_t (*emit_in)(void *context,
                     uint64_t id,
                     struct hookspec_bytes event,
                     void (*take)(void *to, int32_t status, struct hookspec_bytes answer),
                     void *to);
} hookspec_host;

/*
 One call of one hook. Read no member beyond `size`: those after `remaining_ns` were appended.
 */
typedef struct hookspec_call {
  /*
   `sizeof(hookspec_call)`, as the host was built.
   */
  uint32_t size;
  /*
   Zero.
   */
  uint32_t reserved;
  /*
   What `done` and `cancel` know the call by.
   */
  uint64_t id;
  /*
   The name of the hook.
   */
  struct hookspec_bytes hook;
  /*
   The input, a JSON value.
   */
  struct hookspec_bytes input;
  /*
   The caller's metadata, a JSON object.
   */
  struct hookspec_bytes metadata;
  /*
   How long the host waits, in nanoseconds from now; negative where it does not say.
   */
  int64_t remaining_ns;
  /*
   Where the call is part of handling an event, a JSON object, otherwise empty: `name`, what the
   plugin calls the subscription, or `null`; `subscription`, its number; `lagged`, how many
   events it lost since the last one; `attempt`, from 1; and `event`, which is missing where the
   hook is `$event`: there the event is the input.
   */
  struct hookspec_bytes cause;
} hookspec_call;

/*
 One plugin. It stays where it is while the process lives.

 All but `cancel`, `free` and `answered` end by one call of `hookspec_host.done` with the id they
 were given: before they return, or later from any thread. A second one, and one after
 `cancel`, is ignored and counted. No function may unwind or call `longjmp` out of itself. All of
 them may be called from any thread, `call`, `cancel`, `health` and `answered` also at the same
 time.
 */
typedef struct hookspec_plugin {
  /*
   `sizeof(hookspec_plugin)`, as the library was built.
   */
  uint32_t size;
  /*
   The major version of the kind that it was built for.
   */
  uint32_t kind_major;
  /*
   Its manifest, a JSON object; at least `name` and `kind`.
   */
  struct hookspec_bytes manifest;
  /*
   The hooks it implements, an array.
   */
  const struct hookspec_hook *hooks;
  /*
   How many.
   */
  size_t hook_count;
  /*
   Makes an instance and prepares it; `done` says whether that went well (`HOOKSPEC_VALUE`
   without bytes) or not. `plugin` is this
   descriptor. What it returns is given to the functions below, null too. `host` and
   `context` may be used while the process lives, from any thread, also after `free`.
   */
  void *(*create)(const struct hookspec_plugin *plugin,
                  const struct hookspec_host *host,
                  void *context,
                  uint64_t id);
  /*
   Answers one hook. What `call` points to is lent until it returns: copy what is needed later.
   */
  void (*call)(void *instance, const struct hookspec_call *call);
  /*
   Nobody waits for this call any more: stop working on it. Answers 1 where nothing of the call
   will touch the instance any more; or 0, and completes it later all the same. May be null:
   then every call is completed.
   */
  int32_t (*cancel)(void *instance, uint64_t id);
  /*
   How the instance is: `HOOKSPEC_VALUE` without bytes is well, with a JSON text it is degraded
   and the text says how, `HOOKSPEC_FAULT` is failed. May be null: then it is well.
   */
  void (*health)(void *instance, uint64_t id);
  /*
   Gives back what `create` took; called once. No call begins afterwards, but calls that the
   host gave up may not have ended, and `cancel` of one may still come. `HOOKSPEC_VALUE` or
   `HOOKSPEC_REQUIRES_RESTART`. May be null: then there is nothing to give back.
   */
  void (*teardown)(void *instance, uint64_t id);
  /*
   Frees the instance: after `teardown`, or after a `create` that went wrong, and after the end
   of every call; never called where one has not ended, or `create` returned null. May be null.
   */
  void (*free)(void *instance);
  /*
   Hands over what a resource answered: `request` is the number that was given to
   `hookspec_host.ask`, the status `HOOKSPEC_VALUE` with a JSON value or `HOOKSPEC_FAULT` with
   one as above. Called once for every request that the host took, before the call ends for the
   host that it was asked in; never while `hookspec_host.ask` runs for that request. May be
   null: then no resource can be asked.
   */
  void (*answered)(void *instance, uint64_t request, int32_t status, struct hookspec_bytes answer);
  /*
   Lets go of what only one instance can hold, such as a port: another one is about to be
   created. Calls still come. `HOOKSPEC_VALUE` or `HOOKSPEC_FAULT`. May be null: then there is
   nothing to let go of.
   */
  void (*quiesce)(void *instance, uint64_t id);
  /*
   Takes that back: the other instance did not come to be. As `quiesce`.
   */
  void (*resume)(void *instance, uint64_t id);
  /*
   Takes another configuration, a JSON value that is lent until this returns. `HOOKSPEC_VALUE`:
   it holds, and `hookspec_host.config` answers it from then on; `HOOKSPEC_NEEDS_RELOAD`; or
   `HOOKSPEC_FAULT`: the one before stays. May be null: then a new instance takes it.
   */
  void (*config_change)(void *instance, uint64_t id, struct hookspec_bytes config);
  /*
   The events it wants beside those that its manifest file names: a JSON array of subscriptions,
   as in `plugin.toml`; empty where it wants none. They are delivered through the hook `$event`.
   */
  struct hookspec_bytes subscriptions;
} hookspec_plugin;

/*
 What a library holds. It stays where it is while the process lives.
 */
typedef struct hookspec_library {
  /*
   `sizeof(hookspec_library)`, as the library was built.
   */
  uint32_t size;
  /*
   `HOOKSPEC_ABI_VERSION`, as the library was built.
   */
  uint32_t abi_version;
  /*
   `HOOKSPEC_FLAG_...`, or'ed.
   */
  uint64_t flags;
  /*
   What it was built with, for people: compiler, versions.
   */
  struct hookspec_bytes built_with;
  /*
   Its plugins, an array of pointers.
   */
  const struct hookspec_plugin *const *plugins;
  /*
   How many.
   */
  size_t plugin_count;
} hookspec_library;

#endif  /* HOOKSPEC_PLUGIN_H */

#ifdef __cplusplus
extern "C"
#endif
#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const hookspec_library *hookspec_plugins(void);
