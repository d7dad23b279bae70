/* Threads that wait for work, and the memory that kernels use meanwhile. */
#ifndef ILLUST_GAN_POOL_H
#define ILLUST_GAN_POOL_H

#include "real.h"

typedef void (*task_function)(const void *context, int64_t task, int thread);

/* Run tasks 0 … n - 1, each once, on any thread and in any order; return when all are done.
 * Tasks must write to places of their own, so that nothing depends on the order. */
void parallel_for(task_function function, const void *context, int64_t n);

/* Threads that take tasks, the caller's included. Results must not depend on it. */
int pool_threads(void);

/* Memory for one thread within a task, kept for the next one; slot 0 or 1. NULL if there is none. */
real *thread_memory(int thread, int slot, int64_t n);

/* Memory that all tasks of one kernel share; slot 0 … 3. NULL if there is none. */
real *shared_memory(int slot, int64_t n);

/* Kernels run one at a time: each holds the pool from its first to its last line. */
void pool_enter(void);
void pool_leave(void);

#endif
