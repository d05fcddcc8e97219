/* A lifecycle_listener in C: counts requests, and writes the counters to the host's log when it is
 * torn down.
 *
 *     cc -shared -fPIC -O2 -I../../../include -o libmetrics_exporter_c.so metrics_exporter.c
 *
 * It answers at once, so that nothing of it ever waits: `cancel` and `health` are left out. */

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hookspec_plugin.h"

static hookspec_bytes text(const char *text) {
    return (hookspec_bytes){(const uint8_t *)text, strlen(text)};
}

static int is(hookspec_bytes bytes, const char *text) {
    return bytes.len == strlen(text) && memcmp(bytes.data, text, bytes.len) == 0;
}

typedef struct {
    const hookspec_host *host;
    void *context;
    /* Calls come from several threads at once. */
    atomic_ulong started, finished, failed;
} counters;

static void *create(const hookspec_plugin *plugin, const hookspec_host *host, void *context, uint64_t id) {
    (void)plugin;
    counters *own = calloc(1, sizeof *own);
    if (own == NULL) {
        host->done(context, id, HOOKSPEC_FAULT, text("{\"code\":\"memory\",\"message\":\"there is none left\"}"));
        return NULL;
    }
    own->host = host;
    own->context = context;
    host->done(context, id, HOOKSPEC_VALUE, (hookspec_bytes){0});
    return own;
}

static void call(void *instance, const hookspec_call *call) {
    counters *own = instance;
    if (is(call->hook, "on_request_started")) atomic_fetch_add(&own->started, 1);
    if (is(call->hook, "on_request_finished")) atomic_fetch_add(&own->finished, 1);
    if (is(call->hook, "on_request_failed")) atomic_fetch_add(&own->failed, 1);
    own->host->done(own->context, call->id, HOOKSPEC_VALUE, (hookspec_bytes){0});
}

static void teardown(void *instance, uint64_t id) {
    counters *own = instance;
    char fields[128];
    snprintf(fields, sizeof fields, "{\"started\":%lu,\"finished\":%lu,\"failed\":%lu}",
             atomic_load(&own->started), atomic_load(&own->finished), atomic_load(&own->failed));
    own->host->log(own->context, id, HOOKSPEC_LOG_INFO, text(""), text("requests so far"), text(fields));
    own->host->done(own->context, id, HOOKSPEC_VALUE, (hookspec_bytes){0});
}

static void release(void *instance) { free(instance); }

#define TEXT(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}

static const hookspec_hook hooks[] = {
    {TEXT("on_request_started"), {0}},
    {TEXT("on_request_finished"), {0}},
    {TEXT("on_request_failed"), {0}},
};

static const hookspec_plugin plugin = {
    .size = sizeof(hookspec_plugin),
    .kind_major = 1,
    .manifest = TEXT("{\"name\":\"metrics-exporter-c\",\"kind\":\"lifecycle_listener\"}"),
    .hooks = hooks,
    .hook_count = sizeof hooks / sizeof *hooks,
    .create = create,
    .call = call,
    .teardown = teardown,
    .free = release,
};

static const hookspec_plugin *const plugins[] = {&plugin};

const hookspec_library *hookspec_plugins(void) {
    static const hookspec_library library = {
        .size = sizeof(hookspec_library),
        .abi_version = HOOKSPEC_ABI_VERSION,
        .built_with = TEXT("C"),
        .plugins = plugins,
        .plugin_count = 1,
    };
    return &library;
}
