#pragma once

#include <stddef.h>

/// The few calls of MPI that a team of processes needs. Without the package's trait MPI there is none of them: then
/// `eq_mpi_is_built_in` says 0, and nothing else is to be called.

int eq_mpi_is_built_in(void);

/// Joins the processes that were started together. Returns 0, or an error number of MPI.
int eq_mpi_start(int *_Nonnull rank, int *_Nonnull size);

/// Brings a piece of memory together, of which each process has the bytes at its offset.
void eq_mpi_gather(void *_Nonnull memory, int size, const size_t *_Nonnull offsets, const size_t *_Nonnull counts);

/// Gives all processes the bytes of the first.
void eq_mpi_broadcast(void *_Nonnull memory, size_t count);

/// Waits for the others, without keeping a processor busy, and leaves them.
void eq_mpi_finish(void);
