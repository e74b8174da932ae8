import MessagePassing

/// The team of processes to which this one belongs, where `mpirun` has started it.
enum LaunchedTeam {
  /// Why this program cannot be part of a team.
  struct Fault: ExitStatusError, CustomStringConvertible {
    let description: String
    let exitStatus: Int32 = 64
  }

  /// Whether `mpirun` has started this process.
  static var isPresent: Bool { MPITeam.isLaunched }

  /// Joins the team; nil where there is none.
  static func join() throws(Fault) -> MPITeam? {
    guard isPresent else { return nil }
    do throws(MPITeam.Fault) {
      return try MPITeam()
    } catch {
      switch error {
      case .notBuiltIn:
        throw Fault(
          description: "mpirun has started a program that was built without MPI: each process would do the whole run. "
            + "Build it with: swift build -c release --traits MPI")
      case .refused(let code): throw Fault(description: "MPI refuses to start, with its error number \(code).")
      }
    }
  }
}
