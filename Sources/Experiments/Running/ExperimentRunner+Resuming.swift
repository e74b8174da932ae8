import AdversarialGame
import RunRecords

extension ExperimentRunner {
  /// Brings the training and the folder of an interrupted run to where its newest usable checkpoint was, or back to the
  /// beginning, where there is none.
  ///
  /// The stages without checkpoints, layer and rates, are trained again from their beginning: they follow from seed,
  /// configuration and rows, so that nothing differs but the time.
  ///
  /// - Parameters:
  ///   - method: The training; made anew where a state that cannot be used has been tried on it.
  ///   - environment: That of this process; replaced by the one with which the run began.
  /// - Returns: The state from which the training goes on.
  func goOn(
    in folder: RunFolder, _ checkpoints: RunCheckpoints, _ method: inout TrainingMethod,
    _ prepareTraining: () throws -> TrainingMethod, _ environment: inout EnvironmentRecord, _ onEvent: (Event) -> Void
  ) throws -> RunCheckpoint? {
    var newest: (state: RunCheckpoint?, refused: [RecordError]) = (nil, [])
    let length = FileAccess.length(of: folder.file("epochs.jsonl"))
    switch method {
    case .game(let trainer, _, let schedules):
      newest = checkpoints.newest(of: trainer, schedules, length: length)
    case .target(let trainer, _, let game):
      newest = checkpoints.newest(of: trainer, game.steering, length: length)
    case .layer, .rates, .mitigation: break
    }
    for error in newest.refused { onEvent(.notice("\(error) The one before it is used, if there is one.")) }
    if newest.state == nil && !newest.refused.isEmpty { method = try prepareTraining() }
    try folder.prepareToGoOn(keepingEpochs: newest.state?.epochsLength ?? 0)
    if let earlier = try? folder.environment() {
      for reason in RunVerifier.reasons(earlier, environment) { onEvent(.notice("The run began elsewhere. \(reason)")) }
      environment = earlier
    }
    let phase = newest.state.map { "after epoch \($0.game.epoch) of phase '\($0.game.phase.rawValue)'" }
    onEvent(.notice("Goes on with \(folder.path), \(phase ?? "from its beginning")."))
    return newest.state
  }

  /// The error under which the run's folder stays; nil where the run could not go on from it.
  ///
  /// An interruption and a full disk pass; what the data and the configuration lead to would come again.
  static func canGoOn(from error: any Error, in folder: RunFolder) -> (any Error)? {
    guard !folder.checkpoints.files.isEmpty else { return nil }
    switch error {
    case is RunInterrupted: return RunInterrupted(folder: folder.path)
    case let error as RecordError where error.kind == .inputOutput || error.kind == .cannotCreate:
      return RecordError(
        error.kind, at: error.place, "\(error.message) The run can go on from its last checkpoint with --resume.")
    default: return nil
    }
  }
}
