/// Memory for the values of one program: handed out once, aligned to a cache line, freed all together.
final class Memory {
  private static let alignment = 64
  private static let blockSize = 1 << 20
  /// Left free behind each piece of some size. Matrices of a power of two of bytes would all start at the same place of
  /// a page, and a processor takes a load for dependent on an earlier store when the last twelve bits of their addresses
  /// agree.
  private static let gap = 192

  private var blocks: [UnsafeMutableRawPointer] = []
  private var next: UnsafeMutableRawPointer?
  private var available = 0

  /// Zeroed memory of a size in bytes.
  func allocate(bytes: Int) -> UnsafeMutableRawPointer {
    let rounded =
      max(1, (bytes + Self.alignment - 1) / Self.alignment) * Self.alignment + (bytes >= 1024 ? Self.gap : 0)
    if rounded > available {
      let size = max(rounded, Self.blockSize)
      let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Self.alignment)
      block.initializeMemory(as: UInt8.self, repeating: 0, count: size)
      blocks.append(block)
      next = block
      available = size
    }
    guard let start = next else { preconditionFailure("Memory: no block") }
    next = start + rounded
    available -= rounded
    return start
  }

  deinit {
    for block in blocks { block.deallocate() }
  }
}
