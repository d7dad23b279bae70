// Runs a kernel: the last block first, and the threads of a block as fibers, if they must wait.
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>
#include <utility>

extern char __start_emulated_shared[] __attribute__((weak, visibility("hidden")));
extern char __stop_emulated_shared[] __attribute__((weak, visibility("hidden")));

namespace emulated {

constexpr size_t STACK = 128 << 10;
struct fiber {
    ucontext_t start;
    jmp_buf at;
    uint3 index;
    bool started, done;
    int line;
};
static fiber *fibers, *running;
static unsigned int n_fibers;
static char *stacks;
static jmp_buf home;
static void (*body)(void *);
static void *body_arguments;
static char message[200];

// What g++'s checks report: where, and what about it.
struct location {
    const char *file;
    unsigned int line, column;
};
static void report(const location *where, const char *what)
{
    if (!message[0])
        snprintf(message, sizeof message, "%s in line %u, by thread (%u, %u, %u) of block (%u, %u, %u)",
                 what, where->line, threadIdx.x, threadIdx.y, threadIdx.z, blockIdx.x, blockIdx.y,
                 blockIdx.z);
}

static void begin()
{
    body(body_arguments);
    running->done = true;
    _longjmp(home, 1);
}

static void wait(int line)
{
    running->line = line;
    if (!_setjmp(running->at))
        _longjmp(home, 1);
}

static void resume(fiber *f)
{
    running = f;
    threadIdx = f->index;
    if (_setjmp(home))
        return;
    if (f->started)
        _longjmp(f->at, 1);
    f->started = true;
    setcontext(&f->start);
}

static uint3 index_of(unsigned int i)
{
    return {i % blockDim.x, i / blockDim.x % blockDim.y, i / blockDim.x / blockDim.y};
}

static void make_fibers(unsigned int n)
{
    if (n > n_fibers) {
        fibers = (fiber *)realloc(fibers, n * sizeof(fiber));
        stacks = (char *)realloc(stacks, n * STACK);
        n_fibers = n;
    }
    for (unsigned int i = 0; i < n; i++) {
        getcontext(&fibers[i].start);
        fibers[i].start.uc_stack.ss_sp = stacks + i * STACK;
        fibers[i].start.uc_stack.ss_size = STACK;
        fibers[i].start.uc_link = nullptr;
    }
}

// From one __syncthreads() to the next, in one order and then in the other: what relies on an
// order without waiting gives wrong results.
static const char *run_fibers(unsigned int n)
{
    for (unsigned int i = 0; i < n; i++) {
        fibers[i].started = fibers[i].done = false;
        fibers[i].index = index_of(i);
        makecontext(&fibers[i].start, begin, 0);
    }
    static volatile unsigned int i;
    for (static volatile bool up = false;; up = !up) {
        for (i = 0; i < n; i++)
            resume(&fibers[up ? i : n - 1 - i]);
        for (unsigned int j = 1; j < n; j++)
            if (fibers[j].done != fibers[0].done ||
                (!fibers[j].done && fibers[j].line != fibers[0].line)) {
                snprintf(message, sizeof message,
                         "the threads of a block do not all reach the same __syncthreads(): "
                         "one is %s %d, another %s %d",
                         fibers[0].done ? "done, last at line" : "at line", fibers[0].line,
                         fibers[j].done ? "done, last at line" : "at line", fibers[j].line);
                return message;
            }
        if (fibers[0].done)
            return nullptr;
    }
}

static const char *run(const long long *sizes, bool waits)
{
    gridDim = {(unsigned int)sizes[0], (unsigned int)sizes[1], (unsigned int)sizes[2]};
    blockDim = {(unsigned int)sizes[3], (unsigned int)sizes[4], (unsigned int)sizes[5]};
    unsigned int n = blockDim.x * blockDim.y * blockDim.z;
    message[0] = 0;
    if (waits)
        make_fibers(n);
    for (long long b = sizes[0] * sizes[1] * sizes[2] - 1; b >= 0; b--) {
        blockIdx = {(unsigned int)(b % gridDim.x), (unsigned int)(b / gridDim.x % gridDim.y),
                    (unsigned int)(b / gridDim.x / gridDim.y)};
        if (__start_emulated_shared)
            memset(__start_emulated_shared, 0xff, __stop_emulated_shared - __start_emulated_shared);
        if (waits) {
            if (const char *error = run_fibers(n))
                return error;
        } else {
            for (unsigned int i = n; i-- > 0;) {
                threadIdx = index_of(i);
                body(body_arguments);
            }
        }
    }
    return message[0] ? message : nullptr;
}

// What a kernel's parameters are, from its type.
template <class T> struct parameter {
    static constexpr bool is_float = __is_same(T, float) || __is_same(T, double);
    static constexpr char kind = is_float ? 'f' : __is_class(T) || __is_union(T) ? 's' : 'i';
    static constexpr long long pointee = 0;
};
template <class T> struct size_of {
    static constexpr long long value = sizeof(T);
};
template <> struct size_of<void> {
    static constexpr long long value = 0;
};
template <> struct size_of<const void> {
    static constexpr long long value = 0;
};
template <class T> struct parameter<T *> {
    static constexpr char kind = 'p';
    static constexpr long long pointee = size_of<T>::value;
};

template <class... P> struct kernel {
    static void (*function)(P...);
    template <size_t... I> static void call_at(void **values, std::index_sequence<I...>)
    {
        function(*(P *)values[I]...);
    }
    static void call(void *values)
    {
        call_at((void **)values, std::make_index_sequence<sizeof...(P)>());
    }
};
template <class... P> void (*kernel<P...>::function)(P...);

template <class... P>
const char *launch(void (*function)(P...), const long long *sizes, void **values, bool waits)
{
    kernel<P...>::function = function;
    body = kernel<P...>::call;
    body_arguments = values;
    return run(sizes, waits);
}

template <class... P>
int describe(void (*)(P...), long long *sizes, char *kinds, long long *pointees)
{
    int n = 0;
    ((sizes[n] = sizeof(P), kinds[n] = parameter<P>::kind, pointees[n] = parameter<P>::pointee,
      n++),
     ...);
    return n;
}

}  // namespace emulated

extern "C" __attribute__((visibility("hidden"))) void
__ubsan_handle_type_mismatch_v1(emulated::location *where, void *)
{
    emulated::report(where, "an address that is not aligned");
}
extern "C" __attribute__((visibility("hidden"))) void
__ubsan_handle_out_of_bounds(emulated::location *where, void *)
{
    emulated::report(where, "an index outside of its array");
}

#define __syncthreads() emulated::wait(__LINE__)
