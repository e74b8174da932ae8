import AdversarialGame
import FairnessMetrics
import RunRecords

extension GradientRecord {
  /// The record of an epoch's diagnostics.
  ///
  /// - Parameter attributes: The names of the sensitive attributes, in the order of the data.
  init(_ diagnostics: GradientDiagnostics, attributes: [String]) {
    let parts = zip(attributes, zip(diagnostics.adversaryLosses, diagnostics.entropies)).map { name, values in
      Attribute(
        name, adversaryLoss: values.0,
        entropy: values.1.map { .defined($0) } ?? .undefined(ContinuousEvaluation.noGroups))
    }
    self.init(
      angle: diagnostics.angle.map { .defined($0) } ?? .undefined("a gradient was 0 in every step"),
      removedShare: diagnostics.removedShare.map { .defined($0) } ?? .undefined("nothing is projected"),
      attributes: parts)
  }
}
