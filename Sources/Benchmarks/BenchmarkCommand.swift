import ArgumentParser
import LinearAlgebra

/// `equipoise-benchmark`: how long the parts of Equipoise take on this machine, through the library's public API.
///
/// Each figure is the shortest and the median of many short measurements. The shortest is what the machine can do; on a
/// machine that is shared, the median also tells of its other users.
@main
struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "equipoise-benchmark",
    abstract: "Measure training, metrics and the reading of data on this machine.",
    subcommands: [TrainingCommand.self, MetricsCommand.self, EncodingCommand.self],
    defaultSubcommand: TrainingCommand.self)
}

/// What all measurements have in common.
struct MeasurementOptions: ParsableArguments {
  @Option(help: "How many seconds each figure is measured.")
  var seconds = 2.0

  @Option(
    help: """
      The clock: on the wall, or of the processor's time spent on this process, which suits a machine that others use \
      too. They agree where one thread works and nobody else.
      """)
  var clock = Clock.wall

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard seconds > 0 else { throw ValidationError("--seconds should be more than 0.") }
  }

  /// Prints figures as lines, or as one JSON object with the properties before them.
  func report(_ heading: [String], properties: [(key: String, value: ReportValue)], figures: [Figure]) {
    if json {
      let items =
        properties.map { "  \"\($0.key)\": \($0.value.json)" }
        + figures.flatMap { ["  \"\($0.key)\": \($0.minimum)", "  \"\($0.key)Median\": \($0.median)"] }
      print("{\n\(items.joined(separator: ",\n"))\n}")
      return
    }
    for line in heading { print(line) }
    for figure in figures {
      print("\(figure.title): \(figure.text(figure.minimum)) \(figure.unit), median \(figure.text(figure.median))")
    }
  }
}

/// What time is.
enum Clock: String, CaseIterable, ExpressibleByArgument {
  case wall, cpu
}

/// A value in a report's JSON.
enum ReportValue {
  case text(String)
  case number(Double)

  var json: String {
    switch self {
    case .text(let text): "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    case .number(let number): number == number.rounded() ? "\(Int(number))" : "\(number)"
    }
  }
}
