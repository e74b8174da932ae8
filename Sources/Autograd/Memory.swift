/// Memory for the values of one program: handed out once, aligned to a cache line, freed all together.
final class Memory {
  private static let alignment = 64
  private static let blockSize = 1 << 20

  private var blocks: [UnsafeMutableRawPointer] = []
  private var next: UnsafeMutableRawPointer?
  private var available = 0

  /// Zeroed memory of a size in bytes.
  func allocate(bytes: Int) -> UnsafeMutableRawPointer {
    let rounded = max(1, (bytes + Self.alignment - 1) / Self.alignment) * Self.alignment
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
