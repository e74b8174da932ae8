import FairnessEvaluation
import FairnessMetrics
import MetricExpressions
import OrderedJSON
import TabularData
import Wording

extension ConfigurationCodec<MetricName> {
  /// The name of a metric; `fpr`, `false_positive_rate` and `falsePositiveRate` are one.
  static var metric: Self {
    let text = ConfigurationCodec<String>.text(.notEmpty)
    return Self(
      shape: text.shape,
      read: { node, path in
        let name = try text.read(node, path)
        guard let metric = MetricName(name) else {
          let nearest = NearestName.find(name, among: MetricName.suggestions).map { " Did you mean '\($0)'?" }
          throw path.failure(at: node.place, "names no metric: \(excerpt(.string(name))).\(nearest ?? "")")
        }
        return metric
      },
      write: { .string($0.key) })
  }
}

extension ConfigurationCodec<EvaluationSpecification.GateDeclaration> {
  /// A condition on metrics.
  static func gate(failsIfMet: Bool) -> Self {
    let text = ConfigurationCodec<String>.text(.notEmpty)
    return Self(
      shape: text.shape,
      read: { node, path in
        let condition = try text.read(node, path)
        do throws(EvaluationError) {
          return try Value(condition, failsIfMet: failsIfMet)
        } catch {
          throw ConfigurationError(
            at: node.place, keyPath: path.keys.joined(separator: "."), "\(path): \(error.message)",
            detail: error.detail)
        }
      },
      write: { .string($0.text) })
  }
}

extension ConfigurationCodec<ModelComparison.Condition> {
  /// `"fpr"`, `"selection"`, or `{"cost": [1, 5]}`.
  static var comparison: Self {
    .anyOf([
      Alternative(
        codec: ConfigurationCodec<EqualRate>.choice.map(\.condition, EqualRate.init), sample: .falsePositiveRate,
        isMeant: { $0["cost"] == nil }, holds: { if case .cost = $0 { false } else { true } }),
      .keyed(
        "cost", ErrorCosts.section.codec.map(\.condition, ErrorCosts.init),
        sample: .cost(falsePositive: 1, falseNegative: 5), holds: { if case .cost = $0 { true } else { false } }),
    ])
  }
}

/// The rates in which models are made equal.
private enum EqualRate: String, CaseIterable, Sendable {
  case fpr, selection

  init(_ condition: ModelComparison.Condition) {
    if case .selectionRate = condition { self = .selection } else { self = .fpr }
  }

  var condition: ModelComparison.Condition {
    switch self {
    case .fpr: .falsePositiveRate
    case .selection: .selectionRate
    }
  }
}

/// The costs of a false positive and of a false negative.
private struct ErrorCosts: Sendable, Hashable {
  var costs: [Double]

  init(_ condition: ModelComparison.Condition) {
    if case .cost(let positive, let negative) = condition { costs = [positive, negative] } else { costs = [1, 1] }
  }

  var condition: ModelComparison.Condition { .cost(falsePositive: costs[0], falseNegative: costs[1]) }

  static let section = ConfigurationSection<ErrorCosts>(
    defaults: ErrorCosts(.cost(falsePositive: 1, falseNegative: 1)),
    fields: [
      ConfigurationField(
        "cost", \.costs,
        ConfigurationCodec<[Double]>.list(.number(.atLeast(0)), minimum: 2, maximum: 2).refusing {
          $0[0] + $0[1] > 0 ? nil : "should not be 0 twice."
        }, required: true, "The costs of a false positive and of a false negative.")
    ])
}
