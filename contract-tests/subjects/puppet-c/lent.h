/* The part of the puppet that uses what the host lends, well and badly; and the rest of its life. */

#include <math.h>
#include <stdio.h>

/* The answer of a call: these numbers. */
static void numbers(state *own, uint64_t id, const int *all, size_t count) {
    char answer[512] = "[";
    size_t length = 1;
    for (size_t each = 0; each < count; each++)
        length += (size_t)snprintf(answer + length, sizeof answer - length, each ? ",%d" : "%d", all[each]);
    snprintf(answer + length, sizeof answer - length, "]");
    own->host->done(own->context, id, HOOKSPEC_VALUE, text(answer));
}
#define NUMBERS(...) do { \
    int all[] = {__VA_ARGS__}; \
    numbers(own, id, all, sizeof all / sizeof *all); \
} while (0)

static const hookspec_bytes nowhere = {NULL, 9};
static const hookspec_bytes endless = {(const uint8_t *)"x", (size_t)-1};

static void *ask_from_a_thread(void *argument) {
    task *work = argument;
    state *own = work->own;
    own->host->count(own->context, text("from_a_thread"), 1, text(""));
    own->host->progress(own->context, work->id, 1, 2, text("from a thread"));
    own->host->resource(own->context, work->id, text("echo"), text("\"asked from a thread\""));
    free(work);
    return NULL;
}

static void answered(void *instance, uint64_t request, int32_t status, hookspec_bytes answer) {
    state *own = instance;
    if (status == HOOKSPEC_VALUE) atomic_fetch_add(&own->answers, 1);
    else atomic_fetch_add(&own->faults, 1);
    /* A request under the number of its call: what comes of it is the answer. */
    if (request > 1000000) own->host->done(own->context, request, status, answer);
}

static void quiesce(void *instance, uint64_t id) {
    state *own = instance;
    atomic_fetch_add(&own->quiesced, 1);
    own->host->done(own->context, id, HOOKSPEC_VALUE, (hookspec_bytes){0});
}

static void resume(void *instance, uint64_t id) {
    state *own = instance;
    atomic_fetch_add(&own->resumed, 1);
    own->host->done(own->context, id, HOOKSPEC_FAULT, text("{\"code\":\"own\",\"message\":\"taken\"}"));
}

static void config_change(void *instance, uint64_t id, hookspec_bytes config) {
    state *own = instance;
    int32_t status = config.len == 1 ? HOOKSPEC_VALUE : HOOKSPEC_NEEDS_RELOAD;
    atomic_fetch_add(&own->changed, 1);
    own->host->done(own->context, id, status, (hookspec_bytes){0});
}

static void health(void *instance, uint64_t id) {
    state *own = instance;
    int health = atomic_load(&own->health);
    own->host->done(own->context, id, health == 2 ? HOOKSPEC_FAULT : HOOKSPEC_VALUE,
                    health == 0 ? (hookspec_bytes){0}
                    : health == 1 ? text("\"slow\"") : text("{\"code\":\"own\",\"message\":\"dead\"}"));
}

static void teardown(void *instance, uint64_t id) {
    state *own = instance;
    own->host->count(own->context, text("torn_down"), 1, text(""));
    own->host->done(own->context, id, HOOKSPEC_VALUE, (hookspec_bytes){0});
}

static void *flood_for_a_while(void *argument) {
    state own = *(state *)argument;
    free(argument);
    for (int round = 0; round < 20000; round++) {
        own.host->count(own.context, text("flood"), 1, text(""));
        own.host->progress(own.context, 0, round, -1, text("flood"));
        own.host->resource(own.context, 77, text("echo"), text("1"));
    }
    return NULL;
}

/* Whether the call asks for any of it: then it is answered, or will be. */
static int use_what_is_lent(state *own, const hookspec_call *call) {
    const hookspec_host *host = own->host;
    void *context = own->context;
    uint64_t id = call->id;
    if (says(call, "metrics")) {
        NUMBERS(host->count(context, text("asked_total"), 3, text("{\"by\":\"test\"}")),
                host->metric(context, text("depth"), 1.5, text("")),
                host->observe(context, text("seconds"), 0.25, text("{\"of\":\"a\",\"at\":\"b\"}")));
    } else if (says(call, "bad metrics")) {
        NUMBERS(host->metric(context, text("no name"), 1, text("")),
                host->metric(context, text(""), 1, text("")),
                host->metric(context, text("\xff"), 1, text("")),
                host->metric(context, nowhere, 1, text("")),
                host->metric(context, endless, 1, text("")),
                host->metric(context, text("m"), NAN, text("")),
                host->observe(context, text("m"), INFINITY, text("")),
                host->count(context, text("m"), 1, text("{\"a\":1}")),
                host->count(context, text("m"), 1, text("{\"a b\":\"\"}")),
                host->count(context, text("m"), 1, text("[")),
                host->count(context, text("m"), 1, endless),
                host->count(NULL, text("m"), 1, text("")));
    } else if (says(call, "progress")) {
        NUMBERS(host->progress(context, id, 3, 10, text("third")),
                host->progress(context, 0, 4.9, -1, text("")),
                host->progress_end(context, id, HOOKSPEC_FAULT, text("no further")),
                host->progress_end(context, id, HOOKSPEC_VALUE, text("")));
    } else if (says(call, "bad progress")) {
        NUMBERS(host->progress(context, id, NAN, 10, text("")),
                host->progress(context, id, 1, INFINITY, text("")),
                host->progress(context, id, -1, 10, text("")),
                host->progress(context, id, 1, 1, text("\xff")),
                host->progress(context, id, 1, 1, nowhere),
                host->progress(context, id, 1, 1, endless),
                host->progress(context, 4711, 1, 1, text("")),
                host->progress_end(context, id, 99, text("")),
                host->progress_end(NULL, id, 0, text("")));
    } else if (says(call, "bad requests")) {
        NUMBERS(host->ask(context, id, 1, text("echo"), text("{\"a\":")),
                host->ask(context, id, 1, text("echo"), text("\"\xff\"")),
                host->ask(context, id, 1, text("\xff"), text("1")),
                host->ask(context, id, 1, nowhere, text("1")),
                host->ask(context, id, 1, text("echo"), nowhere),
                host->ask(context, id, 1, text("echo"), endless),
                host->ask(context, 4711, 1, text("echo"), text("1")),
                host->ask(NULL, id, 1, text("echo"), text("1")));
    } else if (says(call, "ask deep")) {
        char deep[2000];
        memset(deep, '[', 1000);
        memset(deep + 1000, ']', 1000);
        NUMBERS(host->ask(context, id, 1, text("echo"), (hookspec_bytes){(uint8_t *)deep, 2000}));
    } else if (says(call, "ask echo")) {
        host->resource(context, id, text("echo"), text("{\"from\":\"C\"}"));
    } else if (says(call, "ask unknown")) {
        host->resource(context, id, text("unknown"), text("1"));
    } else if (says(call, "ask panic")) {
        host->resource(context, id, text("panic"), text("1"));
    } else if (says(call, "ask huge")) {
        host->resource(context, id, text("huge"), text("1"));
    } else if (says(call, "ask never")) {
        host->ask(context, id, 1, text("never"), text("1"));
    } else if (says(call, "ask and end")) {
        host->ask(context, id, 1, text("never"), text("1"));
        host->done(context, id, HOOKSPEC_VALUE, text("1"));
    } else if (says(call, "ask from a thread")) {
        task *work = malloc(sizeof *work);
        *work = (task){own, id, NULL, 0};
        later(ask_from_a_thread, work);
    } else if (says(call, "ask flood")) {
        int taken = 0, refused = 0;
        for (int each = 0; each < 1000; each++) {
            int code = host->ask(context, id, 1, text("echo"), text("1"));
            if (code == HOOKSPEC_OK) taken++;
            if (code == HOOKSPEC_TOO_MUCH) refused++;
        }
        NUMBERS(taken, refused);
    } else if (says(call, "can be asked")) {
        NUMBERS(host->ask(context, id, 1, text("echo"), text("1")));
    } else if (says(call, "came")) {
        NUMBERS(own->answers, own->faults);
    } else if (says(call, "told")) {
        NUMBERS(own->quiesced, own->resumed, own->changed);
    } else if (says(call, "config")) {
        host->done(context, id, HOOKSPEC_VALUE, host->config(context));
    } else if (says(call, "lends")) {
        host->done(context, id, HOOKSPEC_VALUE, host->lends(context));
    } else if (says(call, "may")) {
        NUMBERS(host->check_access(context, text("books"), text("read")),
                host->check_access(context, text("books"), text("burn")),
                host->check_access(context, nowhere, text("read")));
    } else if (says(call, "slow")) {
        own->health = 1;
        host->done(context, id, HOOKSPEC_VALUE, text("1"));
    } else if (says(call, "dead")) {
        own->health = 2;
        host->done(context, id, HOOKSPEC_VALUE, text("1"));
    } else if (says(call, "flood")) {
        state *copy = malloc(sizeof *copy);
        copy->host = host;
        copy->context = context;
        later(flood_for_a_while, copy);
        host->done(context, id, HOOKSPEC_VALUE, text("true"));
    } else {
        return 0;
    }
    return 1;
}
