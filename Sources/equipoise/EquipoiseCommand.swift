import ArgumentParser

/// The command line.
@main
struct EquipoiseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "equipoise",
    abstract: "Trains classifiers whose predictions do not give away a sensitive attribute, and shows what that cost.",
    version: "0.1.0",
    subcommands: [ConfigCommand.self])
}
