import ArgumentParser
import Experiments
import OrderedJSON
import Reporting

/// `equipoise predict`: scores rows with a saved model.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Score the rows of a file with the model of a run.",
    discussion: """
      Prints row (counted from 0), score and decision as CSV, while the file is being read. The file is CSV, or JSON \
      Lines (.jsonl), plain or gzipped. It needs the columns of the training data, but neither the label nor the \
      sensitive attributes, unless the model was trained to read some of these.

      A model that is a mixture of classifiers draws one for each row, by a hash of the row's features and the seed of \
      its training: the same row is always decided alike. --seed draws by another seed; --chances prints, as the score, \
      the chance that the row is selected, and no decision.
      """)

  @Argument(help: ArgumentHelp("The folder of the run.", valueName: "run"), completion: .directory)
  var folder: String

  @Argument(help: "The rows: a CSV or JSON Lines file, gzipped or not.", completion: .file())
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
      var row = 0
      let warnings = try Predictor(run: folder).predict(
        data, columnNames: names, draw: chances ? .chances : seed.map { .seed($0) } ?? .asTrained
      ) { piece in
        var text = row > 0 || json ? "" : piece.decisions == nil ? "row,score\n" : "row,score,decision\n"
        for (index, score) in piece.scores.enumerated() {
          let number = JSONNumber(score).text
          if json {
            text += "{\"row\":\(row),\"score\":\(number)"
            if let decisions = piece.decisions { text += decisions[index] ? ",\"decision\":1" : ",\"decision\":0" }
            text += "}\n"
          } else {
            text += "\(row),\(number)"
            if let decisions = piece.decisions { text += decisions[index] ? ",1" : ",0" }
            text += "\n"
          }
          row += 1
        }
        Console.write(text)
      }
      if !quiet {
        for warning in warnings { Console.note("Note: \(TerminalText.neutralized("\(warning)"))") }
      }
    }
  }
}
