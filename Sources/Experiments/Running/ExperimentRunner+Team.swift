import AdversarialGame
import RunRecords
import Synchronization
import TabularData

/// Where the ranks of a team meet before their training, and learn from where it goes on.
final class TeamStart: Sendable {
  private let team: any Team
  private let isPassed = Mutex(false)

  init(_ team: any Team) { self.team = team }

  /// Waits until all ranks are ready, and gives those that help the state from which the training goes on.
  ///
  /// - Throws: `TeamEnded` where another rank could not get ready.
  func pass(_ start: RunCheckpoint?) throws {
    try meet(isReady: true)
    _ = team.shared(try start.map { try StateEncoder.bytes(of: $0) } ?? [])
  }

  /// Tells the others that this rank could not get ready, if they have not met yet.
  func fail() { try? meet(isReady: false) }

  private func meet(isReady: Bool) throws {
    let wasPassed = isPassed.withLock { isPassed in
      defer { isPassed = true }
      return isPassed
    }
    guard !wasPassed else { return }
    if team.firstUnready(isReady) != nil { throw TeamEnded() }
  }
}

extension ExperimentRunner {
  /// Does the share of a rank that neither writes nor reports.
  ///
  /// - Throws: What keeps this rank from its share; `TeamEnded` where another one ended the training.
  func help(_ team: any Team, _ onEvent: (Event) -> Void) throws {
    var clock = StageClock()
    let seed = UInt64(configuration.seed)
    let method = try team.together {
      let rows = try prepareRows(seed: seed, onEvent, &clock)
      let splits = TabularData.SplitName.allCases.compactMap { name in rows.data[name].map { (name.rawValue, $0) } }
      guard rows.data[.train] != nil else { throw TeamEnded() }
      let mitigation = try mitigatedRun(rows, splits: splits, seed: seed)
      return try prepare(mitigation, splits: splits, window: rows.window, seed: seed)
    }
    let bytes = team.shared([])
    let start = bytes.isEmpty ? nil : try StateDecoder.value(RunCheckpoint.self, from: bytes[...])
    do {
      switch method {
      case .game(let trainer, _, let schedules): try help(trainer, schedules, start)
      case .target(let trainer, _, let game): try help(trainer, game.steering, start)
      case .layer, .rates, .mitigation: break
      }
    } catch {
      // What goes wrong in the training does so on every rank, and the first tells it.
      throw TeamEnded()
    }
  }

  /// Meets the other ranks, where there are any.
  func passTeamStart(_ start: RunCheckpoint?) throws { try teamStart?.pass(start) }

  private func help(_ trainer: GameTrainer, _ steering: any WatchedGame, _ start: RunCheckpoint?) throws {
    if let start {
      try steering.resume(start.steering, of: trainer)
      try trainer.resume(start.game, addedPasses: steering.addedPasses)
    }
    _ = try trainer.train(steering: steering)
  }
}
