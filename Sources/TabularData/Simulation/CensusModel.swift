/// The structural causal model of `CensusSimulator`: its nodes in causal order, ready to be drawn from.
struct CensusModel: Sendable {
  /// How a node's code follows from its parents' codes and its noise.
  enum Equation: Sendable {
    /// The number of cumulative shares in the row of the context that are ≤ the noise, scaled to `0..<total`.
    ///
    /// Row c takes `table[c·stride ..< (c+1)·stride]`; the rows are padded with the largest number, which no noise
    /// reaches, to a multiple of eight.
    case table(parents: [Parent], shares: [UInt16], stride: Int, total: UInt64)

    /// 1 where the noise reaches `total − sigmoid[Σ scores]`, else 0.
    case logistic(terms: [Term], sigmoid: [Int32], shift: Int32, total: UInt64)
  }

  /// A parent of a table: what each of its codes adds to the context, the number of a row.
  struct Parent: Sendable {
    var node: Int
    var offsets: [Int32]
  }

  /// One term of a score: its parents give the context, the context the score, in 1/256.
  struct Term: Sendable {
    var parents: [Parent]
    var scores: [Int32]
  }

  /// What stands in the table for a code.
  enum Output: Sendable {
    case hidden
    /// Adult's spelling of every code; the code in the table, an index into `sorted`, −1 for missing.
    case categorical(spelling: [String], codes: [Int32], sorted: [String])
    /// A number for every code.
    case numeric([Double])
    /// For every code the numbers of its band and their cumulative weights.
    case banded([Band])
    /// Code c is a whole number in `edges[c]..<edges[c + 1]`, all equally likely.
    case uniform(edges: [Int])
  }

  /// Numbers with cumulative weights; the last weight is the total.
  struct Band: Sendable {
    var values: [Double]
    var cumulative: [UInt64]
  }

  /// A variable.
  struct Node: Sendable {
    var name: String
    var equation: Equation
    var output: Output

    /// The numbers of the nodes it depends on.
    var parentNodes: Set<Int> {
      switch equation {
      case .table(let parents, _, _, _): Set(parents.map(\.node))
      case .logistic(let terms, _, _, _): Set(terms.flatMap { $0.parents.map(\.node) })
      }
    }
  }

  /// What a set column holds: its code, and its number where the code does not determine it.
  struct Setting: Sendable {
    var code: UInt8
    var value: Double
  }

  /// The nodes; parents come before children.
  var nodes: [Node]

  /// The number of a node that is a column.
  func visibleNode(named name: String) -> Int? {
    nodes.firstIndex { node in
      if case .hidden = node.output { false } else { node.name == name }
    }
  }

  /// The node of a column and the code of a value in Adult's spelling.
  func setting(of column: String, to value: String) throws(DataError) -> (node: Int, Setting) {
    guard let number = visibleNode(named: column) else {
      throw DataError(
        .badData, at: "census simulator",
        "There is no column '\(column)'. The columns are \(CensusSimulator.columnNames.joined(separator: ", ")).")
    }
    func unknown(_ known: String) -> DataError {
      DataError(
        .badData, at: "census simulator, column '\(column)'", "The value '\(value)' cannot be set. Known are \(known).")
    }
    switch nodes[number].output {
    case .hidden:
      preconditionFailure("CensusModel: a visible node is hidden")
    case .categorical(let spelling, let codes, let sorted):
      guard let code = spelling.firstIndex(of: value), codes[code] >= 0 else {
        throw unknown(sorted.joined(separator: ", "))
      }
      return (number, Setting(code: UInt8(code), value: 0))
    case .numeric(let values):
      guard let whole = Int(value), let code = values.firstIndex(of: Double(whole)) else {
        throw unknown(Self.listed(values))
      }
      return (number, Setting(code: UInt8(code), value: Double(whole)))
    case .banded(let bands):
      guard let whole = Int(value), let code = bands.firstIndex(where: { $0.values.contains(Double(whole)) }) else {
        throw unknown(Self.listed(bands.flatMap(\.values)))
      }
      return (number, Setting(code: UInt8(code), value: Double(whole)))
    case .uniform(let edges):
      guard let whole = Int(value), let above = edges.firstIndex(where: { $0 > whole }), above > 0 else {
        throw unknown("the whole numbers from \(edges[0]) to \(edges[edges.count - 1] - 1)")
      }
      return (number, Setting(code: UInt8(above - 1), value: Double(whole)))
    }
  }

  /// "17 to 88, 90": runs of whole numbers in increasing order.
  private static func listed(_ values: [Double]) -> String {
    var runs: [(first: Int, last: Int)] = []
    for value in values.map({ Int($0) }) {
      if let run = runs.last, run.last + 1 == value {
        runs[runs.count - 1].last = value
      } else {
        runs.append((value, value))
      }
    }
    return runs.map { $0.first == $0.last ? "\($0.first)" : "\($0.first) to \($0.last)" }.joined(separator: ", ")
  }
}
