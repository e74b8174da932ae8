import Mitigation
import TabularData

/// The preparation of raw columns as nodes.
enum ONNXEncoding {
  // MARK: - Features

  /// The features, `[n, d]` of floats, from one input for each column.
  static func features(
    _ encoder: FeatureEncoder, schema: Schema, in graph: inout ONNXGraph
  ) -> ONNXGraph.Value {
    var blocks: [ONNXGraph.Value] = []
    for column in encoder.columns {
      switch column.encoding {
      case .numeric(let numeric):
        blocks.append(contentsOf: features(of: graph.input(column.name, .double), numeric, in: &graph))
      case .categorical(let categorical):
        let cells = graph.input(column.name, .string)
        blocks.append(features(of: cells, categorical, markers: schema.missingMarkers, in: &graph))
      }
    }
    return graph("Concat", blocks, ["axis": .integer(1)])
  }

  /// `(x − mean)/scale` in doubles, as the encoder computes, and the pieces of the range.
  private static func features(
    of cells: ONNXGraph.Value, _ numeric: FeatureEncoder.Numeric, in graph: inout ONNXGraph
  ) -> [ONNXGraph.Value] {
    let fill = graph.number(numeric.fill)
    let x = graph("Where", [graph("IsNaN", [cells]), fill, cells])
    let centred = graph("Sub", [x, graph.number(numeric.mean)])
    var blocks = [graph.cast(graph("Div", [centred, graph.number(numeric.scale)]), to: .float)]
    if let pieces = numeric.pieces {
      let (lows, highs) = (Array(pieces.knots.dropLast()), Array(pieces.knots.dropFirst()))
      let starts = graph.constant(lows, [1, lows.count])
      let widths = graph.constant(zip(lows, highs).map { $1 - $0 }, [1, lows.count])
      let shares = graph("Div", [graph("Sub", [x, starts]), widths])
      let clipped = graph("Min", [graph("Max", [shares, graph.number(0)]), graph.number(1)])
      blocks.append(graph.cast(clipped, to: .float))
    }
    return blocks
  }

  /// A row of a table for each category, the last one for what no training row has.
  private static func features(
    of cells: ONNXGraph.Value, _ categorical: FeatureEncoder.Categorical, markers: [String],
    in graph: inout ONNXGraph
  ) -> ONNXGraph.Value {
    let rows = categorical.featuresByCategory
    var rowOf = Dictionary(zip(rows.map(\.category), 0...), uniquingKeysWith: { first, _ in first })
    // A cell that counts as missing is the category of missing cells, whatever it is named.
    for marker in [""] + markers { rowOf[marker] = rowOf[categorical.missingCategory] ?? rows.count }
    let table = graph.constant(
      rows.flatMap(\.features) + categorical.bucketFeatures, [rows.count + 1, categorical.means.count])
    return graph("Gather", [table, places(of: cells, rowOf, otherwise: rows.count, in: &graph)], ["axis": .integer(0)])
  }

  /// The numbers that strings stand for, `[n]`.
  private static func places(
    of cells: ONNXGraph.Value, _ numbers: [String: Int], otherwise: Int, in graph: inout ONNXGraph
  ) -> ONNXGraph.Value {
    let keys = numbers.keys.sorted()
    let codes = graph(
      "LabelEncoder", [cells], domain: ONNXGraph.tables,
      [
        "keys_strings": .strings(keys), "values_int64s": .integers(keys.map { numbers[$0] ?? otherwise }),
        "default_int64": .integer(otherwise),
      ])
    return graph("Reshape", [codes, graph.constant([-1], [1])])
  }

  // MARK: - Groups

  /// Which combinations of groups a row may have, `[n, combinations]` of floats: 1 for the one that it has, or 1 for all
  /// where it has none that is known.
  static func combinations(
    _ reads: ReadGroups, coders: [SensitiveCoder], schema: Schema, in graph: inout ONNXGraph
  ) -> ONNXGraph.Value {
    // Codes count from 0, with 0 for a missing group, and are the digits of the combination's number.
    var number: ONNXGraph.Value?
    var rowsByNumber: [Int: Int] = [:]
    var size = 1
    for (combination, codes) in reads.combinations.enumerated() {
      var (place, unit) = (0, 1)
      for (column, code) in zip(reads.columns, codes) {
        place += (Int(code) + 1) * unit
        unit *= column.groups.count + 1
      }
      rowsByNumber[place] = combination
    }
    for column in reads.columns {
      let digit = digit(column, coders: coders, schema: schema, in: &graph)
      let part = size == 1 ? digit : graph("Mul", [digit, graph.constant([size], [1])])
      number = number.map { graph("Add", [$0, part]) } ?? part
      size *= column.groups.count + 1
    }
    guard let number else { preconditionFailure("ONNXEncoding: no column is read") }
    let count = reads.combinations.count
    let table = (0..<size).flatMap { place in
      (0..<count).map { Float(rowsByNumber[place] == nil || rowsByNumber[place] == $0 ? 1 : 0) }
    }
    return graph("Gather", [graph.constant(table, [size, count]), number], ["axis": .integer(0)])
  }

  /// The code of a row's group plus one, 0 where it is missing, `[n]`.
  private static func digit(
    _ column: ReadGroups.Column, coders: [SensitiveCoder], schema: Schema, in graph: inout ONNXGraph
  ) -> ONNXGraph.Value {
    func digit(of group: String) -> Int { (column.groups.firstIndex(of: group) ?? -1) + 1 }
    guard schema[column.name] == .numeric else {
      var digits = Dictionary(column.groups.map { ($0, digit(of: $0)) }, uniquingKeysWith: { first, _ in first })
      for marker in [""] + schema.missingMarkers { digits[marker] = 0 }
      return places(of: graph.input(column.name, .string), digits, otherwise: 0, in: &graph)
    }
    let cells = graph.input(column.name, .double)
    let bins = coders.first { $0.column == column.name }?.bins
    let digits: [Int]
    let place: ONNXGraph.Value
    if let bins {
      // The number of boundaries at or below a value; no boundary is below NaN, which is bin −1.
      digits = [0] + SensitiveCoder.binNames(bins).map(digit(of:))
      let isAbove = graph("GreaterOrEqual", [cells, graph.constant(bins, [1, bins.count])])
      let isThere = graph("Not", [graph("IsNaN", [cells])])
      let all = graph(
        "Concat", [graph.cast(isThere, to: .int64), graph.cast(isAbove, to: .int64)], ["axis": .integer(1)])
      place = sum(all, in: &graph)
    } else {
      let numbers = column.groups.compactMap { group in
        GroupValue.number(group).map { (value: $0, digit: digit(of: group)) }
      }
      digits = Array(0...column.groups.count)
      let isEqual = graph("Equal", [cells, graph.constant(numbers.map(\.value), [1, numbers.count])])
      let weighted = graph(
        "Mul", [graph.cast(isEqual, to: .int64), graph.constant(numbers.map(\.digit), [1, numbers.count])])
      place = sum(weighted, in: &graph)
    }
    return graph("Gather", [graph.constant(digits, [digits.count]), place], ["axis": .integer(0)])
  }

  private static func sum(_ rows: ONNXGraph.Value, in graph: inout ONNXGraph) -> ONNXGraph.Value {
    graph("ReduceSum", [rows, graph.constant([1], [1])], ["keepdims": .integer(0)])
  }
}
