import AdversarialGame
import Mitigation
import RunRecords

/// All that a run needs to go on from the end of an epoch.
struct RunCheckpoint: Sendable, Codable {
  var game: GameState
  var steering: SteeringState

  /// The bytes of `epochs.jsonl` at that time; what came after is written again.
  var epochsLength: Int

  /// How many of the steering's incidents stand in the records.
  var toldIncidents: Int

  /// The stages of the training so far, that under way last, with their seconds.
  var stages: [Stage]

  struct Stage: Sendable, Codable {
    var name: String
    var seconds: Double
  }
}

/// The state of whoever steers a run's game.
enum SteeringState: Sendable, Codable {
  case scheduled(ScheduledGame.State)
  case targeted(TargetedGame.State)
}

/// Decides when a run's state is kept, and keeps it.
final class RunCheckpoints {
  /// The time between two checkpoints where the configuration leaves it open.
  private static let interval = Duration.seconds(2)

  /// How many times as long as the last checkpoint took is trained before the next: at most a fiftieth goes for them.
  private static let costFactor = 50

  private let folder: CheckpointFolder
  private let run: String
  private let everyEpochs: Int?
  private var last = ContinuousClock.now
  private var cost = Duration.zero

  /// - Parameters:
  ///   - run: By what the run is known.
  ///   - everyEpochs: 0 for never; nil for about every two seconds.
  init(_ folder: CheckpointFolder, of run: String, everyEpochs: Int?) {
    self.folder = folder
    self.run = run
    self.everyEpochs = everyEpochs
  }

  /// Whether states are kept at all.
  var isOn: Bool { everyEpochs != 0 }

  /// Whether the state after an epoch is kept, by its number over all stages.
  func isDue(_ number: Int) -> Bool {
    if let everyEpochs { return everyEpochs > 0 && number % everyEpochs == 0 }
    return ContinuousClock.now - last >= max(Self.interval, cost * Self.costFactor)
  }

  func write(_ checkpoint: RunCheckpoint, epochs: Int) throws(RecordError) {
    let start = ContinuousClock.now
    try folder.write(checkpoint, epochs: epochs, of: run)
    last = .now
    cost = last - start
  }

  /// The newest state to which the training and the records can be brought, and why newer ones cannot be used.
  ///
  /// - Parameter length: The bytes of `epochs.jsonl`.
  func newest(
    of trainer: GameTrainer, _ steering: any WatchedGame, length: Int
  ) -> (state: RunCheckpoint?, refused: [RecordError]) {
    folder.newest(RunCheckpoint.self, of: run) { checkpoint in
      guard checkpoint.epochsLength <= length, checkpoint.epochsLength >= 0 else {
        return "is ahead of epochs.jsonl, which holds \(length) of \(checkpoint.epochsLength) bytes."
      }
      do {
        try steering.resume(checkpoint.steering, of: trainer)
        try trainer.resume(checkpoint.game, addedPasses: steering.addedPasses)
        return nil
      } catch {
        return "cannot be used: \(error)"
      }
    }
  }
}
