/* How the arrays of batch normalisation lie in memory, and how the work on them is divided.
 *
 * They are read as (outer, channels, inner): channels-last pictures as (N·H·W, C, 1), planes of
 * channels as (N, C, H·W). Nothing here depends on the number of threads.
 */
#ifndef ILLUST_GAN_NORMALIZATION_H
#define ILLUST_GAN_NORMALIZATION_H

#include "normalized.h"
#include "pool.h"

typedef struct {
    int64_t outer, channels, inner;
} shape;

/* A line is what follows without a gap: all channels of a row, or one channel's plane. */
INLINE int64_t lines_of(shape s)
{
    return s.inner == 1 ? s.outer : s.outer * s.channels;
}

INLINE int64_t line_length(shape s)
{
    return s.inner == 1 ? s.channels : s.inner;
}

INLINE int64_t lines_a_task(shape s)
{
    const int64_t n = (1 << 14) / line_length(s);
    return n > 0 ? n : 1;
}

/* Sums over a channel are taken by parts that stay in the second cache: so many rows, or so much
 * of a plane. Their float sums are short and so precise, and are added up as doubles, in order. */
enum { ROWS = 128, COLUMNS = 256, PIECE = 8192, LANES = 32 };

/* One part of some channels, as a matrix: its columns are channels, or, in a plane, consecutive
 * numbers of one channel, the last of them (`tail`) in a shorter row of their own. */
typedef struct {
    int64_t part, channel, start; /* start: of its numbers in the arrays */
    int64_t rows, step, columns, tail;
} part;

INLINE int64_t pieces_of(shape s)
{
    return s.inner == 1 ? divide_up(s.channels, COLUMNS) : divide_up(s.inner, PIECE);
}

INLINE int64_t parts_a_channel(shape s)
{
    return s.inner == 1 ? divide_up(s.outer, ROWS) : s.outer * pieces_of(s);
}

/* All parts of all channels. */
INLINE int64_t parts_of(shape s)
{
    return s.inner == 1 ? parts_a_channel(s) * pieces_of(s) : parts_a_channel(s) * s.channels;
}

INLINE int64_t parts_a_task(shape s)
{
    return s.inner == 1 || s.inner >= PIECE ? 1 : PIECE / s.inner;
}

INLINE part part_number(shape s, int64_t i)
{
    const int64_t pieces = pieces_of(s), piece = i % pieces, line = i / pieces;
    if (s.inner == 1) {
        const int64_t channel = piece * COLUMNS;
        return (part){.part = line, .channel = channel, .start = line * ROWS * s.channels + channel,
                      .rows = least(ROWS, s.outer - line * ROWS), .step = s.channels,
                      .columns = least(COLUMNS, s.channels - channel)};
    }
    const int64_t n = least(PIECE, s.inner - piece * PIECE);
    return (part){.part = line / s.channels * pieces + piece, .channel = line % s.channels,
                  .start = line * s.inner + piece * PIECE, .rows = n / LANES, .step = LANES,
                  .columns = LANES, .tail = n % LANES};
}

/* Numbers of a channel in one of its parts. */
INLINE int64_t count_of(shape s, int64_t part)
{
    return s.inner == 1 ? least(ROWS, s.outer - part * ROWS)
                        : least(PIECE, s.inner - part % pieces_of(s) * PIECE);
}

/* The sums of columns to those of channels: in a plane all columns are of one. */
INLINE int64_t fold(shape s, const part *p, const real *sums, double *out)
{
    if (s.inner == 1) {
        for (int64_t j = 0; j < p->columns; j++)
            out[j] = sums[j];
        return p->columns;
    }
    out[0] = 0;
    for (int64_t j = 0; j < LANES; j++)
        out[0] += sums[j];
    return 1;
}

/* One number for each column, from one for each channel. */
INLINE void spread(shape s, const part *p, const real *channels, real *out)
{
    for (int64_t j = 0; j < p->columns; j++)
        out[j] = channels[p->channel + (s.inner == 1 ? j : 0)];
}

#endif
