#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension CensusModel {
  /// The model that the package carries, unpacked on first use.
  static let embedded: CensusModel = {
    let json = CensusModelData.json
    do {
      return try CensusModel(json: Data(UnsafeBufferPointer(start: json.utf8Start, count: json.utf8CodeUnitCount)))
    } catch {
      preconditionFailure("CensusModel: the embedded tables are damaged (\(error)); run Scripts/census/estimate.py")
    }
  }()

  /// The form of the file that Scripts/census/estimate.py writes. Strings named below as numbers hold whole numbers with
  /// blanks between them.
  private struct Document: Decodable {
    var version: Int
    var nodes: [NodeDocument]
  }

  private struct NodeDocument: Decodable {
    var name: String
    var total: UInt64
    var hidden: Bool?
    var categories: [String]?
    /// Numbers.
    var values: String?
    /// Numbers.
    var edges: String?
    var bands: [BandDocument]?
    var parents: [ParentDocument]?
    /// Numbers, row after row, each row with the sum `total`; −n stands for n zeros.
    var table: String?
    var terms: [TermDocument]?
    /// Numbers.
    var sigmoid: String?
    var shift: Int32?
  }

  private struct BandDocument: Decodable {
    var values: String
    var weights: String
  }

  private struct ParentDocument: Decodable {
    var name: String
    /// Numbers: the bin of every code of the parent.
    var bins: String
  }

  private struct TermDocument: Decodable {
    var parents: [ParentDocument]
    var scores: String
  }

  /// What does not fit together in a document.
  private struct Damage: Error {
    var place: String
  }

  /// Reads a model; the first parent of a table is the most significant digit of the context.
  init(json: Data) throws {
    let document = try JSONDecoder().decode(Document.self, from: json)
    guard document.version == 1 else { throw Damage(place: "version \(document.version)") }
    nodes = []
    for entry in document.nodes {
      let output = try Self.output(of: entry)
      let equation: Equation
      if let terms = entry.terms, let sigmoid = entry.sigmoid, let shift = entry.shift {
        let decoded = try terms.map { term in
          let (parents, contexts) = try offsets(of: term.parents, in: entry.name)
          let scores = integers(term.scores).map { Int32($0) }
          guard scores.count == contexts else { throw Damage(place: "\(entry.name): scores") }
          return Term(parents: parents, scores: scores)
        }
        let steps = integers(sigmoid).map { Int32($0) }
        equation = .logistic(terms: decoded, sigmoid: steps, shift: shift, total: entry.total)
      } else if let table = entry.table {
        let (parents, contexts) = try offsets(of: entry.parents ?? [], in: entry.name)
        let codes = Self.codes(of: output, entry)
        let stride = (codes + 7) / 8 * 8
        let shares = try Self.cumulative(table, rows: contexts, codes: codes, stride: stride, of: entry)
        equation = .table(parents: parents, shares: shares, stride: stride, total: entry.total)
      } else {
        throw Damage(place: "\(entry.name): neither table nor terms")
      }
      nodes.append(Node(name: entry.name, equation: equation, output: output))
    }
  }

  /// The parents of a table with the weights of their digits, and the number of its rows.
  private func offsets(of parents: [ParentDocument], in name: String) throws -> (parents: [Parent], contexts: Int) {
    var result: [Parent] = []
    var weight: Int32 = 1
    for parent in parents.reversed() {
      guard let node = nodes.firstIndex(where: { $0.name == parent.name }) else {
        throw Damage(place: "\(name): parent \(parent.name)")
      }
      let bins = integers(parent.bins).map { Int32($0) }
      result.append(Parent(node: node, offsets: bins.map { $0 * weight }))
      weight *= (bins.max() ?? 0) + 1
    }
    return (result.reversed(), Int(weight))
  }

  private static func output(of entry: NodeDocument) throws -> Output {
    if entry.hidden == true { return .hidden }
    if let spelling = entry.categories {
      let sorted = spelling.filter { $0 != "?" }.sorted()
      let codes = spelling.map { Int32(sorted.firstIndex(of: $0) ?? -1) }
      return .categorical(spelling: spelling, codes: codes, sorted: sorted)
    }
    if let values = entry.values { return .numeric(integers(values).map { Double($0) }) }
    if let edges = entry.edges { return .uniform(edges: integers(edges)) }
    guard let bands = entry.bands else { throw Damage(place: "\(entry.name): no values") }
    return .banded(
      bands.map { band in
        var sum: UInt64 = 0
        let cumulative = integers(band.weights).map { weight in
          sum += UInt64(weight)
          return sum
        }
        return Band(values: integers(band.values).map { Double($0) }, cumulative: cumulative)
      })
  }

  private static func codes(of output: Output, _ entry: NodeDocument) -> Int {
    switch output {
    case .hidden: entry.categories?.count ?? 0
    case .categorical(let spelling, _, _): spelling.count
    case .numeric(let values): values.count
    case .banded(let bands): bands.count
    case .uniform(let edges): edges.count - 1
    }
  }

  /// The cumulative shares of every row, padded.
  private static func cumulative(
    _ table: String, rows: Int, codes: Int, stride: Int, of entry: NodeDocument
  ) throws -> [UInt16] {
    var shares = [UInt16](repeating: .max, count: rows * stride)
    var row = 0
    var code = 0
    var sum = 0
    func add(_ share: Int) throws {
      sum += share
      guard row < rows, sum <= Int(entry.total), sum <= Int(UInt16.max) else {
        throw Damage(place: "\(entry.name): row \(row)")
      }
      shares[row * stride + code] = UInt16(sum)
      code += 1
      if code == codes {
        guard sum == Int(entry.total) else { throw Damage(place: "\(entry.name): row \(row)") }
        (row, code, sum) = (row + 1, 0, 0)
      }
    }
    for number in integers(table) {
      if number >= 0 {
        try add(number)
      } else {
        for _ in 0..<(-number) { try add(0) }
      }
    }
    guard row == rows, code == 0 else { throw Damage(place: "\(entry.name): \(row) rows instead of \(rows)") }
    return shares
  }
}

/// The whole numbers in a text with one blank between any two.
private func integers(_ text: String) -> [Int] {
  var result: [Int] = []
  var text = text
  text.withUTF8 { bytes in
    result.reserveCapacity(bytes.count / 3)
    var number = 0
    var negative = false
    for byte in bytes {
      switch byte {
      case UInt8(ascii: " "):
        result.append(negative ? -number : number)
        (number, negative) = (0, false)
      case UInt8(ascii: "-"): negative = true
      default: number = number &* 10 &+ Int(byte &- 48)
      }
    }
    if !bytes.isEmpty { result.append(negative ? -number : number) }
  }
  return result
}
