/// How rows that do not fit into memory are put into a random order: a few blocks of them at a time.
///
/// The rows lie in blocks of `blockRows` consecutive ones, N in all. For each pass the blocks are put into a random
/// order and taken B (= `blocks`) at a time; the rows of these B blocks, the *window*, are shuffled together, and the
/// windows are visited one after the other. Every row is visited once a pass, and within a window every order is
/// equally likely.
///
/// **How random that is.** The place of a row in the pass is uniform but for the remainders of the last block and the
/// last window. What differs from a full shuffle is the company a row keeps: two rows of one block are always visited
/// less than B · `blockRows` places apart, and a batch draws from B blocks instead of all N. The worst case is a file
/// sorted by the label, in which each block is of one class: with p the share of positive rows, the share in a window
/// has mean p and standard deviation `√(p(1 − p)/B · (N − B)/(N − 1))`, and that in a batch of m rows
/// `√(p(1 − p)·(1/m + 1/B))` at most. So B well above the rows of a batch makes the window invisible beside the noise of
/// the batch; with B ≥ N there is one window and the shuffle is a full one.
public struct ShuffleWindow: Sendable, Hashable {
  /// The rows of a block.
  public let blockRows: Int

  /// The blocks of a window, B.
  public let blocks: Int

  /// - Precondition: Both are at least 1.
  public init(blockRows: Int, blocks: Int) {
    precondition(blockRows > 0 && blocks > 0, "ShuffleWindow: \(blocks) blocks of \(blockRows) rows")
    self.blockRows = blockRows
    self.blocks = blocks
  }
}
