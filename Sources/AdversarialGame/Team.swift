/// The processes that carry out one training together, each with a share of the rows of every batch: its *ranks*.
///
/// All ranks call the same functions in the same order; a call returns on a rank when the others have given what it
/// needs. A rank that is lost ends the whole team: whoever started it starts it again, and the training goes on from its
/// last checkpoint.
public protocol Team: AnyObject, Sendable {
  /// The number of this process, in `0..<size`. Rank 0 reports and writes.
  var rank: Int { get }

  /// The number of processes, at least 1.
  var size: Int { get }

  /// Brings a piece of memory together, of which each rank has one part.
  ///
  /// - Parameters:
  ///   - memory: The whole piece, of the same length on all ranks.
  ///   - parts: Where the bytes of each rank lie, for all ranks in order; a part may be empty.
  func gather(_ memory: UnsafeMutableRawPointer, parts: [Range<Int>])

  /// Gives all ranks the bytes of rank 0.
  func broadcast(_ memory: UnsafeMutableRawBufferPointer)
}

/// Another rank of the team has ended the training, and has said why.
public struct TeamEnded: Error, Sendable, Equatable {
  public init() {}
}

extension Team {
  /// Brings numbers together, of which each rank has those of its range; the ranges follow one another.
  func gather<Value>(_ values: UnsafeMutablePointer<Value>, ranges: [Range<Int>]) {
    let stride = MemoryLayout<Value>.stride
    gather(values, parts: ranges.map { $0.lowerBound * stride..<$0.upperBound * stride })
  }

  /// Gives all ranks the number of rank 0.
  public func shared(_ number: Int) -> Int {
    var number = number
    withUnsafeMutableBytes(of: &number) { broadcast($0) }
    return number
  }

  /// Gives all ranks the bytes of rank 0.
  public func shared(_ bytes: [UInt8]) -> [UInt8] {
    let count = shared(bytes.count)
    var all = rank == 0 ? bytes : [UInt8](repeating: 0, count: count)
    all.withUnsafeMutableBytes { if !$0.isEmpty { broadcast($0) } }
    return all
  }

  /// The first rank that is not ready; nil where all are. Every rank says whether it is.
  public func firstUnready(_ isReady: Bool) -> Int? {
    var states = [UInt8](repeating: 0, count: size)
    states[rank] = isReady ? 1 : 0
    states.withUnsafeMutableBufferPointer { states in
      if let start = states.baseAddress { gather(start, ranges: (0..<size).map { $0..<$0 + 1 }) }
    }
    return states.firstIndex(of: 0)
  }

  /// Does on every rank what may fail on one.
  ///
  /// - Throws: What `body` throws, on the first rank on which it does; `TeamEnded` on the others, so that what is wrong
  ///   everywhere is told once.
  public func together<Value>(_ body: () throws -> Value) throws -> Value {
    let result = Result { try body() }
    let succeeded = if case .success = result { true } else { false }
    if let first = firstUnready(succeeded), first != rank { throw TeamEnded() }
    return try result.get()
  }

  /// Does on rank 0 what only one process may do, and tells the others what it came to.
  ///
  /// - Throws: What `body` throws on rank 0; `TeamEnded` on the others.
  public func decided(_ body: () throws -> Bool) throws -> Bool {
    guard rank == 0 else {
      let answer = shared(0)
      if answer < 0 { throw TeamEnded() }
      return answer == 1
    }
    do {
      let answer = try body()
      return shared(answer ? 1 : 0) == 1
    } catch {
      _ = shared(-1)
      throw error
    }
  }

  /// The share of each rank in `count` things that lie one after the other, in pieces of `size`.
  func shares(of count: Int, inPiecesOf piece: Int) -> [Range<Int>] {
    let pieces = (count + piece - 1) / piece
    return (0..<size).map { rank in
      min(count, pieces * rank / size * piece)..<min(count, pieces * (rank + 1) / size * piece)
    }
  }
}
