/// A step of mitigation as a list names it: something done to the rows before training, the way of training, or
/// something done to the scores after it.
public enum MitigationStep: Sendable, Hashable {
  /// When a step happens.
  public enum Stage: Int, Sendable, Hashable, Comparable, CaseIterable {
    case beforeTraining
    case training
    case afterTraining

    public static func < (a: Stage, b: Stage) -> Bool { a.rawValue < b.rawValue }
  }

  case reweighing(Reweighing)
  case ruleWeights(RuleWeights)
  case resampling(Resampling)
  /// The correlation remover with its share alpha, for some attributes; nil for all.
  case correlationRemover(alpha: Double, attributes: [String]?)

  /// The game with an adversary.
  case adversary
  case penalties([PenalizedTraining.Term], attributes: [String]?)
  case exponentiatedGradient(ExponentiatedGradient, RateParity, atMost: Double, attributes: [String]?)
  case gridSearch(ReductionGridSearch, RateParity, atMost: Double, attributes: [String]?)

  case thresholds(ThresholdOptimizer)
  case rejectOption(RejectOption)

  /// The name in a configuration.
  public var name: String {
    switch self {
    case .reweighing: "reweighing"
    case .ruleWeights: "ruleWeights"
    case .resampling: "resampling"
    case .correlationRemover: "correlationRemover"
    case .adversary: "adversary"
    case .penalties: "penalties"
    case .exponentiatedGradient: "exponentiatedGradient"
    case .gridSearch: "gridSearch"
    case .thresholds: "thresholds"
    case .rejectOption: "rejectOption"
    }
  }

  /// When it happens.
  public var stage: Stage {
    switch self {
    case .reweighing, .ruleWeights, .resampling, .correlationRemover: .beforeTraining
    case .adversary, .penalties, .exponentiatedGradient, .gridSearch: .training
    case .thresholds, .rejectOption: .afterTraining
    }
  }
}

/// What keeps steps from being done together.
public enum MitigationPlanError: Error, Sendable, Hashable, CustomStringConvertible {
  /// More than one way of training.
  case severalTrainings(String, String)

  /// A step after one that belongs later.
  case order(String, after: String)

  /// More than one step that decides.
  case severalDecisions(String, String)

  /// Two steps that undo or double each other.
  case conflict(String, String, reason: String)

  public var description: String {
    switch self {
    case .severalTrainings(let first, let second):
      "'\(first)' and '\(second)' are both ways of training, of which there is one. Keep one of them."
    case .order(let step, let other):
      "'\(step)' stands after '\(other)', but is done before it. List the steps in the order in which they are done."
    case .severalDecisions(let first, let second):
      "'\(first)' and '\(second)' both decide, and only the last would count. Keep one of them."
    case .conflict(let first, let second, let reason):
      "'\(first)' and '\(second)' do not go together: \(reason) Keep one of them."
    }
  }
}
