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
      neither the label nor the sensitive attributes.
      """)

  @Argument(help: ArgumentHelp("The folder of the run.", valueName: "run"), completion: .directory)
  var folder: String

  @Argument(help: "The rows: a CSV file, gzipped or not.", completion: .file())
  var data: String

  @Option(help: ArgumentHelp("The names of the columns where the file has no header line.", valueName: "a,b,c"))
  var columns: String?

  @Flag(help: "Print JSON Lines instead of CSV.")
  var json = false

  @Flag(name: .shortAndLong, help: "Do not tell about values that the model does not know.")
  var quiet = false

  func run() throws {
    try exitingOnFailure {
      let names = columns.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
      let predictions = try Predictor(run: folder).predict(data, columnNames: names)
      if !quiet {
        for warning in predictions.warnings { Console.note("Note: \(TerminalText.neutralized("\(warning)"))") }
      }
      var text = json ? "" : "row,score,decision\n"
      for (row, score) in predictions.scores.enumerated() {
        let number = JSONNumber(score).text
        let decision = predictions.decisions[row] ? "1" : "0"
        text +=
          json
          ? "{\"row\":\(row),\"score\":\(number),\"decision\":\(decision)}\n" : "\(row),\(number),\(decision)\n"
        if text.utf8.count > 1 << 16 {
          Console.write(text)
          text = ""
        }
      }
      Console.write(text)
    }
  }
}
