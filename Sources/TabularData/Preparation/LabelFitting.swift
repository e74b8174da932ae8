import Wording

/// The classes, or the mean and deviation, of a label that is not binary, from the training rows: pieces of rows or all
/// at once give the same bits.
struct LabelFitting {
  /// More classes than these are almost always numbers.
  static let mostClasses = 256

  private let column: String
  private let kind: DataRecipe.Label.Kind
  private let source: String
  private var classes: ValueTally
  private var numbers = RunningMoments()
  private var rows = 0

  /// - Throws: `DataError` where a continuous label is no column of numbers.
  init(_ label: DataRecipe.Label, head: Table) throws(DataError) {
    column = label.column
    kind = label.kind
    source = head.source
    classes = ValueTally(try head.column(named: column).cells.type)
    if kind == .continuous { _ = try Self.numbers(of: column, in: head) }
  }

  /// Adds training rows of a piece; their labels are not missing.
  mutating func add(_ table: Table, rows chosen: [Int]) throws(DataError) {
    rows += chosen.count
    if kind == .continuous {
      let values = try Self.numbers(of: column, in: table)
      for row in chosen where !values[row].isNaN { numbers.add(values[row]) }
    } else {
      classes.add(try table.column(named: column).cells, rows: chosen)
    }
  }

  /// The coder, when all training rows have come.
  ///
  /// - Throws: `DataError` where there is nothing to learn: one class, one number; where there are too many classes, or
  ///   single precision cannot tell the numbers apart.
  func coder() throws(DataError) -> LabelCoder {
    let name = Excerpt.quoted(column)
    guard kind == .continuous else { return try categoricalCoder(name) }
    let (mean, deviation) = (numbers.mean, numbers.deviation)
    guard deviation.isFinite, deviation > abs(mean) * 1e-12, deviation > 0 else {
      throw DataError(
        .badData, at: source,
        "label \(name) is \(GroupValue.name(mean)) in all \(rows) training rows, so that there is nothing to predict. "
          + "Name another column.")
    }
    // Labels are kept in single precision, with 24 bits: less than a hundredth of the deviation must get lost.
    guard abs(mean) * 1e-5 < deviation else {
      throw DataError(
        .badData, at: source,
        "label \(name) varies by \(GroupValue.name(deviation)) about its mean of \(GroupValue.name(mean)), too little for "
          + "single precision. Give it as the difference from a number near the mean.")
    }
    return LabelCoder(column: column, kind: .continuous(mean: mean, deviation: deviation))
  }

  private func categoricalCoder(_ name: String) throws(DataError) -> LabelCoder {
    let found = classes.occurring
    guard found.count > 1 else {
      throw DataError(
        .badData, at: source,
        "label \(name) has one class, \(Excerpt.quoted(found.first ?? "")), in the \(rows) training rows. A classifier "
          + "needs two: check the label's name and the filters.")
    }
    guard found.count <= Self.mostClasses else {
      throw DataError(
        .badData, at: source,
        "label \(name) has \(found.count) classes in the training rows, more than \(Self.mostClasses). If it is a number, "
          + "make it continuous (data.label.kind); else name a column with fewer values.")
    }
    return LabelCoder(column: column, kind: .categorical(classes: found))
  }

  /// The numbers of a label's column; NaN where missing.
  static func numbers(of name: String, in table: Table) throws(DataError) -> [Double] {
    guard case .numeric(let numbers) = try table.column(named: name).cells else {
      throw DataError(
        .badData, at: table.source,
        "label \(Excerpt.quoted(name)) is continuous, and its cells are not numbers. Make it categorical, or name another "
          + "column.")
    }
    return numbers
  }
}

/// Mean and standard deviation of numbers that come one after the other, by Welford's recurrence.
struct RunningMoments {
  private(set) var count = 0
  private(set) var mean = 0.0
  /// Σ(x − mean)².
  private var squares = 0.0

  mutating func add(_ number: Double) {
    count += 1
    let difference = number - mean
    mean += difference / Double(count)
    squares += difference * (number - mean)
  }

  /// Dividing by their number; 0 of none.
  var deviation: Double { count == 0 ? 0 : (squares / Double(count)).squareRoot() }
}
