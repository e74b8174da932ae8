#ifndef EQUIPOISE_CSCANNING_H
#define EQUIPOISE_CSCANNING_H

// Finds the bytes at which text is cut into cells, 64 bytes at a time, compiled for several instruction sets. The best
// that the machine runs is chosen when it is asked for; tests ask for each and compare them with the plain one.

#include <stdint.h>

#pragma clang assume_nonnull begin

/// The bytes of a block, and the least room that a list of places must have.
#define EQ_SCAN_BLOCK 64

/// Lists the places of all separators and line feeds, in ascending order, up to the first block with a quotation mark.
///
/// Looks at whole blocks from the first byte on, and stops before a block that has a quotation mark, before one that is
/// not whole, and where the list has no room for another block.
///
/// - bytes, count: the text.
/// - places, room: the list, and how many places it holds.
/// - covered: where to put how many bytes were looked at; the list is complete for them.
///
/// Returns the number of places.
typedef long (*eq_delimiter_scanner)(
    const uint8_t *bytes, long count, uint8_t separator, uint32_t *places, long room, long *covered);

/// The number of variants that this machine runs: plain, then AVX2, then AVX-512.
int eq_delimiter_scanner_count(void);

/// A variant, from the plain one, 0, up.
eq_delimiter_scanner eq_delimiter_scanner_variant(int index);

/// The best variant.
eq_delimiter_scanner eq_delimiter_scanner_best(void);

#pragma clang assume_nonnull end

#endif
