#include "CMessagePassing.h"

#ifdef EQUIPOISE_MPI
#include <limits.h>
#include <mpi.h>
#include <stdlib.h>
#include <unistd.h>

// MPI counts in int. Larger pieces go in several messages.
static const size_t largest_message = 1 << 30;

int eq_mpi_is_built_in(void) { return 1; }

int eq_mpi_start(int *rank, int *size) {
  int code = MPI_Init(NULL, NULL);
  if (code == MPI_SUCCESS) code = MPI_Comm_rank(MPI_COMM_WORLD, rank);
  if (code == MPI_SUCCESS) code = MPI_Comm_size(MPI_COMM_WORLD, size);
  return code;
}

static void broadcast_from(int root, char *memory, size_t count) {
  for (size_t start = 0; start < count; start += largest_message) {
    size_t rest = count - start;
    MPI_Bcast(memory + start, (int)(rest < largest_message ? rest : largest_message), MPI_BYTE, root, MPI_COMM_WORLD);
  }
}

void eq_mpi_broadcast(void *memory, size_t count) { broadcast_from(0, memory, count); }

void eq_mpi_gather(void *memory, int size, const size_t *offsets, const size_t *counts) {
  int fits = 1, givers = 0, giver = 0;
  for (int rank = 0; rank < size; rank++) {
    if (offsets[rank] + counts[rank] > (size_t)INT_MAX) fits = 0;
    if (counts[rank] > 0) {
      givers++;
      giver = rank;
    }
  }
  // The same choice on all ranks, for all know the same counts.
  if (givers <= 1) {
    if (givers == 1) broadcast_from(giver, (char *)memory + offsets[giver], counts[giver]);
    return;
  }
  if (!fits) {
    for (int rank = 0; rank < size; rank++) broadcast_from(rank, (char *)memory + offsets[rank], counts[rank]);
    return;
  }
  int numbers[2 * size];
  for (int rank = 0; rank < size; rank++) {
    numbers[rank] = (int)counts[rank];
    numbers[size + rank] = (int)offsets[rank];
  }
  MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_BYTE, memory, numbers, numbers + size, MPI_BYTE, MPI_COMM_WORLD);
}

void eq_mpi_finish(void) {
  MPI_Request request;
  int done = 0;
  MPI_Ibarrier(MPI_COMM_WORLD, &request);
  // MPI_Finalize alone would turn in a loop, and take a processor from the one that still writes.
  for (;;) {
    MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done) break;
    usleep(2000);
  }
  MPI_Finalize();
}

#else

int eq_mpi_is_built_in(void) { return 0; }

int eq_mpi_start(int *rank, int *size) {
  (void)rank;
  (void)size;
  return -1;
}

void eq_mpi_gather(void *memory, int size, const size_t *offsets, const size_t *counts) {
  (void)memory;
  (void)size;
  (void)offsets;
  (void)counts;
}

void eq_mpi_broadcast(void *memory, size_t count) {
  (void)memory;
  (void)count;
}

void eq_mpi_finish(void) {}

#endif
