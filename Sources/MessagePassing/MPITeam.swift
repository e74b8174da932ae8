import AdversarialGame
import CMessagePassing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The processes that `mpirun` has started together.
///
/// There is one team in a process. It is for one thread at a time, and after `leave()` for none.
public final class MPITeam: Team {
  /// Why a team cannot be joined.
  public enum Fault: Error, Sendable, Equatable {
    /// The program was built without MPI.
    case notBuiltIn
    /// MPI refused, with its error number.
    case refused(Int)
  }

  public let rank: Int
  public let size: Int

  /// Whether this process was started by `mpirun`, or by `srun` in its place.
  public static var isLaunched: Bool {
    ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK"].contains { (name: String) in getenv(name) != nil }
  }

  /// Joins the team. To be called once, before anything else of MPI.
  public init() throws(Fault) {
    guard eq_mpi_is_built_in() != 0 else { throw .notBuiltIn }
    var (rank, size): (Int32, Int32) = (0, 1)
    let code = eq_mpi_start(&rank, &size)
    guard code == 0 else { throw .refused(Int(code)) }
    self.rank = Int(rank)
    self.size = Int(size)
  }

  public func gather(_ memory: UnsafeMutableRawPointer, parts: [Range<Int>]) {
    precondition(parts.count == size, "MPITeam: \(parts.count) parts of \(size) ranks")
    eq_mpi_gather(memory, Int32(size), parts.map(\.lowerBound), parts.map(\.count))
  }

  public func broadcast(_ memory: UnsafeMutableRawBufferPointer) {
    if let start = memory.baseAddress, !memory.isEmpty { eq_mpi_broadcast(start, memory.count) }
  }

  /// Waits for the others, and leaves.
  public func leave() { eq_mpi_finish() }
}
