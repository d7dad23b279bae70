/* Transposed convolution as a product with the weights, whose columns are added to the output. */
#include "direct_thin.h"
#include "tall_product.h"

enum {
    FEW = 48,   /* rows */
    MANY = 256, /* of which a task has about as many, if pictures are small */
    BLOCK = 32, /* channels of the smaller picture that are packed at once */
    /* Bytes of a task's sums, near the second cache, which AVX-512 comes with a bigger one of. */
    SUMS = VECTOR_BYTES == 64 ? 1 << 20 : 1 << 19,
};

typedef struct {
    const geometry *g;
    const real *y, *W, *bias;
    real *x;
    int64_t pictures;                 /* of a task, whose positions are rows of one product */
    int64_t channels, chunks, panels; /* of the output in a task, tasks for the same pictures */
    operand *packed;                  /* the weights of all chunks, if they serve several tasks */
    finish finish;
    int in_place; /* few rows: the weights are used where they lie */
} job;

/* NR columns of W for the job's task, of S rows each, as they lie in memory: column f is tap
 * f % taps of channel f / taps; beyond the last it is zero. */
static void pack(const job *job, int64_t channel, int64_t columns, int64_t first,
                 operand *panel)
{
    const int64_t B = job->g->B, taps = job->g->kh * job->g->kw, count = least(NR, columns - first);
    for (int64_t s = 0; s < job->g->S; s++) {
        const real *from = job->W + (s * B + channel) * taps;
        operand *to = panel + s / DEPTH * NR;
        put_run(to, 0, from + first, count, s % DEPTH);
        put_run(to, count, NULL, NR - count, s % DEPTH);
    }
}

/* Some rows of W for all tasks with one chunk of channels: column f is channel f % channels of tap
 * f / channels, so that what belongs to a pixel lies side by side. */
static void pack_for_all(const void *context, int64_t task, int thread)
{
    const job *job = context;
    const geometry *g = job->g;
    (void)thread;
    const int64_t chunk = task % job->chunks, taps = g->kh * g->kw, depth = divide_up(g->S, DEPTH);
    const int64_t channel = chunk * job->channels, channels = least(job->channels, g->B - channel);
    const int64_t end = least((task / job->chunks + 1) * BLOCK, g->S);
    operand *panels = job->packed + chunk * job->panels * depth * NR;
    for (int64_t s = task / job->chunks * BLOCK; s < end; s++) {
        const real *from = job->W + (s * g->B + channel) * taps;
        operand *to = panels + s / DEPTH * NR;
        for (int64_t p = 0, b = 0, tap = 0; p < job->panels; p++)
            for (int64_t f = 0; f < NR; f++) {
                put(to + p * depth * NR + f, tap < taps ? from[b * taps + tap] : 0, s % DEPTH);
                b++;
                if (b == channels) {
                    b = 0;
                    tap++;
                }
            }
    }
}

/* Add the columns of one position to the pixels that it reaches. */
static void add_columns(const job *job, const real *from, int64_t position, int64_t channels,
                        real *x)
{
    const geometry *g = job->g;
    const int64_t y0 = position / g->w * g->sy - g->ph, x0 = position % g->w * g->sx - g->pw;
    const int64_t taps = g->kh * g->kw;
    for (int64_t u = 0; u < g->kh; u++) {
        const int64_t i = y0 + u * g->dy;
        if (i < 0 || i >= g->H)
            continue;
        for (int64_t v = 0; v < g->kw; v++) {
            const int64_t j = x0 + v * g->dx, tap = u * g->kw + v;
            if (j < 0 || j >= g->width)
                continue;
            real *to = x + (i * g->width + j) * g->big_step;
            if (job->packed)
                for (int64_t b = 0; b < channels; b++)
                    to[b] += from[tap * channels + b];
            else
                for (int64_t b = 0; b < channels; b++)
                    to[b] += from[b * taps + tap];
        }
    }
}

static void deconvolve(const void *context, int64_t task, int thread)
{
    const job *job = context;
    const geometry *g = job->g;
    const int64_t chunk = task % job->chunks, first = chunk * job->channels;
    const int64_t n = task / job->chunks * job->pictures, end = least(n + job->pictures, g->n);
    const int64_t channels = least(job->channels, g->B - first), taps = g->kh * g->kw;
    const int64_t columns = channels * taps, ldc = job->panels * NR;
    const int64_t positions = g->h * g->w, rows = (end - n) * positions;
    const int64_t room = divide_up(rows, MR) * MR, depth = divide_up(g->S, DEPTH);
    const int64_t tall_room = job->in_place ? tall_rows(rows) * divide_up(rows, TALL) : 0;
    operand *panel = (operand *)thread_memory(thread, 0, depth * (NR + room + tall_room));
    real *sums = thread_memory(thread, 1, (room + tall_room) * ldc);
    const real *small = job->y + n * positions * g->small_step;
    /* Numbers that are not rounded stay where they are. */
    operand *factors = DEPTH == 1 ? (operand *)small : panel + depth * NR;
    const int64_t ld = DEPTH == 1 ? g->small_step : depth;
    for (int64_t p = 0; p < rows && DEPTH > 1; p++)
        put_run(factors + p * ld, 0, small + p * g->small_step, g->S, ROW);
    if (job->in_place)
        tall_product(rows, columns, g->S, small, g->small_step, job->W + first * taps, g->B * taps,
                     (real *)panel, sums, ldc);
    for (int64_t f = 0; f < columns && !job->in_place; f += NR) {
        if (!job->packed)
            pack(job, first, columns, f, panel);
        product(rows, 1, depth, factors, ld,
                job->packed ? job->packed + (chunk * job->panels * NR + f) * depth : panel,
                sums + f, ldc);
    }
    for (int64_t p = 0; p < rows; p += positions, sums += positions * ldc) {
        real *x = job->x + (n + p / positions) * g->H * g->width * g->big_step + first;
        for (int64_t i = 0; i < g->H * g->width; i++)
            for (int64_t b = 0; b < channels; b++)
                x[i * g->big_step + b] = job->bias ? job->bias[first + b] : 0;
        for (int64_t i = 0; i < positions; i++)
            add_columns(job, sums + i * ldc, i, channels, x);
        for (int64_t i = 0; i < g->H * g->width; i++)
            finish_pixel(&job->finish, x + i * g->big_step, first, channels);
    }
}

/* Return the most channels, half of `most` at least, whose weights can be used where they lie. */
static int64_t channels_in_place(const geometry *g, int64_t most)
{
    for (int64_t channels = most; 2 * channels >= most && channels > 0; channels--)
        if (channels * g->kh * g->kw % VW == 0 && g->B % channels == 0)
            return channels;
    return 0;
}

/* big = small *ᵀ W + bias (B numbers, or NULL), and what follows: see finish_by() of B channels.
 * 0, or -1 if memory is short. */
EXPORT int direct_deconvolution(const geometry *g, const real *small, const real *W,
                                const real *bias, real *big, const real *channels, int64_t kind,
                                double slope)
{
    const finish finish = finish_by(channels, g->B, kind, slope);
    if (is_thin_deconvolution(g))
        return thin_deconvolution(g, small, W, bias, big, &finish);
    job job = {.g = g, .y = small, .W = W, .bias = bias, .x = big, .finish = finish};
    const int64_t positions = g->h * g->w, taps = g->kh * g->kw, depth = divide_up(g->S, DEPTH);
    job.pictures = least(g->n, divide_up(MANY, positions));
    const int64_t shares = divide_up(g->n, job.pictures), rows = job.pictures * positions;
    /* Enough tasks for all threads even for one picture, and sums that stay near the cache. */
    const int64_t number = SUMS / (int64_t)sizeof(real);
    const int64_t fitting = number / (rows * taps + 1);
    const int64_t spread = divide_up(g->B, divide_up(4 * pool_threads(), shares));
    job.channels = least(g->B, fitting < 1 ? 1 : least(fitting, spread));
    if (DEPTH == 1 && rows <= FEW) {
        const int64_t found = channels_in_place(g, job.channels);
        job.in_place = found > 0;
        job.channels = job.in_place ? found : job.channels;
    }
    /* Pixels' channels are added up by whole vectors. */
    if (!job.in_place && job.channels > VW)
        job.channels -= job.channels % VW;
    job.chunks = divide_up(g->B, job.channels);
    job.panels = divide_up(job.channels * taps, NR);
    pool_enter();
    if (shares > 1) {
        job.packed = (operand *)shared_memory(0, job.chunks * job.panels * depth * NR);
        if (job.packed)
            parallel_for(pack_for_all, &job, job.chunks * divide_up(g->S, BLOCK));
    }
    parallel_for(deconvolve, &job, shares * job.chunks);
    pool_leave();
    return 0;
}
