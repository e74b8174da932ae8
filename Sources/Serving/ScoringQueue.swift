import LinearAlgebra
import ModelFiles
import Synchronization
import TabularData

/// Rows that are ready to be scored.
struct EncodedRows: Sendable {
  /// The features, row after row.
  var features: [Float]

  /// The number of rows.
  var count: Int

  /// The codes of each column that the decision reads, in the order of the model.
  var read: [[Int32]]
}

/// Scores the rows of requests that arrive at the same time together.
///
/// A model scores rows in chunks, so that one row costs as much as a hundred. Whoever comes while nobody scores does so
/// at once; whoever comes meanwhile waits, and all that wait are scored together next. So nobody waits for others to
/// come, and the more requests there are, the less each of them costs. A row's score does not depend on its company.
final class ScoringQueue: Sendable {
  private typealias Waiting = (rows: EncodedRows, continuation: UnsafeContinuation<[Float], Never>)

  private struct State {
    var waiting: [Waiting] = []
    var isScoring = false
  }

  /// The most rows that are scored together; a request of more is scored alone.
  private static let mostRows = 4096

  private let model: SavedModel
  private let base: [Float]?
  private let state = Mutex(State())

  init(_ model: SavedModel) {
    self.model = model
    base = model.encoder.baseRow
  }

  /// The scores of some rows, as `SavedModel.scores` gives them.
  func scores(_ rows: EncodedRows) async -> [Float] {
    await withUnsafeContinuation { continuation in
      let leads = state.withLock { state in
        state.waiting.append((rows, continuation))
        if state.isScoring { return false }
        state.isScoring = true
        return true
      }
      if leads { scoreWaiting() }
    }
  }

  /// Scores those who wait, and lets another task go on with those who came meanwhile: who has its scores goes.
  private func scoreWaiting() {
    let batch = state.withLock { state -> [Waiting] in
      var count = 0
      var rows = 0
      for waiting in state.waiting {
        if count > 0 && rows + waiting.rows.count > Self.mostRows { break }
        count += 1
        rows += waiting.rows.count
      }
      let batch = Array(state.waiting.prefix(count))
      state.waiting.removeFirst(count)
      return batch
    }
    let scores = scores(of: batch.map(\.rows))
    let areMoreWaiting = state.withLock { state in
      state.isScoring = !state.waiting.isEmpty
      return state.isScoring
    }
    if areMoreWaiting { Task { self.scoreWaiting() } }
    var first = 0
    for waiting in batch {
      waiting.continuation.resume(returning: Array(scores[first..<first + waiting.rows.count]))
      first += waiting.rows.count
    }
  }

  private func scores(of batch: [EncodedRows]) -> [Float] {
    let count = batch.reduce(0) { $0 + $1.count }
    var features: [Float] = []
    features.reserveCapacity(count * model.encoder.featureCount)
    for rows in batch { features += rows.features }
    let readers = model.sensitive.filter { model.readColumns.contains($0.column) }
    let sensitive = readers.enumerated().map { index, coder in
      SensitiveColumn(
        name: coder.column, groups: coder.groups, privileged: coder.privileged,
        codes: batch.flatMap { $0.read[index] })
    }
    return model.scorer.scores(
      Matrix(rows: count, columns: model.encoder.featureCount, values: features), base: base, sensitive: sensitive)
  }
}
