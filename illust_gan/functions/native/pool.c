#include "pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum { MAX_THREADS = 64, SHARED = 4, SLOTS = 2, SPINS = 4000, HUGE_PAGE = 2 << 20 };
enum { PATIENCE = 500000 }; /* nanoseconds */

static pthread_mutex_t kernel = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static int wanted = 1, started; /* threads, the caller's included */

static struct {
    task_function function;
    const void *context;
    int64_t n;
    atomic_long next, done;
    atomic_int inside; /* workers that may still look at this job */
    atomic_uint number;
} job;

static struct {
    void *start;
    int64_t bytes;
} memories[MAX_THREADS * SLOTS + SHARED];

static void pause_processor(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static int64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void take_tasks(int thread)
{
    int64_t task;
    while ((task = atomic_fetch_add(&job.next, 1)) < job.n) {
        job.function(job.context, task, thread);
        atomic_fetch_add(&job.done, 1);
    }
}

static void *worker(void *argument)
{
    int thread = (int)(intptr_t)argument;
    unsigned seen = 0;
    for (;;) {
        /* The next kernel follows once Python has come to it, and waking up takes as long again. How
         * long a pause is differs tenfold between processors. */
        const int64_t until = nanoseconds() + PATIENCE;
        do {
            for (int i = 0; i < 64 && atomic_load(&job.number) == seen; i++)
                pause_processor();
        } while (atomic_load(&job.number) == seen && nanoseconds() < until);
        pthread_mutex_lock(&mutex);
        while (atomic_load(&job.number) == seen)
            pthread_cond_wait(&work, &mutex);
        seen = atomic_load(&job.number);
        /* Inside before it looks: a job with tasks left to take cannot end meanwhile. */
        atomic_fetch_add(&job.inside, 1);
        int mine = thread < wanted && atomic_load(&job.next) < job.n;
        pthread_mutex_unlock(&mutex);
        if (mine)
            take_tasks(thread);
        atomic_fetch_sub(&job.inside, 1);
    }
    return NULL;
}

static void start_workers(void)
{
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    for (; started < wanted; started++) {
        pthread_t ignored;
        if (pthread_create(&ignored, &detached, worker, (void *)(intptr_t)started) != 0)
            break; /* fewer threads do the same work */
    }
    pthread_attr_destroy(&detached);
}

void parallel_for(task_function function, const void *context, int64_t n)
{
    pthread_mutex_lock(&mutex);
    job.function = function;
    job.context = context;
    job.n = n;
    atomic_store(&job.done, 0);
    atomic_store(&job.next, 0);
    if (n > 1 && wanted > 1) {
        start_workers();
        atomic_fetch_add(&job.number, 1);
        pthread_cond_broadcast(&work);
    }
    pthread_mutex_unlock(&mutex);
    take_tasks(0);
    for (int i = 0; atomic_load(&job.done) < n || atomic_load(&job.inside) > 0; i++) {
        pause_processor();
        if (i >= SPINS)
            sched_yield();
    }
}

int pool_threads(void)
{
    return wanted;
}

static real *memory(int i, int64_t n)
{
    int64_t bytes = n * (int64_t)sizeof(real);
    if (memories[i].bytes < bytes) {
        free(memories[i].start);
        bytes = divide_up(bytes, HUGE_PAGE) * HUGE_PAGE;
        memories[i].start = aligned_alloc(HUGE_PAGE, bytes);
        memories[i].bytes = memories[i].start ? bytes : 0;
#ifdef MADV_HUGEPAGE
        if (memories[i].start)
            madvise(memories[i].start, bytes, MADV_HUGEPAGE);
#endif
    }
    return memories[i].start;
}

real *thread_memory(int thread, int slot, int64_t n)
{
    return memory(SHARED + thread * SLOTS + slot, n);
}

real *shared_memory(int slot, int64_t n)
{
    return memory(slot, n);
}

void pool_enter(void)
{
    pthread_mutex_lock(&kernel);
}

void pool_leave(void)
{
    pthread_mutex_unlock(&kernel);
}

/* A forked process has the calling thread only; no kernel is at work when it is forked. */
static void forget_threads(void)
{
    pthread_mutex_init(&kernel, NULL);
    pthread_mutex_init(&mutex, NULL);
    pthread_cond_init(&work, NULL);
    atomic_store(&job.inside, 0);
    started = 1;
}

__attribute__((constructor)) static void prepare(void)
{
    started = 1;
    pthread_atfork(pool_enter, pool_leave, forget_threads);
}

/* Set the number of threads; return the number that will be used. */
EXPORT int64_t pool_set_threads(int64_t n)
{
    pool_enter();
    wanted = (int)(n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : n);
    pool_leave();
    return wanted;
}
