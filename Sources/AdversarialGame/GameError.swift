/// What stops a training.
public enum GameError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A loss became NaN or infinite: before a step of an epoch, both counted from 1, or where `step` is nil over all
  /// training rows after the epoch.
  case lossNotFinite(player: String, phase: TrainingPhase, epoch: Int, step: Int?, value: String)

  /// The training rows do not fill a single mini-batch.
  case tooFewRows(rows: Int, batchSize: Int)

  /// A state that a training was to go on from is not one of it.
  case foreignState(String)

  public var description: String {
    switch self {
    case .lossNotFinite(let player, let phase, let epoch, let step, let value):
      """
      the \(player)'s loss is \(value) \(step.map { "at step \($0) of" } ?? "after") epoch \(epoch) in phase '\(phase.rawValue)'. \
      Lower the learning rate or λ, clip the gradient, or look for extreme values among features and row weights.
      """
    case .tooFewRows(let rows, let batchSize):
      """
      \(rows) training rows do not fill one mini-batch of \(batchSize), and the last incomplete one is dropped. \
      Lower 'training.batchSize', or set 'training.dropLast' to false.
      """
    case .foreignState(let fault): "the state is not one of this training: \(fault)."
    }
  }
}
