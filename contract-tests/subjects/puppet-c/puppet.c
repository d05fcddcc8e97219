/* A plugin of the kind `puppet` that breaks the interface in every way that C can: its input, a
 * text, says how. What it holds is broken by the macros below. */

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hookspec_plugin.h"

#ifndef ABI
#define ABI HOOKSPEC_ABI_VERSION
#endif
#ifndef LIBRARY_SIZE
#define LIBRARY_SIZE sizeof(hookspec_library)
#endif
#ifndef PLUGIN_SIZE
#define PLUGIN_SIZE sizeof(hookspec_plugin)
#endif
#ifndef FLAGS
#define FLAGS 0
#endif
#ifndef MANIFEST
#define MANIFEST "{\"name\":\"puppet-c\",\"kind\":\"puppet\"}"
#endif
#ifndef HOOK
#define HOOK "ask"
#endif
#ifndef DIGEST
#define DIGEST ""
#endif
#ifndef MAJOR
#define MAJOR 1
#endif
#ifndef CLASH
#define CLASH 1
#endif
#ifndef SUBSCRIPTIONS
#define SUBSCRIPTIONS ""
#endif
#ifndef CREATE
#define CREATE create
#endif
#ifndef PLUGINS
#define PLUGINS plugins
#endif
#ifndef COUNT
#define COUNT 1
#endif
#ifndef LIBRARY
#define LIBRARY &library
#endif
#ifndef SYMBOL
#define SYMBOL hookspec_plugins
#endif

/* A name that another library has too: each must find its own. */
int puppet_clash(void) { return CLASH; }

static hookspec_bytes text(const char *text) {
    return (hookspec_bytes){(const uint8_t *)text, strlen(text)};
}

typedef struct {
    const hookspec_host *host;
    void *context;
    /* The call that is completed when it is cancelled. */
    _Atomic uint64_t late;
    /* What it was told to do, and how it is. */
    atomic_int quiesced, resumed, changed, health;
    /* What came of requests that nobody's answer depends on. */
    atomic_int answers, faults;
    /* The call that a flood was asked in. */
    _Atomic uint64_t flood;
    /* What an emission was told that came after its call. */
    atomic_int late_code;
} state;

typedef struct {
    state *own;
    uint64_t id;
    const char *answer;
    unsigned wait_ms;
} task;

#ifdef LACKS
int nobody_defines_this(void);
#endif

static void *create(const hookspec_plugin *plugin, const hookspec_host *host, void *context, uint64_t id) {
    (void)plugin;
    state *own = calloc(1, sizeof *own);
    own->host = host;
    own->context = context;
    host->done(context, id, HOOKSPEC_VALUE, (hookspec_bytes){0});
    return own;
}

static void *complete(void *argument) {
    task *work = argument;
    usleep(work->wait_ms * 1000);
    work->own->host->done(work->own->context, work->id, HOOKSPEC_VALUE, text(work->answer));
    free(work);
    return NULL;
}

static void *log_for_a_while(void *argument) {
    state own = *(state *)argument;
    free(argument);
    for (int round = 0; round < 50; round++) {
        own.host->log(own.context, 0, HOOKSPEC_LOG_DEBUG, text("thread"), text("still here"), text(""));
        own.host->done(own.context, 12345, HOOKSPEC_VALUE, text("1"));
        usleep(2000);
    }
    return NULL;
}

static void later(void *(*work)(void *), void *argument) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, argument) == 0) pthread_detach(thread);
}

static void complete_later(state *own, uint64_t id, const char *answer, unsigned wait_ms) {
    task *work = malloc(sizeof *work);
    *work = (task){own, id, answer, wait_ms};
    later(complete, work);
}

static int says(const hookspec_call *call, const char *what) {
#ifdef HARMLESS
    return 0;
#endif
    size_t length = strlen(what);
    return call->input.len == length + 2 && memcmp(call->input.data + 1, what, length) == 0;
}

#include "lent.h"
#include "events.h"

static void call(void *instance, const hookspec_call *call) {
    state *own = instance;
    const hookspec_host *host = own->host;
    void *context = own->context;
    uint64_t id = call->id;
#ifdef LACKS
    if (says(call, "lacks")) nobody_defines_this();
#endif
    if (says(call, "twice")) {
        host->done(context, id, HOOKSPEC_VALUE, text("1"));
        host->done(context, id, HOOKSPEC_VALUE, text("2"));
    } else if (says(call, "thread")) {
        complete_later(own, id, "\"from a thread\"", 5);
    } else if (says(call, "eight")) {
        for (int each = 0; each < 8; each++) complete_later(own, id, "8", 5);
    } else if (says(call, "when cancelled")) {
        own->late = id;
    } else if (says(call, "never")) {
        /* Nobody will hear of it. */
    } else if (says(call, "bad utf-8")) {
        host->done(context, id, HOOKSPEC_VALUE, text("\"\xff\xfe\""));
    } else if (says(call, "bad json")) {
        host->done(context, id, HOOKSPEC_VALUE, text("{\"a\":"));
    } else if (says(call, "huge")) {
        size_t length = 20u << 20;
        char *answer = malloc(length);
        memset(answer, 'x', length);
        answer[0] = answer[length - 1] = '"';
        host->done(context, id, HOOKSPEC_VALUE, (hookspec_bytes){(uint8_t *)answer, length});
        free(answer);
    } else if (says(call, "null")) {
        host->done(context, id, HOOKSPEC_VALUE, (hookspec_bytes){NULL, 77});
    } else if (says(call, "endless")) {
        host->done(context, id, HOOKSPEC_VALUE, (hookspec_bytes){(const uint8_t *)"x", (size_t)-1});
    } else if (says(call, "status")) {
        host->done(context, id, 99, text("1"));
    } else if (says(call, "fault")) {
        host->done(context, id, HOOKSPEC_FAULT,
                   text("{\"code\":\"own\",\"message\":\"as asked\",\"retryable\":true,\"data\":[1]}"));
    } else if (says(call, "bad fault")) {
        host->done(context, id, HOOKSPEC_FAULT, text("no JSON at all"));
    } else if (says(call, "garbage")) {
        for (uint64_t other = 0; other < 1000; other++)
            host->done(context, other * 0x9e3779b97f4a7c15u, 3, text("\xff"));
        host->log(context, 7, 99, text("\xff"), (hookspec_bytes){NULL, 9}, text("{"));
        host->span_close(context, 4711);
        host->done(NULL, id, HOOKSPEC_VALUE, text("1"));
        host->done(context, id, HOOKSPEC_VALUE, text("\"survived\""));
    } else if (says(call, "clash")) {
        host->done(context, id, HOOKSPEC_VALUE, text(puppet_clash() == 1 ? "1" : "2"));
    } else if (says(call, "outlive")) {
        state *copy = malloc(sizeof *copy);
        copy->host = host;
        copy->context = context;
        later(log_for_a_while, copy);
        host->done(context, id, HOOKSPEC_VALUE, text("true"));
    } else if (!use_what_is_lent(own, call) && !use_events(own, call)) {
        host->done(context, id, HOOKSPEC_VALUE, call->input);
    }
}

static int32_t cancel(void *instance, uint64_t id) {
    state *own = instance;
    if (own->late == id) {
        own->host->done(own->context, id, HOOKSPEC_VALUE, text("\"too late\""));
        return 1;
    }
    return 1;
}

static void release(void *instance) { free(instance); }

#define TEXT(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}

static const hookspec_hook hooks[] = {
    {TEXT(HOOK), TEXT(DIGEST)},
#ifdef HEARS
    {TEXT("$event"), {0}},
#endif
#ifdef ALL_HOOKS
    {TEXT("tell"), {0}}, {TEXT("link"), {0}}, {TEXT("pick"), {0}}, {TEXT("find"), {0}},
#endif
};

static const hookspec_plugin plugin = {
    .size = PLUGIN_SIZE,
    .kind_major = MAJOR,
    .manifest = TEXT(MANIFEST),
    .hooks = hooks,
    .hook_count = sizeof hooks / sizeof *hooks,
    .create = CREATE,
    .call = call,
    .cancel = cancel,
    .health = health,
    .teardown = teardown,
    .free = release,
    .answered = answered,
    .quiesce = quiesce,
    .resume = resume,
    .config_change = config_change,
    .subscriptions = TEXT(SUBSCRIPTIONS),
};

static const hookspec_plugin *const plugins[] = {&plugin};
static const hookspec_plugin *const nothing[] = {NULL};
/* Where a macro replaces what is used, it is used here. */
const void *const unused[] = {plugins, nothing};

static const hookspec_library library = {
    .size = LIBRARY_SIZE,
    .abi_version = ABI,
    .flags = FLAGS,
    .built_with = TEXT("C"),
    .plugins = PLUGINS,
    .plugin_count = COUNT,
};

const hookspec_library *SYMBOL(void) {
    (void)library.size;
    (void)create;
    return LIBRARY;
}
