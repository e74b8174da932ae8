import ArgumentParser
import Experiments

/// The command line.
@main
struct EquipoiseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "equipoise",
    abstract: "Trains classifiers whose predictions do not give away a sensitive attribute, and shows what that cost.",
    version: EquipoiseVersion.current,
    subcommands: [EvaluateCommand.self, RunCommand.self, PredictCommand.self, DataCommand.self, ConfigCommand.self])
}
