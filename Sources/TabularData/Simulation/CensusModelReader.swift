extension CensusModel {
  /// The model that the package carries, unpacked on first use.
  static let embedded: CensusModel = {
    let text = CensusModelData.text
    return text.withUTF8Buffer { bytes in
      var reader = CensusModelReader()
      for line in bytes.split(separator: UInt8(ascii: "\n")) { reader.read(UnsafeBufferPointer(rebasing: line)) }
      reader.finishNode()
      return CensusModel(nodes: reader.nodes)
    }
  }()
}

/// Reads the text that Scripts/census/estimate.py writes: a line is a key, a blank and its value.
///
/// | key | value |
/// |---|---|
/// | `node` | the name; the keys below belong to the node last begun |
/// | `hidden` | the number of codes of a node that is not a column |
/// | `categories` | Adult's spelling of every code, with commas between; `?` is missing |
/// | `values`, `edges` | numbers: the value of every code; the bounds of the intervals that the codes stand for |
/// | `band` | a line for every code: its values, a bar, their weights |
/// | `parent` | a name and the bin of each of its codes; the first parent is the most significant digit of a context |
/// | `table` | a row of shares for every context, with the sum `total` in every row; −n stands for n zeros |
/// | `scores` | a term of a logistic node: the score of every context of the parents since the last term |
/// | `sigmoid`, `shift`, `total` | see `CensusModel.Equation` |
///
/// The text is part of the program; where it does not fit together, the program stops.
struct CensusModelReader {
  /// The nodes read so far.
  private(set) var nodes: [CensusModel.Node] = []

  private var name = ""
  private var output = CensusModel.Output.hidden
  private var codeCount = 0
  private var parents: [(node: Int, bins: [Int32])] = []
  private var terms: [CensusModel.Term] = []
  private var shares: [UInt16] = []
  private var sigmoid: [Int32] = []
  private var shift: Int32 = 0
  private var total = 0

  /// Reads one line.
  mutating func read(_ line: UnsafeBufferPointer<UInt8>) {
    let blank = line.firstIndex(of: UInt8(ascii: " ")) ?? line.endIndex
    let value = UnsafeBufferPointer(rebasing: line[min(blank + 1, line.endIndex)...])
    switch text(line[..<blank]) {
    case "node":
      finishNode()
      name = text(value[...])
    case "hidden": codeCount = integers(value).first ?? 0
    case "categories":
      let spelling = value.split(separator: UInt8(ascii: ",")).map { text($0) }
      let sorted = spelling.filter { $0 != "?" }.sorted()
      let codes = spelling.map { Int32(sorted.firstIndex(of: $0) ?? -1) }
      output = .categorical(spelling: spelling, codes: codes, sorted: sorted)
      codeCount = spelling.count
    case "values":
      let values = integers(value).map { Double($0) }
      output = .numeric(values)
      codeCount = values.count
    case "edges":
      let edges = integers(value)
      output = .uniform(edges: edges)
      codeCount = edges.count - 1
    case "band": addBand(value)
    case "parent":
      let end = value.firstIndex(of: UInt8(ascii: " ")) ?? value.endIndex
      let parent = text(value[..<end])
      guard let node = nodes.firstIndex(where: { $0.name == parent }) else { stop("parent \(parent)") }
      let bins = integers(UnsafeBufferPointer(rebasing: value[min(end + 1, value.endIndex)...]))
      parents.append((node, bins.map { Int32($0) }))
    case "total": total = integers(value).first ?? 0
    case "table": readTable(value)
    case "scores":
      let (placed, contexts) = placedParents()
      let scores = integers(value).map { Int32($0) }
      guard scores.count == contexts else { stop("scores") }
      terms.append(CensusModel.Term(parents: placed, scores: scores))
      parents = []
    case "sigmoid": sigmoid = integers(value).map { Int32($0) }
    case "shift": shift = Int32(integers(value).first ?? 0)
    case let key: stop("key \(key)")
    }
  }

  /// Adds the node at hand, if one was begun.
  mutating func finishNode() {
    guard !name.isEmpty else { return }
    guard codeCount > 0, codeCount <= 256, (1...Int(UInt16.max)).contains(total) else { stop("codes or total") }
    let equation: CensusModel.Equation
    if terms.isEmpty {
      guard !shares.isEmpty else { stop("neither table nor scores") }
      let stride = Self.stride(codeCount)
      equation = .table(parents: placedParents().parents, shares: shares, stride: stride, total: UInt64(total))
    } else {
      guard !sigmoid.isEmpty else { stop("sigmoid") }
      equation = .logistic(terms: terms, sigmoid: sigmoid, shift: shift, total: UInt64(total))
    }
    let done = CensusModel.Node(name: name, equation: equation, output: output)
    let all = nodes + [done]
    self = CensusModelReader()
    nodes = all
  }

  /// Rows are padded to a multiple of eight.
  private static func stride(_ codes: Int) -> Int { (codes + 7) / 8 * 8 }

  private mutating func addBand(_ value: UnsafeBufferPointer<UInt8>) {
    let halves = value.split(separator: UInt8(ascii: "|")).map { integers(UnsafeBufferPointer(rebasing: $0)) }
    guard halves.count == 2, halves[0].count == halves[1].count, !halves[0].isEmpty else { stop("band") }
    var bands: [CensusModel.Band] = []
    if case .banded(let known) = output { bands = known }
    var sum: UInt64 = 0
    let cumulative = halves[1].map { weight in
      sum += UInt64(weight)
      return sum
    }
    bands.append(CensusModel.Band(values: halves[0].map { Double($0) }, cumulative: cumulative))
    output = .banded(bands)
    codeCount = bands.count
  }

  /// The parents with what each of their codes adds to the context, and the number of contexts.
  private func placedParents() -> (parents: [CensusModel.Parent], contexts: Int) {
    var result: [CensusModel.Parent] = []
    var weight: Int32 = 1
    for (node, bins) in parents.reversed() {
      result.append(CensusModel.Parent(node: node, offsets: bins.map { $0 * weight }))
      weight *= (bins.max() ?? 0) + 1
    }
    return (result.reversed(), Int(weight))
  }

  /// Reads the shares and sums them up, row after row.
  private mutating func readTable(_ value: UnsafeBufferPointer<UInt8>) {
    let (rows, codes, stride) = (placedParents().contexts, codeCount, Self.stride(codeCount))
    let total = total
    var row = 0
    var code = 0
    var sum = 0
    var intact = true
    shares = [UInt16](repeating: .max, count: rows * stride)
    shares.withUnsafeMutableBufferPointer { shares in
      forEachInteger(value) { number in
        for _ in 0..<(number < 0 ? -number : 1) {
          sum += max(number, 0)
          intact = intact && row < rows && sum <= total
          guard intact else { return }
          shares[row * stride + code] = UInt16(truncatingIfNeeded: sum)
          code += 1
          if code == codes {
            intact = sum == total
            (row, code, sum) = (row + 1, 0, 0)
          }
        }
      }
    }
    guard intact, row == rows, code == 0 else { stop("table, row \(row) of \(rows)") }
  }

  private func stop(_ what: String) -> Never {
    preconditionFailure("CensusModelData, node '\(name)': \(what); write it anew with Scripts/census/estimate.py")
  }
}

private func text(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String {
  String(decoding: bytes, as: UTF8.self)
}

private func integers(_ bytes: UnsafeBufferPointer<UInt8>) -> [Int] {
  var result: [Int] = []
  result.reserveCapacity(bytes.count / 2 + 1)
  forEachInteger(bytes) { result.append($0) }
  return result
}

/// Calls `body` with every whole number of a text with one blank between any two.
@inline(__always)
private func forEachInteger(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (Int) -> Void) {
  guard !bytes.isEmpty else { return }
  var number = 0
  var negative = false
  for byte in bytes {
    if byte == UInt8(ascii: " ") {
      body(negative ? -number : number)
      (number, negative) = (0, false)
    } else if byte == UInt8(ascii: "-") {
      negative = true
    } else {
      number = number &* 10 &+ Int(byte &- UInt8(ascii: "0"))
    }
  }
  body(negative ? -number : number)
}
