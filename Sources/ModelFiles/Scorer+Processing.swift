import Mitigation
import TabularData

extension Scorer {
  /// Whether something happens before or after the networks.
  var isProcessed: Bool { processing != nil }

  /// What happens before and after the networks; nil for nothing.
  public var processing: ScoreProcessing? {
    if case .processed(_, let processing) = self { processing } else { nil }
  }

  /// The networks' part.
  public var unprocessed: Scorer {
    if case .processed(let scorer, _) = self { scorer } else { self }
  }
}

extension SavedModel {
  /// What is wrong with a processing, in words: whatever passes scores any rows of the model's columns.
  static func fault(in processing: ScoreProcessing, features: Int, _ sensitive: [SensitiveCoder]) -> String? {
    if processing.isEmpty { return "there is nothing to do" }
    for remover in processing.removers {
      if let fault = fault(in: remover, features: features, sensitive) { return fault }
    }
    guard let decision = processing.decision else { return nil }
    if !(decision.threshold > 0 && decision.threshold <= 1) {
      return "the threshold \(decision.threshold) is not above 0 and at most 1"
    }
    let thresholds = decision.thresholds
    if thresholds.attributes.isEmpty { return "the thresholds name no column" }
    if Set(thresholds.attributes).count != thresholds.attributes.count { return "the thresholds name a column twice" }
    if let name = thresholds.attributes.first(where: { name in !sensitive.contains { $0.column == name } }) {
      return "the thresholds read the column '\(name)', which is no sensitive attribute"
    }
    if Set(thresholds.groups.map(\.values)).count != thresholds.groups.count { return "a group has thresholds twice" }
    for group in thresholds.groups {
      let sum = group.members.reduce(0) { $0 + $1.probability }
      if group.values.count != thresholds.attributes.count || group.members.isEmpty
        || !group.members.allSatisfy({ $0.probability >= 0 }) || !(abs(sum - 1) < 1e-6)
      {
        return "the thresholds of \(group.values) have probabilities that sum to \(sum)"
      }
      if group.members.contains(where: { !$0.cut.isFinite }) { return "a threshold of \(group.values) is not finite" }
    }
    return thresholds.fallback.isFinite ? nil : "the fallback is not finite"
  }

  private static func fault(
    in remover: CorrelationRemover, features: Int, _ sensitive: [SensitiveCoder]
  ) -> String? {
    for attribute in remover.attributes {
      guard sensitive.contains(where: { $0.column == attribute.name && $0.groups == attribute.groups }) else {
        return "the column '\(attribute.name)' is no sensitive attribute with the remover's groups"
      }
    }
    if Set(remover.attributes.map(\.name)).count != remover.attributes.count { return "a remover reads a column twice" }
    let indicators = remover.attributes.reduce(0) { $0 + max(0, $1.groups.count - 1) }
    if remover.means.count != indicators || remover.coefficients.count != indicators {
      return "a remover has \(remover.coefficients.count) rows of coefficients for \(indicators) indicators"
    }
    if remover.coefficients.contains(where: { $0.count != features || !$0.allSatisfy(\.isFinite) })
      || !remover.means.allSatisfy(\.isFinite) || !(0...1).contains(remover.alpha)
    {
      return "a remover's numbers are not those of \(features) features"
    }
    return nil
  }
}

extension GroupThresholds.Cut {
  fileprivate var isFinite: Bool {
    if case .from(let threshold) = self { threshold.isFinite } else { true }
  }
}
