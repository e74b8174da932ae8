import ArgumentParser
import Experiments
import OrderedJSON
import Reporting

/// `equipoise predict`: scores rows with a saved model.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Score the rows of a CSV file with the model of a run.",
    discussion: """
      Prints row (counted from 0), score and decision as CSV. The file needs the columns of the training data, but \
      neither the label nor the sensitive attributes, unless the model was trained to read some of these.

      A model that is a mixture of classifiers draws one for each row, by a hash of the row's features and the seed of \
      its training: the same row is always decided alike. --seed draws by another seed; --chances prints, as the score, \
      the chance that the row is selected, and no decision.
      """)

  @Argument(help: ArgumentHelp("The folder of the run.", valueName: "run"), completion: .directory)
  var folder: String

  @Argument(help: "The rows: a CSV file, gzipped or not.", completion: .file())
  var data: String

  @Option(help: ArgumentHelp("The names of the columns where the file has no header line.", valueName: "a,b,c"))
  var columns: String?

  @Option(help: ArgumentHelp("The seed by which a mixture of classifiers decides.", valueName: "seed"))
  var seed: UInt64?

  @Flag(help: "Print the chance that a mixture of classifiers selects a row.")
  var chances = false

  @Flag(help: "Print JSON Lines instead of CSV.")
  var json = false

  @Flag(name: .shortAndLong, help: "Do not tell about values that the model does not know.")
  var quiet = false

  func validate() throws {
    if seed != nil && chances { throw ValidationError("Give --seed or --chances, not both.") }
  }

  func run() throws {
    try exitingOnFailure {
      let names = columns.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
      let predictions = try Predictor(run: folder).predict(
        data, columnNames: names, draw: chances ? .chances : seed.map { .seed($0) } ?? .asTrained)
      if !quiet {
        for warning in predictions.warnings { Console.note("Note: \(TerminalText.neutralized("\(warning)"))") }
      }
      var text = json ? "" : predictions.decisions == nil ? "row,score\n" : "row,score,decision\n"
      for (row, score) in predictions.scores.enumerated() {
        let number = JSONNumber(score).text
        let decision = predictions.decisions.map { $0[row] ? "1" : "0" }
        text +=
          json
          ? "{\"row\":\(row),\"score\":\(number)" + (decision.map { ",\"decision\":\($0)" } ?? "") + "}\n"
          : "\(row),\(number)" + (decision.map { ",\($0)" } ?? "") + "\n"
        if text.utf8.count > 1 << 16 {
          Console.write(text)
          text = ""
        }
      }
      Console.write(text)
    }
  }
}
