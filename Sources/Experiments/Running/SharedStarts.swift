import AdversarialGame
import FairnessEvaluation
import OrderedJSON
import RunRecords
import RunStore
import Synchronization

/// What runs of one process have in common before their games: the classifier's training for the label alone, and how
/// that classifier is evaluated.
///
/// λ has no part in it, so that a sweep over λ trains a classifier once for each seed. The first run that gets there
/// leaves it to the others, and nobody waits for another. The results are those that every run would have alone.
final class SharedStarts: Sendable {
  /// A training after its first phase.
  struct Start: Sendable {
    var state: GameState
    /// The records of its epochs.
    var epochs: [EpochRecord]
  }

  /// What the runs of one kind leave to one another.
  final class Entry: Sendable {
    private let kept = Mutex<Start?>(nil)
    private let evaluations = Mutex<[(state: RunEvaluator.State, split: Int, report: EvaluationReport)]>([])

    /// Where the training may begin.
    var start: Start? { kept.withLock { $0 } }

    func keep(_ start: Start) { kept.withLock { $0 = $0 ?? start } }

    /// How the classifier before the game does on a split: as it was found before, where it is the same to the bit.
    func report(
      on split: Int, of state: RunEvaluator.State, _ make: () throws -> EvaluationReport
    ) rethrows -> EvaluationReport {
      let found = evaluations.withLock { evaluations in
        evaluations.first { $0.split == split && $0.state.name == state.name && $0.state.scores == state.scores }
      }
      if let found { return found.report }
      let report = try make()
      evaluations.withLock { $0.append((state, split, report)) }
      return report
    }
  }

  private let entries: Mutex<RecentValues<Entry>>

  /// - Parameter jobs: How many runs go on at the same time.
  init(jobs: Int) {
    entries = Mutex(RecentValues(capacity: jobs + 2))
  }

  /// What a run shares with those that differ from it in λ alone.
  ///
  /// - Parameter sources: The rows, as `environment.json` lists them.
  func entry(of configuration: ExperimentConfiguration, sources: [EnvironmentRecord.Source]) -> Entry {
    let key = RunIdentity(configuration: Self.common(of: configuration), sources: sources).run
    return entries.withLock { $0.value(of: key, orElse: Entry()) }
  }

  /// What the runs have in common that differ in λ alone.
  static func common(of configuration: ExperimentConfiguration) -> JSON {
    var common = configuration
    common.adversary.lambda = .byAttribute([])
    return common.json
  }
}
