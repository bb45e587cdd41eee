/* A worker's reader, and reloading the document.
 *
 * A timer on the event loop checks whether the files changed, which takes a few calls of stat. A thread
 * reads and compiles, so that no request waits; the timer only checks its result. Threads do not
 * survive a fork, so each worker has its own, and the master has none.
 */

#include "module.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

/* Milliseconds between two checks of the thread, and between two checks of files that were just written. */
#define RETRY_DELAY 10
#define UNSETTLED 50

/* Milliseconds that a starting worker waits for files that are being written. */
#define LONGEST_START 1000

/* Seconds that an ending worker waits for its thread. */
#define LONGEST_END 2

typedef enum { IDLE, REQUESTED, DONE, ENDING } task_t;

struct ngx_http_corsac_worker_s {
    ngx_http_corsac_main_conf_t *conf;
    /* The configuration's engine, for the thread, which may outlive the configuration. */
    corsac_engine *engine;
    corsac_reader *reader;
    ngx_event_t timer;
    /* nginx's debug log prints the descriptor of an event's connection. */
    ngx_connection_t connection;

    pthread_t thread;
    ngx_int_t has_thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* The mutex protects the following fields. */
    task_t task;
    corsac_status status;
    corsac_poll poll;
    corsac_diagnostics *error;
};

/* While a check is requested, only the thread writes `poll`, `error` and `status`. */
static void load(ngx_http_corsac_worker_t *worker) {
    worker->poll = CORSAC_POLL_UNCHANGED;
    worker->error = NULL;
    worker->status = corsac_engine_poll(worker->engine, &worker->poll, &worker->error);
}

static void *run(void *data) {
    ngx_http_corsac_worker_t *worker = data;

    pthread_mutex_lock(&worker->mutex);
    while (worker->task != ENDING) {
        if (worker->task != REQUESTED) {
            pthread_cond_wait(&worker->changed, &worker->mutex);
            continue;
        }
        pthread_mutex_unlock(&worker->mutex);
        load(worker);
        pthread_mutex_lock(&worker->mutex);
        if (worker->task == REQUESTED) worker->task = DONE;
    }
    pthread_mutex_unlock(&worker->mutex);
    return NULL;
}

static void set_task(ngx_http_corsac_worker_t *worker, task_t task) {
    pthread_mutex_lock(&worker->mutex);
    worker->task = task;
    pthread_cond_signal(&worker->changed);
    pthread_mutex_unlock(&worker->mutex);
}

static task_t task_of(ngx_http_corsac_worker_t *worker) {
    task_t task;

    pthread_mutex_lock(&worker->mutex);
    task = worker->task;
    pthread_mutex_unlock(&worker->mutex);
    return task;
}

/* Requests a check. Without a thread, it is made at once. */
static void request_check(ngx_http_corsac_worker_t *worker) {
    if (worker->has_thread) {
        set_task(worker, REQUESTED);
        return;
    }
    load(worker);
    worker->task = DONE;
}

static void log_result(ngx_http_corsac_worker_t *worker, ngx_log_t *log) {
    if (worker->status == CORSAC_STATUS_CONFIG) {
        ngx_http_corsac_log_rejection(log, &worker->conf->path, worker->error);
        corsac_diagnostics_free(worker->error);
        worker->error = NULL;
    } else if (worker->status != CORSAC_STATUS_OK) {
        ngx_log_error(NGX_LOG_ALERT, log, 0, "corsac: cannot check `%V` for changes: %s", &worker->conf->path,
                      corsac_error_name(worker->status));
    } else if (worker->poll == CORSAC_POLL_RELOADED) {
        ngx_log_error(NGX_LOG_NOTICE, log, 0, "corsac: `%V` reloaded, generation %uL", &worker->conf->path,
                      corsac_engine_generation(worker->conf->engine));
        /* One worker is enough: all read the same. */
        if (ngx_worker == 0) ngx_http_corsac_log_warnings(log, &worker->conf->path, worker->conf->engine);
    }
}

static void on_timer(ngx_event_t *event) {
    ngx_connection_t *connection = event->data;
    ngx_http_corsac_worker_t *worker = connection->data;
    ngx_msec_t next = worker->conf->poll;
    task_t task;

    /* An ending worker may send a long response for hours, but it accepts no request that policies could decide. */
    if (ngx_exiting || ngx_quit || ngx_terminate) return;
    task = task_of(worker);
    if (task == DONE) {
        log_result(worker, event->log);
        set_task(worker, IDLE);
        task = IDLE;
        if (worker->poll == CORSAC_POLL_UNSETTLED) next = ngx_min(next, UNSETTLED);
        if (worker->status == CORSAC_STATUS_OK && worker->poll == CORSAC_POLL_RELOADED) {
            /* The reader of an idle worker would hold the old policies until its next request. The next
             * poll frees them, changed or not. */
            corsac_reader_release(worker->reader);
            request_check(worker);
            task = REQUESTED;
        }
    } else if (task == IDLE && corsac_engine_changed(worker->conf->engine)) {
        request_check(worker);
        task = REQUESTED;
    }
    ngx_add_timer(event, task == REQUESTED ? ngx_min(next, RETRY_DELAY) : next);
}

/* The master's policies may be outdated when a worker replaces one that died. The worker has no
 * requests yet, so it can wait here. */
static void catch_up(ngx_http_corsac_worker_t *worker, ngx_log_t *log) {
    ngx_msec_t waited;

    for (waited = 0; waited < LONGEST_START && corsac_engine_changed(worker->conf->engine); waited += RETRY_DELAY) {
        load(worker);
        log_result(worker, log);
        if (worker->status != CORSAC_STATUS_OK || worker->poll != CORSAC_POLL_UNSETTLED) return;
        ngx_msleep(RETRY_DELAY);
    }
}

/* The thread blocks all signals: the event loop's thread handles them. */
static void start_thread(ngx_http_corsac_worker_t *worker, ngx_log_t *log) {
    sigset_t all, before;
    int error;

#ifdef __GLIBC__
    /* Otherwise glibc gives the thread a heap of its own, and keeps what was free at its end after a load. */
    (void)mallopt(M_ARENA_MAX, 1);
#endif
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&worker->thread, NULL, run, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    worker->has_thread = error == 0;
    if (error != 0) {
        ngx_log_error(NGX_LOG_ERR, log, error, "corsac: cannot start a thread to load policies; requests will wait during reloads");
    }
}

static void start_polling(ngx_http_corsac_worker_t *worker, ngx_log_t *log) {
    /* The master may be able to read files that a worker cannot: warn now, not at the first change. */
    if (access((const char *)worker->conf->path.data, R_OK) != 0) {
        ngx_log_error(NGX_LOG_WARN, log, ngx_errno,
                      "corsac: `%V` will not be reloaded: the worker's user cannot read it; give it read permission",
                      &worker->conf->path);
    }
    start_thread(worker, log);
    worker->connection.fd = (ngx_socket_t)-1;
    worker->connection.data = worker;
    worker->timer.data = &worker->connection;
    worker->timer.handler = on_timer;
    worker->timer.log = log;
    /* An ending worker does not wait for the timer. */
    worker->timer.cancelable = 1;
    ngx_add_timer(&worker->timer, worker->conf->poll);
}

static ngx_int_t start(ngx_http_corsac_main_conf_t *conf, ngx_log_t *log) {
    /* Not from the cycle's pool: see `end_thread`. */
    ngx_http_corsac_worker_t *worker = ngx_calloc(sizeof(ngx_http_corsac_worker_t), log);

    if (worker == NULL) return NGX_ERROR;
    worker->conf = conf;
    worker->engine = conf->engine;
    if (pthread_mutex_init(&worker->mutex, NULL) != 0 || pthread_cond_init(&worker->changed, NULL) != 0) {
        return NGX_ERROR;
    }
    if (corsac_reader_new(conf->engine, &worker->reader) != CORSAC_STATUS_OK) return NGX_ERROR;
    conf->worker = worker;
    if (conf->poll == 0) return NGX_OK;
    catch_up(worker, log);
    start_polling(worker, log);
    return NGX_OK;
}

ngx_int_t ngx_http_corsac_init_process(ngx_cycle_t *cycle) {
    ngx_http_corsac_main_conf_t *conf;

    /* Not in the cache manager and cache loader processes. */
    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE) return NGX_OK;
    conf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_corsac_module);
    if (conf == NULL || conf->engine == NULL) return NGX_OK;
    return start(conf, cycle->log);
}

corsac_reader *ngx_http_corsac_reader(const ngx_http_corsac_main_conf_t *conf) {
    return conf->worker == NULL ? NULL : conf->worker->reader;
}

/* Whether the thread ended. A thread that reads from a pipe or a lost network may never end, and nginx
 * must not wait for it. */
static ngx_int_t end_thread(ngx_http_corsac_worker_t *worker) {
    struct timespec deadline;

    set_task(worker, ENDING);
    if (clock_gettime(CLOCK_REALTIME, &deadline) != 0) return 0;
    deadline.tv_sec += LONGEST_END;
    return pthread_timedjoin_np(worker->thread, NULL, &deadline) == 0;
}

void ngx_http_corsac_stop_worker(ngx_http_corsac_main_conf_t *conf) {
    ngx_http_corsac_worker_t *worker = conf->worker;

    if (worker == NULL) return;
    conf->worker = NULL;
    if (worker->timer.timer_set) ngx_del_timer(&worker->timer);
    if (worker->has_thread && !end_thread(worker)) {
        /* The thread still uses the worker and its engine, so they are freed by the end of the process. */
        conf->engine = NULL;
        return;
    }
    corsac_diagnostics_free(worker->error);
    corsac_reader_free(worker->reader);
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->mutex);
    ngx_free(worker);
}
