import FairnessMetrics
import OrderedJSON

/// What a model predicts where its label is not 0 or 1.
public enum LabelPredictions: Sendable, Equatable {
  /// A probability of each of several classes, by their names.
  case classes([String])
  /// A number.
  case numbers

  /// The numbers that a row is predicted.
  public var width: Int {
    switch self {
    case .classes(let classes): classes.count
    case .numbers: 1
    }
  }

  /// The names of the columns that the predictions of a row take up: `decision` and `score.<class>` of each class, or
  /// `prediction`.
  package var columns: [String] {
    switch self {
    case .classes(let classes): ["decision"] + classes.map { "score.\($0)" }
    case .numbers: ["prediction"]
    }
  }

  /// The predictions of a row as cells, which may need no more escaping.
  package func cells(_ predictions: ArraySlice<Float>) -> [[UInt8]] {
    let numbers = predictions.map { Array(JSONNumber($0).text.utf8) }
    switch self {
    case .classes(let classes): return [CSVCell.encoded(Self.decision(predictions, among: classes))] + numbers
    case .numbers: return numbers
    }
  }

  /// The name of the class that is decided for; empty where a probability is NaN.
  private static func decision(_ probabilities: ArraySlice<Float>, among classes: [String]) -> String {
    MulticlassEvaluation.decision(scores: probabilities).map { classes[$0] } ?? ""
  }

  /// The predictions of a row as members of an object: `decision` and `scores` by class, or `prediction`.
  package func members(_ predictions: ArraySlice<Float>) -> [JSON.Member] {
    func number(_ value: Float) -> JSON { .number(JSONNumber(value)) }
    switch self {
    case .classes(let classes):
      return [
        .init("decision", .string(Self.decision(predictions, among: classes))),
        .init("scores", .object(zip(classes, predictions).map { JSON.Member($0, number($1)) })),
      ]
    case .numbers: return predictions.map { .init("prediction", number($0)) }
    }
  }
}

/// The lines of a `predictions.csv` of labels with several classes, or of numbers: row, file where there are several,
/// split, label, the columns of `LabelPredictions`, the decision or number before anything was done about the groups where
/// something was, and the sensitive columns.
///
/// `equipoise evaluate --regression` reads such numbers, and of classes the decisions and scores.
package struct LabelPredictionLines {
  private let form: LabelPredictions
  private let columns: [String]
  private let groupCells: [[[UInt8]]]
  private let fileCells: [[UInt8]]?
  private let withBefore: Bool

  /// - Parameters:
  ///   - groups: The sensitive attributes and their groups.
  ///   - files: The files that the rows come from, where there are several.
  package init(
    _ form: LabelPredictions, groups: [(name: String, groups: [String])], files: [String]?, withBefore: Bool
  ) {
    self.form = form
    self.withBefore = withBefore
    groupCells = groups.map { $0.groups.map(CSVCell.encoded) }
    fileCells = files?.map(CSVCell.encoded)
    var columns = ["row"] + (files == nil ? [] : ["file"]) + ["split", "label"] + form.columns
    if withBefore {
      switch form {
      case .classes: columns.append("decisionBefore")
      case .numbers: columns.append("predictionBefore")
      }
    }
    self.columns = columns + groups.map(\.name)
  }

  /// The first line.
  package var header: [UInt8] { Self.line(columns.map(CSVCell.encoded)) }

  /// Appends the line of a row.
  ///
  /// - Parameter label: The index of its class, or its number.
  package func append(
    row: Int, file: Int, split: SplitName, label: Float, predictions: ArraySlice<Float>, before: ArraySlice<Float>?,
    groups: [Int32], to bytes: inout [UInt8]
  ) {
    var cells = [Array(String(row).utf8)]
    if let fileCells { cells.append(fileCells[file]) }
    cells.append(Array(split.rawValue.utf8))
    switch form {
    case .classes(let classes): cells.append(CSVCell.encoded(classes[Int(label)]))
    case .numbers: cells.append(Array(JSONNumber(label).text.utf8))
    }
    cells += form.cells(predictions)
    if withBefore { cells.append(before.map { form.cells($0)[0] } ?? []) }
    for (column, code) in groups.enumerated() { cells.append(code < 0 ? [] : groupCells[column][Int(code)]) }
    bytes += Self.line(cells)
  }

  private static func line(_ cells: [[UInt8]]) -> [UInt8] {
    Array(cells.joined(separator: [0x2c])) + [0x0a]
  }
}
