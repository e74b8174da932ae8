import CKernels
import LinearAlgebra

/// The random bits of dropout: sixteen generators side by side, the same for every instruction set.
///
/// A program that holds a dropout operation advances its source at every run. Not for use by two threads at once.
public final class NoiseSource {
  let pointer: UnsafeMutablePointer<eq_noise>

  /// Creates a source whose generators are seeded from a stream.
  public init(_ stream: RandomStream) {
    var stream = stream
    pointer = .allocate(capacity: 1)
    pointer.initialize(to: eq_noise())
    state = (0..<64).map { _ in UInt32(truncatingIfNeeded: stream.next() >> 32) }
  }

  deinit {
    pointer.deallocate()
  }

  /// Passes over random bits, so that what is drawn next is what would be drawn after so many draws.
  package func skip(_ draws: Int) {
    Precision.single.kernels.pointee.skip_noise(draws, pointer)
  }

  /// How often some work draws from this source, which is left as it was.
  package func draws(in work: () -> Void) -> Int {
    let start = state
    work()
    let end = state
    state = start
    var count = 0
    while state != end {
      skip(1)
      count += 1
    }
    state = start
    return count
  }

  /// The state of all generators, 64 words: what a checkpoint keeps.
  ///
  /// - Precondition: New states have 64 words.
  public var state: [UInt32] {
    get {
      withUnsafeBytes(of: &pointer.pointee.words) { Array($0.bindMemory(to: UInt32.self)) }
    }
    set {
      precondition(newValue.count == 64, "NoiseSource: a state has 64 words, not \(newValue.count)")
      withUnsafeMutableBytes(of: &pointer.pointee.words) { words in
        newValue.withUnsafeBytes { words.copyMemory(from: $0) }
      }
    }
  }
}
