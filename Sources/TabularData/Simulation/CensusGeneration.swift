/// Draws a range of rows from a model, block by block and node by node within a block.
///
/// The two halves of a node's 64 bits of noise: the upper chooses the code, the lower the number within the code's
/// band. Codes and the numbers in a band increase with their halves, so a number is a monotone function of the noise.
struct CensusGeneration {
  private let model: CensusModel
  private let rows: Range<Int>
  private let seed: UInt64
  private let setting: [Int: CensusModel.Setting]

  /// The cells of every node; one of the two is empty, both are for a hidden node.
  private var numbers: [[Double]]
  private var categories: [[Int32]]

  /// A block's codes, contexts and scores stay in the nearest caches.
  private static let blockSize = 1024

  init(model: CensusModel, rows: Range<Int>, seed: UInt64, setting: [Int: CensusModel.Setting]) {
    self.model = model
    self.rows = rows
    self.seed = seed
    self.setting = setting
    numbers = model.nodes.map { node in
      switch node.output {
      case .hidden, .categorical: []
      case .numeric, .banded, .uniform: [Double](repeating: 0, count: rows.count)
      }
    }
    categories = model.nodes.map { node in
      if case .categorical = node.output { [Int32](repeating: 0, count: rows.count) } else { [] }
    }
  }

  /// Fills all cells.
  mutating func run() {
    let blank = [UInt8](repeating: 0, count: Self.blockSize)
    var codes = [[UInt8]](repeating: blank, count: model.nodes.count)
    var scratch = CensusScratch(size: Self.blockSize)
    for start in stride(from: 0, to: rows.count, by: Self.blockSize) {
      let count = min(Self.blockSize, rows.count - start)
      for (number, node) in model.nodes.enumerated() {
        scratch.fillNoise(CensusNoise(seed: seed, node: number), firstRow: rows.lowerBound + start, count: count)
        if let forced = setting[number] {
          for row in 0..<count { codes[number][row] = forced.code }
        } else {
          scratch.draw(node.equation, codes: &codes, node: number, count: count)
        }
        write(number, block: start..<(start + count), codes: codes[number], noise: scratch.noise)
      }
    }
  }

  /// The columns of a table, in an order of names.
  func columns(order: [String]) -> [Table.Column] {
    order.compactMap { name in
      guard let number = model.visibleNode(named: name) else { return nil }
      if case .categorical(_, _, let sorted) = model.nodes[number].output {
        return Table.Column(name: name, cells: .categorical(codes: categories[number], categories: sorted))
      }
      return Table.Column(name: name, cells: .numeric(numbers[number]))
    }
  }

  /// Writes one node's cells of a block.
  private mutating func write(_ node: Int, block: Range<Int>, codes: [UInt8], noise: [UInt64]) {
    let forced = setting[node]
    switch model.nodes[node].output {
    case .hidden: break
    case .categorical(_, let mapped, _):
      categories[node].withUnsafeMutableBufferPointer { cells in
        for (row, cell) in block.enumerated() { cells[cell] = mapped[Int(codes[row])] }
      }
    case .numeric(let values):
      numbers[node].withUnsafeMutableBufferPointer { cells in
        for (row, cell) in block.enumerated() { cells[cell] = values[Int(codes[row])] }
      }
    case .banded(let bands):
      numbers[node].withUnsafeMutableBufferPointer { cells in
        for (row, cell) in block.enumerated() {
          cells[cell] = forced?.value ?? bands[Int(codes[row])].value(noise[row])
        }
      }
    case .uniform(let edges):
      numbers[node].withUnsafeMutableBufferPointer { cells in
        for (row, cell) in block.enumerated() {
          let code = Int(codes[row])
          let width = UInt64(edges[code + 1] - edges[code])
          cells[cell] = forced?.value ?? Double(edges[code] + Int(CensusNoise.lower(noise[row], below: width)))
        }
      }
    }
  }
}

extension CensusModel.Band {
  /// The number whose interval of cumulative weight holds the lower half of a noise.
  fileprivate func value(_ noise: UInt64) -> Double {
    guard values.count > 1, let total = cumulative.last else { return values[0] }
    let draw = CensusNoise.lower(noise, below: total)
    var low = 0
    var high = cumulative.count - 1
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] <= draw { low = middle + 1 } else { high = middle }
    }
    return values[low]
  }
}
