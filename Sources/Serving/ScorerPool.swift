import LinearAlgebra
import ModelFiles
import Synchronization
import TabularData

/// Scores the rows of requests on whatever thread they are worked on, as many at a time as there are threads.
///
/// To make a scorer ready costs more than a request; one that is done with its rows is kept for the next. A row's score
/// does not depend on which of them it gets.
final class ScorerPool: Sendable {
  /// A scorer that is nobody's, or its taker's alone.
  private struct Idle: @unchecked Sendable {
    let scorer: PlannedScorer
  }

  private let model: SavedModel
  /// The sensitive attributes that the decision reads.
  private let readers: [SensitiveCoder]
  private let idle = Mutex<[Idle]>([])

  init(_ model: SavedModel) {
    self.model = model
    readers = model.readAttributes
  }

  /// The scores of some rows, as `SavedModel.scores` gives them.
  ///
  /// - Parameters:
  ///   - features: Row after row.
  ///   - read: The codes of each column that the decision reads, in the order of the model.
  func scores(_ features: [Float], rows: Int, read: [[Int32]]) -> [Float] {
    let taken = idle.withLock { $0.popLast() } ?? Idle(scorer: PlannedScorer(model))
    defer { idle.withLock { $0.append(taken) } }
    let sensitive = zip(readers, read).map { coder, codes in
      SensitiveColumn(name: coder.column, groups: coder.groups, privileged: coder.privileged, codes: codes)
    }
    return taken.scorer.scores(
      Matrix(rows: rows, columns: model.encoder.featureCount, values: features), sensitive: sensitive)
  }
}
