import ArgumentParser
import Experiments
import LinearAlgebra

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The command line.
@main
struct EquipoiseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "equipoise",
    abstract: "Trains classifiers whose predictions do not give away a sensitive attribute, and shows what that cost.",
    version: EquipoiseVersion.current,
    subcommands: [
      EvaluateCommand.self, RunCommand.self, SweepCommand.self, FrontierCommand.self, CompareCommand.self,
      ReportCommand.self, PredictCommand.self, ServeCommand.self, ExportCommand.self, AuditCommand.self,
      VerifyCommand.self,
      RunsCommand.self, DataCommand.self, ConfigCommand.self,
    ])

  static func main() {
    // A reader of the results that goes away, as `head` does, is told by the failing write.
    signal(SIGPIPE, SIG_IGN)
    // Before anything else: the threads that this ends take a core from whatever the command does.
    BLAS.singleThreaded
    main(nil)
  }
}
