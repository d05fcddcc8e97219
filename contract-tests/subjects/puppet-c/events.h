/* The part of the puppet that emits events, well and badly, and receives them. */

/* What came of an emission: how often it was said, and what. */
typedef struct {
    int times;
    int32_t status;
    char answer[1024];
} outcome;

static void take(void *to, int32_t status, hookspec_bytes answer) {
    outcome *own = to;
    size_t length = answer.len < sizeof own->answer ? answer.len : sizeof own->answer - 1;
    own->times++;
    own->status = status;
    memcpy(own->answer, answer.data, length);
    own->answer[length] = 0;
}

/* The answer of a call: what came of an emission, if that was said once. */
static void tell(state *own, uint64_t id, const outcome *came) {
    own->host->done(own->context, id, came->times == 1 ? came->status : HOOKSPEC_FAULT, text(came->answer));
}

#define DONE text("{\"type\":\"c.done\"}")

static void *emit_from_a_thread(void *argument) {
    task *work = argument;
    outcome came = {0};
    work->own->host->emit_in(work->own->context, work->id, DONE, take, &came);
    tell(work->own, work->id, &came);
    free(work);
    return NULL;
}

static void *emit_for_a_while(void *argument) {
    state own = *(state *)argument;
    free(argument);
    /* Some are refused by the bus, which ends first; the rest because the instance has ended. */
    for (int gone = 0; gone < 2000;) {
        if (own.host->emit_in(own.context, 0, DONE, NULL, NULL) == HOOKSPEC_GONE) gone++;
        usleep(1000);
    }
    return NULL;
}

/* Whether the call asks for any of it: then it is answered, or will be. */
static int use_events(state *own, const hookspec_call *call) {
    const hookspec_host *host = own->host;
    void *context = own->context;
    uint64_t id = call->id;
    outcome came = {0};
    if (call->hook.len == 6 && memcmp(call->hook.data, "$event", 6) == 0) {
        char event[1024];
        snprintf(event, sizeof event, "{\"type\":\"c.heard\",\"data\":%.*s}",
                 (int)call->cause.len, (const char *)call->cause.data);
        host->emit_in(context, id, text(event), take, &came);
        host->done(context, id, HOOKSPEC_VALUE, (hookspec_bytes){0});
    } else if (says(call, "emit plainly")) {
        NUMBERS(host->emit(context, DONE), host->emit(context, text("{}")));
    } else if (says(call, "emit and tell")) {
        host->emit_in(context, id, DONE, take, &came);
        tell(own, id, &came);
    } else if (says(call, "emit for others")) {
        NUMBERS(host->emit_in(context, id, text("{\"type\":\"other.done\"}"), take, &came),
                host->emit_in(context, id, text("{\"type\":\"core.done\"}"), take, &came),
                host->emit_in(context, id, text("{\"type\":\"c.done\",\"source\":\"host\"}"), take, &came),
                host->emit_in(context, id, text("{\"type\":\"c.done\",\"tenant\":\"acme\"}"), take, &came),
                host->emit_in(context, id, text("{\"type\":\"c.done\",\"causationid\":\"e1\"}"), take, &came),
                came.times);
    } else if (says(call, "bad events")) {
        static char deep[2000];
        memset(deep, '[', 1000);
        memset(deep + 1000, ']', 1000);
        NUMBERS(host->emit_in(context, id, text(""), take, &came),
                host->emit_in(context, id, text("{\"type\":"), take, &came),
                host->emit_in(context, id, text("\"\xff\""), take, &came),
                host->emit_in(context, id, text("{}"), take, &came),
                host->emit_in(context, id, text("{\"type\":\"c.done\",\"own\":1}"), take, &came),
                host->emit_in(context, id, (hookspec_bytes){(uint8_t *)deep, 2000}, take, &came),
                host->emit_in(context, id, nowhere, take, &came),
                host->emit_in(context, id, endless, take, &came),
                host->emit_in(context, 4711, DONE, take, &came),
                host->emit_in(context, id, text("{"), NULL, NULL),
                host->emit_in(NULL, id, DONE, take, &came),
                came.times);
    } else if (says(call, "emit too late")) {
        host->done(context, id, HOOKSPEC_VALUE, text("1"));
        own->late_code = host->emit_in(context, id, DONE, NULL, NULL);
    } else if (says(call, "how late")) {
        NUMBERS(own->late_code);
    } else if (says(call, "emit from a thread")) {
        task *work = malloc(sizeof *work);
        *work = (task){own, id, NULL, 0};
        later(emit_from_a_thread, work);
    } else if (says(call, "emit and outlive")) {
        state *copy = malloc(sizeof *copy);
        copy->host = host;
        copy->context = context;
        later(emit_for_a_while, copy);
        host->done(context, id, HOOKSPEC_VALUE, text("true"));
    } else if (says(call, "ask for events")) {
        host->resource(context, id, text("$events"), text("{\"op\":\"emit\",\"event\":{\"type\":\"c.done\"}}"));
    } else if (says(call, "ask for no op")) {
        host->resource(context, id, text("$events"), text("{\"op\":\"fly\"}"));
    } else if (says(call, "ask without a time")) {
        host->resource(context, id, text("$events"), text("{\"op\":\"wait_for\",\"pattern\":\"c.*\"}"));
    } else if (says(call, "ask for garbage")) {
        host->resource(context, id, text("$events"), text("{\"op\":\"dispatch\",\"event\":[1]}"));
    } else {
        return 0;
    }
    return 1;
}
