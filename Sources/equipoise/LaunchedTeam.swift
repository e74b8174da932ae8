import ArgumentParser
import MessagePassing

/// The team of processes to which this one belongs, where `mpirun` has started it.
enum LaunchedTeam {
  /// Whether `mpirun` has started this process.
  static var isPresent: Bool { MPITeam.isLaunched }

  /// Joins the team; nil where there is none.
  ///
  /// - Throws: `ValidationError` where this program cannot be part of one.
  static func join() throws -> MPITeam? {
    guard isPresent else { return nil }
    do throws(MPITeam.Fault) {
      return try MPITeam()
    } catch {
      switch error {
      case .notBuiltIn:
        throw ValidationError(
          "mpirun has started a program that was built without MPI: each process would do the whole run. Build it with: "
            + "swift build -c release --traits MPI")
      case .refused(let code): throw ValidationError("MPI refuses to start, with its error number \(code).")
      }
    }
  }
}
