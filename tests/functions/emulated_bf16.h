/* Instructions of AVX512-BF16 and AMX in plain C, after Intel's description of each.
 *
 * `cc -include emulated_bf16.h -DEMULATED` compiles the kernels with them for any processor; add
 * -DEMULATE_AMX for those with tiles. What the processor would refuse ends the process.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define __AVX512BF16__ 1

typedef float __m512 __attribute__((vector_size(64)));
typedef uint16_t __m256bh __attribute__((vector_size(32)));
typedef uint16_t __m512bh __attribute__((vector_size(64)));
typedef uint32_t row __attribute__((vector_size(64)));

static inline float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline float of_bfloat16(uint16_t upper)
{
    return float_of((uint32_t)upper << 16);
}

/* VCVTNEPS2BF16: the nearer of both neighbours, the even one if they are equally near. */
static inline uint16_t to_bfloat16(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const uint16_t below = bits >> 16, above = below + 1;
    if (isnan(x))
        return below | 0x40;
    if (isinf(x))
        return below;
    if (fpclassify(x) == FP_SUBNORMAL)
        return below & 0x8000;
    const double to_below = fabs((double)x - of_bfloat16(below));
    const double step = fabs(ldexp(1, (below >> 7 & 0xff) - 127 - 7));
    if (to_below == step / 2)
        return below % 2 ? above : below;
    return to_below < step / 2 ? below : above;
}

__attribute__((noinline)) static __m256bh _mm512_cvtneps_pbh(__m512 v)
{
    __m256bh out;
    for (int i = 0; i < 16; i++)
        out[i] = to_bfloat16(v[i]);
    return out;
}

/* The numbers in the lower and in the upper halves of 16 pairs. */
static inline __m512 lower(row pairs)
{
    return (__m512)(pairs << 16);
}

static inline __m512 upper(row pairs)
{
    return (__m512)(pairs >> 16 << 16);
}

__attribute__((noinline)) static __m512 _mm512_dpbf16_ps(__m512 sum, __m512bh a, __m512bh b)
{
    sum += upper((row)a) * upper((row)b);
    return sum + lower((row)a) * lower((row)b);
}

#ifdef EMULATE_AMX
#define __AMX_BF16__ 1

static _Thread_local struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_config;
static _Thread_local row tile[8][16];

static inline void demand(int holds)
{
    if (!holds)
        abort();
}

static inline void _tile_loadconfig(const void *config)
{
    memcpy(&tile_config, config, sizeof tile_config);
    demand(sizeof tile_config == 64 && tile_config.palette == 1 && tile_config.start_row == 0);
    for (int i = 0; i < 16; i++)
        demand(i < 8 ? tile_config.row_bytes[i] <= 64 && tile_config.rows[i] <= 16
                     : !tile_config.row_bytes[i] && !tile_config.rows[i]);
    memset(tile, 0, sizeof tile);
}

static inline void _tile_release(void)
{
    memset(&tile_config, 0, sizeof tile_config);
}

static inline void demand_configured(int t)
{
    demand(tile_config.palette == 1 && tile_config.rows[t] > 0 && tile_config.row_bytes[t] > 0);
}

static inline void _tile_zero(int t)
{
    demand_configured(t);
    memset(tile[t], 0, sizeof tile[t]);
}

static inline void _tile_loadd(int t, const void *from, int64_t stride)
{
    _tile_zero(t);
    for (int r = 0; r < tile_config.rows[t]; r++)
        memcpy(&tile[t][r], (const char *)from + r * stride, tile_config.row_bytes[t]);
}

static inline void _tile_stored(int t, void *to, int64_t stride)
{
    demand_configured(t);
    for (int r = 0; r < tile_config.rows[t]; r++)
        memcpy((char *)to + r * stride, &tile[t][r], tile_config.row_bytes[t]);
}

/* TDPBF16PS: rows of pairs of a, pairs of rows of b, and sums c. */
__attribute__((noinline)) static void _tile_dpbf16ps(int c, int a, int b)
{
    demand_configured(a);
    demand_configured(b);
    demand_configured(c);
    demand(tile_config.row_bytes[a] == 4 * tile_config.rows[b]);
    demand(tile_config.rows[c] == tile_config.rows[a]);
    demand(tile_config.row_bytes[c] == tile_config.row_bytes[b]);
    for (int m = 0; m < tile_config.rows[c]; m++) {
        __m512 sums[2] = {{0}};
        for (int k = 0; k < tile_config.rows[b]; k++) {
            const row pair = tile[a][m][k] - (row){0};
            sums[0] += lower(pair) * lower(tile[b][k]);
            sums[1] += upper(pair) * upper(tile[b][k]);
        }
        tile[c][m] = (row)((__m512)tile[c][m] + (sums[0] + sums[1]));
    }
}
#endif
