import AdversarialGame
import ArgumentParser
import Experiments
import Reporting
import RunRecords

/// `equipoise run`: trains and evaluates one experiment.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Train and evaluate one experiment.",
    discussion: """
      Writes the records to a folder of their own under the configuration's output folder, and prints what the run came \
      to. Progress goes to standard error.
      """)

  @Argument(help: "The configuration.", completion: .file(extensions: ["json"]))
  var config: String

  @OptionGroup var overrides: OverrideOptions

  @Flag(help: "Print the result as JSON.")
  var json = false

  @Flag(name: .shortAndLong, help: "Show no progress.")
  var quiet = false

  func run() throws {
    try exitingOnFailure {
      let file = try ConfigurationFile(path: config, overrides: try overrides.list())
      var display = ProgressDisplay.standard(quiet: quiet)
      // An error message starts on a line of its own.
      defer { display.finish() }
      let result = try ExperimentRunner(file).run { event in
        switch event {
        case .stage: display.begin()
        case .notice(let text): display.note(text)
        case .epoch(let report, _, _):
          display.update(
            report.phase.rawValue, completed: report.epoch, total: report.plannedEpochs, detail: Self.detail(report))
        }
      }
      display.finish()
      let presentation = RunPresentation(result)
      Console.write(json ? presentation.json.serialized() : presentation.text(isUnicode: Console.isUnicode))
    }
  }

  /// What of an epoch is worth a word: the accuracy and the p%-rules on the rows that were not trained on.
  private static func detail(_ report: EpochReport) -> String {
    guard let evaluation = report.splits.last?.evaluation, let accuracy = evaluation.accuracy.value else { return "" }
    let rules = evaluation.attributes.compactMap { attribute in
      attribute.pPercentRule.value.map {
        "\(TerminalText.neutralized(attribute.name)) \(TerminalText.fixed($0 * 100, 0)) %"
      }
    }
    return "accuracy \(TerminalText.fixed(accuracy * 100, 1)) %"
      + (rules.isEmpty ? "" : ", p%-rule \(rules.joined(separator: " "))")
  }
}
