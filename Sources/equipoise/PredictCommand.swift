import ArgumentParser
import Experiments
import FairnessEvaluation
import OrderedJSON
import Reporting
import RunRecords
import TabularData

/// `equipoise predict`: scores rows with a saved model.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict", abstract: "Score the rows of a file with the model of a run.",
    discussion: """
      Prints row (counted from 0), score and decision as CSV, while the file is being read. The file is CSV, or JSON \
      Lines where its name ends in .jsonl or --format says so, plain or gzipped; - is the standard input. It needs the columns of the training data, but neither the label nor the \
      sensitive attributes, unless the model was trained to read some of these.

      A model that is a mixture of classifiers draws one for each row, by a hash of the row's features and the seed of \
      its training: the same row is always decided alike. --seed draws by another seed; --chances prints, as the score, \
      the chance that the row is selected, and no decision.

      Of a model whose label has several classes, the decision is the class with the largest probability, and the column \
      score.<class> has the probability of each; of one whose label is a number, prediction is that number.
      """)

  @Argument(help: ArgumentHelp("The folder of the run.", valueName: "run"), completion: .directory)
  var folder: String

  @Argument(help: "The rows: a CSV or JSON Lines file, gzipped or not; - for the standard input.", completion: .file())
  var data: String

  @Option(help: "The format: csv, jsonl or tfrecord; otherwise the file's name tells.")
  var format: PredictionsFormat?

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
      let predictor = try Predictor(run: folder)
      let form = predictor.form
      let width = form?.width ?? 1
      let warnings = try predictor.predict(
        data == "-" ? "/dev/stdin" : data, as: format, csv: CSVFormat(columnNames: names),
        draw: chances ? .chances : seed.map { .seed($0) } ?? .asTrained
      ) { piece in
        Console.write(
          form.map { Self.lines(of: piece, $0, width: width, from: row, json: json) }
            ?? Self.lines(of: piece, from: row, json: json))
        row += piece.scores.count / width
      }
      if !quiet {
        for warning in warnings { Console.note("Note: \(TerminalText.neutralized("\(warning)"))") }
      }
    }
  }

  /// The lines of a piece of predictions that are no scores of 0 and 1, `width` of them a row.
  private static func lines(
    of piece: Predictor.Predictions, _ form: LabelPredictions, width: Int, from first: Int, json: Bool
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    if first == 0 && !json { bytes += CSVText.header(["row"] + form.columns) }
    for start in stride(from: 0, to: piece.scores.count, by: width) {
      let row = first + start / width
      let predictions = piece.scores[start..<start + width]
      if json {
        let members = [JSON.Member("row", .number(JSONNumber(row)))] + form.members(predictions)
        bytes += Array(JSON.object(members).serialized(.compact).utf8) + [UInt8(ascii: "\n")]
      } else {
        bytes += ([Array(String(row).utf8)] + form.cells(predictions)).joined(separator: [UInt8(ascii: ",")])
        bytes.append(UInt8(ascii: "\n"))
      }
    }
    return bytes
  }

  /// The lines of a piece, its first row numbered `first`; before the very first the head of CSV.
  ///
  /// As bytes: put together as texts they would take longer than the scores.
  private static func lines(of piece: Predictor.Predictions, from first: Int, json: Bool) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(piece.scores.count * (json ? 48 : 24) + 32)
    func append(_ text: StaticString) {
      bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
    if first == 0 && !json { append(piece.decisions == nil ? "row,score\n" : "row,score,decision\n") }
    for (index, score) in piece.scores.enumerated() {
      if json { append("{\"row\":") }
      var row = String(first + index)
      row.withUTF8 { bytes.append(contentsOf: $0) }
      append(json ? ",\"score\":" : ",")
      var number = JSONNumber(score).text
      number.withUTF8 { bytes.append(contentsOf: $0) }
      if let decisions = piece.decisions {
        append(json ? ",\"decision\":" : ",")
        bytes.append(UInt8(ascii: decisions[index] ? "1" : "0"))
      }
      append(json ? "}\n" : "\n")
    }
    return bytes
  }
}
