import MetricExpressions
import OrderedJSON
import Wording

extension ConstraintsConfiguration {
  /// What a configuration says beside these constraints without effect.
  ///
  /// Keys of other methods are no error, so that a configuration can be run with one method after the other, and a run's
  /// own, which spells out every key, again.
  ///
  /// - Parameter tree: The whole configuration as it was written.
  func notices(_ tree: JSONNode) -> [String] {
    let unused = unusedKeys.filter { key in
      key.split(separator: ".").reduce(tree as JSONNode?) { $0?[String($1)] } != nil
    }
    let keys =
      unused.isEmpty
      ? []
      : [
        "constraints.method \(method.rawValue) does not use \(Excerpt.sentence(quoted: unused.map { "'\($0)'" })): what "
          + "the configuration says there has no effect."
      ]
    return keys + MetricCondition.idle(among: require)
  }

  private var unusedKeys: [String] {
    switch method {
    case .layer: ["classifier", "adversary", "training"]
    case .rates: ["adversary", "training"]
    case .game: ["lambda", "lambdaSchedule", "lambdaInAdversaryLoss", "reduction"].map { "adversary.\($0)" }
    }
  }
}
